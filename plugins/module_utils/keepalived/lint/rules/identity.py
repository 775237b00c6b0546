# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual router ids: the same on all nodes of an instance, and different from those of other clusters."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from typing import Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ....basics.wording import differ
from ....lint.finding import Found, Rule, Severity
from ...config.matching import LogicalInstance, disagreements, logical_instances
from ...config.model import TAKES_ANY_LIST, ConfiguredInstance, ConfiguredNode

OFTEN_TAKEN = (1, 50, 51)
SAME_VRID_WITH_OTHER_PEERS_SINCE = (2, 2, 5)
USUAL_PREFIX = {4: 24, 6: 64}
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


def _different(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for disagreement in disagreements(nodes, lambda _node, instance: str(instance.vrid or "")):
        yield Found(
            disagreement.node.name,
            disagreement.instance.at("virtual_router_id"),
            f"{differ(disagreement.values, 'virtual_router_id')} in {disagreement.logical}",
            effect=f"they do not hear each other, and each is active for {disagreement.logical.what} at the same time",
            values=disagreement.values,
        )


def _shared_by_clusters(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    known = {node.name: node for node in nodes}
    same: Dict[Tuple[object, ...], List[LogicalInstance]] = defaultdict(list)
    for logical in logical_instances(nodes):
        first = logical.first
        if first.vrid is not None and first.peers is None:
            same[first.vrid, first.family, first.group_address].append(logical)
    for alike in same.values():
        networks = [_networks(each, known) for each in alike]
        for number, other in enumerate(alike):
            near = (one for one, those in zip(alike[:number], networks) if those & networks[number])
            stranger = next((one for one in near if not set(one.members) & set(other.members)), None)
            if stranger:
                yield _collision(stranger, other, known)


def _collision(one: LogicalInstance, other: LogicalInstance, known: Mapping[str, ConfiguredNode]) -> Found:
    here, there = next(iter(one.members)), next(iter(other.members))
    versions = [known[name].version for name in (*one.members, *other.members)]
    discards = all(version is not None and version < TAKES_ANY_LIST for version in versions)
    refused = _admission(one.first) != _admission(other.first)
    return Found(
        there,
        other.first.at("virtual_router_id"),
        f"{other} has the virtual_router_id {other.first.vrid} of {one} on {here}, on the same network",
        effect=f"each discards the other's adverts, and logs every one of them until {other.what} is moved"
        if discards or refused
        else f"whichever has the higher priority takes the VIPs of the other one down: {one.what} or {other.what}",
        severity=Severity.WARNING if discards or refused else None,
        values={here: str(one.first.vrid), there: str(other.first.vrid)},
    )


def _admission(instance: ConfiguredInstance) -> Tuple[object, ...]:
    """Return what two routers must share to accept each other's adverts."""
    return (instance.version, instance.auth_type, instance.auth_pass)


def _networks(logical: LogicalInstance, known: Mapping[str, ConfiguredNode]) -> FrozenSet[Network]:
    """Return the networks of the instance's interfaces; without facts, those that its VIPs suggest."""
    own: List[str] = []
    for name, instance in logical.members.items():
        interfaces = known[name].facts.get("interfaces", ())
        own += [ip for entry in interfaces if entry.get("name") == instance.interface for ip in entry["addresses"]]
    if not own:
        addresses = [
            address for instance in logical.members.values() for address in (*instance.addresses, *instance.excluded)
        ]
        own = [f"{address.ip}/{address.prefix}" if address.prefix else address.ip for address in addresses]
    return frozenset(network for network in map(_network, own) if network and not network.is_link_local)


def _network(text: str) -> Optional[Network]:
    try:
        found = ipaddress.ip_interface(text)
    except ValueError:
        return None
    single = found.network.prefixlen == found.max_prefixlen
    wider = ipaddress.ip_interface(f"{found.ip}/{USUAL_PREFIX[found.version]}")
    return wider.network if single else found.network


def _often_taken(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            if instance.vrid in OFTEN_TAKEN and instance.peers is None:
                yield Found(
                    node.name,
                    instance.at("virtual_router_id"),
                    f"{instance.name} has virtual_router_id {instance.vrid}, which samples have and many copy",
                )


def _twice(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        same: Dict[Tuple[object, ...], List[ConfiguredInstance]] = defaultdict(list)
        for other in node.instances:
            alike = same[other.vrid, other.interface, other.family]
            one = next((each for each in alike if _confused(each, other, node)), None)
            alike.append(other)
            if one and other.vrid is not None:
                yield Found(
                    node.name,
                    other.at("virtual_router_id"),
                    f"{other.name} has virtual_router_id {other.vrid} on {other.interface or 'its interface'},"
                    f" as {one.name} has at line {one.at('virtual_router_id').line}",
                )


def _confused(one: ConfiguredInstance, other: ConfiguredInstance, node: ConfiguredNode) -> bool:
    """Tell whether an advert could be for either instance."""
    if node.version is not None and node.version < SAME_VRID_WITH_OTHER_PEERS_SINCE:
        return True
    if one.peers is None or other.peers is None:
        return one.peers is other.peers
    return bool({peer.ip for peer in one.peers} & {peer.ip for peer in other.peers})


RULES = (
    Rule(
        id="KA101",
        severity=Severity.ERROR,
        title="the nodes of one instance have different virtual_router_ids",
        why="the nodes do not hear each other, and all of them are active",
        fix="give all of them the same virtual_router_id",
        evidence="RFC 9568 §7.1; measured",
        check=_different,
    ),
    Rule(
        id="KA102",
        severity=Severity.ERROR,
        title="two clusters on one network share a virtual_router_id",
        why="since keepalived 2.3.3, the one with the higher priority takes the VIPs of the other one down",
        fix="give one of them another virtual_router_id, on all its nodes at once",
        evidence="acassen/keepalived commit af103930; openshift/installer #2966; measured",
        check=_shared_by_clusters,
    ),
    Rule(
        id="KA103",
        severity=Severity.WARNING,
        title="a virtual_router_id that many others have",
        why="a second cluster that was copied from the same sample will take the VIPs down, or be taken down",
        fix="choose a virtual_router_id that nobody on this network has, or use unicast_peer",
        evidence="keepalived's sample configurations; openshift/installer #2966",
        check=_often_taken,
    ),
    Rule(
        id="KA104",
        severity=Severity.ERROR,
        title="two instances of one node have the same virtual_router_id",
        why="keepalived does not start one of them",
        fix="give one of them another virtual_router_id, on all nodes",
        evidence="keepalived, check_vrid_conflicts; measured",
        check=_twice,
    ),
)

# SPDX-License-Identifier: GPL-3.0-or-later
"""How adverts reach the other nodes: by one multicast group, or by lists of unicast peers that must match."""

from __future__ import annotations

from typing import FrozenSet, Iterator, Mapping, Optional, Sequence

from ....basics.wording import grouped, listed
from ....lint.finding import Found, Rule, Severity
from ...config.matching import Disagreement, LogicalInstance, disagreements, shared
from ...config.model import TAKES_ANY_LIST, ConfiguredInstance, ConfiguredNode
from ...config.routers import addresses_of, source_of
from .adverts import discarded_adverts


def _ways(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for disagreement in disagreements(nodes, lambda _node, instance: _way(instance)):
        yield Found(
            disagreement.node.name,
            disagreement.instance.at("unicast_peer", "mcast_dst_ip"),
            f"{_ways_of(disagreement)} in {disagreement.logical}",
            effect=discarded_adverts(disagreement),
            values=disagreement.values,
        )


def _ways_of(disagreement: Disagreement) -> str:
    groups = ((listed(names), len(names) > 1, disagreement.values[names[0]]) for names in grouped(disagreement.values))
    return " and ".join(f"{names} send{'' if several else 's'} adverts by {way}" for names, several, way in groups)


def _way(instance: ConfiguredInstance) -> str:
    return "unicast" if instance.peers is not None else f"multicast to {instance.group_address}"


def _peers(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical, among in shared(nodes):
        if any(member.peers is None for member in logical.members.values()):
            continue
        sources = {name: source_of(among[name], member) for name, member in logical.members.items()}
        for name, member in logical.members.items():
            peers = frozenset(peer.ip for peer in member.peers or ())
            yield from _unheard(logical, name, peers, sources)
            yield from _strangers(logical, name, peers - (addresses_of(among[name]) or frozenset()), sources)


def _unheard(
    logical: LogicalInstance, name: str, peers: FrozenSet[str], sources: Mapping[str, Optional[str]]
) -> Iterator[Found]:
    """Yield the members that are no unicast peer of `name`, if their addresses are known."""
    for other, source in sources.items():
        if other != name and source and source not in peers:
            yield Found(
                name,
                logical.members[name].at("unicast_peer"),
                f"{name} has {listed(sorted(peers))} in unicast_peer of {logical.name},"
                f" but not {source}, which is {other}",
                effect=f"{other} hears nothing from {name}, and both are active for {logical.what} at the same time",
                fix=f"add {source} to unicast_peer on {name}",
                values={name: ", ".join(sorted(peers)), other: source},
            )


def _strangers(
    logical: LogicalInstance, name: str, peers: FrozenSet[str], sources: Mapping[str, Optional[str]]
) -> Iterator[Found]:
    """Yield the peers of `name` that are no node; only if the addresses of all nodes are known."""
    if all(sources.values()):
        for peer in logical.members[name].peers or ():
            if peer.ip in peers and peer.ip not in sources.values():
                yield Found(
                    name,
                    peer.place,
                    f"{name} has the unicast_peer {peer.ip} in {logical.name}, which is the address of no node here",
                    effect=f"adverts to {peer.ip} go nowhere, and whoever has that address may send some",
                    fix="remove it, or lint that node together with the others",
                    severity=Severity.WARNING,
                )


def _own_peer(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            for peer in instance.peers or ():
                if peer.ip == source_of(node, instance) or peer.ip in (addresses_of(node) or ()):
                    yield Found(
                        node.name,
                        peer.place,
                        f"{instance.name} on {node.name} has the node's own address {peer.ip} in unicast_peer",
                    )


def _no_peer(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            faulty = node.setting("unicast_fault_no_peer") or instance.has("unicast_fault_no_peer")
            if instance.peers is None and instance.has("unicast_src_ip", "unicast_peer"):
                yield Found(
                    node.name,
                    instance.at("unicast_peer", "unicast_src_ip"),
                    f"{instance.name} on {node.name} has a keyword of unicast, and no unicast_peer",
                    effect=f"{instance.name} stays in FAULT, because of unicast_fault_no_peer"
                    if faulty
                    else f"{instance.name} sends its adverts by multicast to {instance.group_address}",
                )


def _foreign_source(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        here = addresses_of(node)
        for instance in node.instances if here is not None else ():
            if instance.source and instance.source not in (here or ()):
                yield Found(
                    node.name,
                    instance.at("unicast_src_ip", "mcast_src_ip"),
                    f"{instance.name} on {node.name} sends its adverts from {instance.source},"
                    " which is no address of this node",
                )


def _open(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            if instance.peers and not _checks_source(node, instance):
                yield Found(
                    node.name,
                    instance.at("unicast_peer"),
                    f"{instance.name} on {node.name} takes adverts from any address, because it has peers and no"
                    " check_unicast_src",
                )


def _checks_source(node: ConfiguredNode, instance: ConfiguredInstance) -> bool:
    """Tell whether keepalived checks the source of adverts: with check_unicast_src, or a TTL limit for any peer."""
    limited = any(peer.min_ttl is not None or peer.max_ttl is not None for peer in instance.peers or ())
    return limited or instance.has("check_unicast_src") or node.setting("vrrp_check_unicast_src") is not None


def _bypassed(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        affected = node.version is not None and node.version < TAKES_ANY_LIST
        for instance in node.instances if affected else ():
            skips = instance.directive.last("skip_check_adv_addr") or node.setting("vrrp_skip_check_adv_addr")
            if skips and instance.peers and _checks_source(node, instance):
                version = node.facts["keepalived_version"]
                yield Found(
                    node.name,
                    skips.place,
                    f"{instance.name} on {node.name} skips the check of addresses, and keepalived {version} then skips"
                    " that of the source too",
                )


RULES = (
    Rule(
        id="KA115",
        severity=Severity.ERROR,
        title="the nodes of one instance send their adverts in different ways",
        why="they do not hear each other, and all of them are active",
        fix="give unicast_peer to all of them or to none, and the same group address",
        evidence="keepalived.conf(5), unicast_peer; measured",
        check=_ways,
    ),
    Rule(
        id="KA116",
        severity=Severity.ERROR,
        title="the lists of unicast peers do not fit together",
        why="a node that hears nothing is active besides the other",
        fix="give each node the addresses of all others",
        evidence="keepalived.conf(5), unicast_peer; measured",
        check=_peers,
    ),
    Rule(
        id="KA117",
        severity=Severity.WARNING,
        title="a node is its own unicast peer",
        why="it logs every advert that it sends to itself",
        fix="remove the node's own address from unicast_peer",
        evidence="measured",
        check=_own_peer,
    ),
    Rule(
        id="KA118",
        severity=Severity.ERROR,
        title="unicast without a peer",
        why="the instance sends its adverts by multicast, and the other nodes do not listen to that",
        fix="add the addresses of the other nodes to unicast_peer, or remove the keywords of unicast",
        evidence="keepalived.conf(5), unicast_fault_no_peer",
        check=_no_peer,
    ),
    Rule(
        id="KA119",
        severity=Severity.ERROR,
        title="adverts are sent from an address that the node does not have",
        why="keepalived cannot send, and the other nodes are active as well",
        fix="make it an address of this node's interface: those of source and peer are often swapped",
        evidence="acassen/keepalived #2216",
        check=_foreign_source,
        needs=("interfaces",),
    ),
    Rule(
        id="KA120",
        severity=Severity.WARNING,
        title="unicast adverts are taken from anywhere",
        why="any host that can reach this node can make it a backup",
        fix="add check_unicast_src, or min_ttl 255 max_ttl 255 to each peer on the same network",
        evidence="keepalived.conf(5), check_unicast_src",
        check=_open,
    ),
    Rule(
        id="KA121",
        severity=Severity.WARNING,
        title="skip_check_adv_addr also skips the check of the source",
        why="any host that can reach this node can make it a backup",
        fix="remove skip_check_adv_addr, or use keepalived 2.3.3 or later",
        evidence="acassen/keepalived commit 90555872",
        check=_bypassed,
        needs=("keepalived_version",),
    ),
)

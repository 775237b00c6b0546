# SPDX-License-Identifier: GPL-3.0-or-later
"""The clusters of an inventory, and which of them would disturb each other on a segment that they share."""

from __future__ import annotations

import ipaddress
import itertools
from typing import Any, FrozenSet, Iterator, List, Mapping, NamedTuple, Sequence, Tuple, Union

from ..basics.address import bare
from ..basics.schema import collector
from ..vrrp.layout import lay_out
from ..vrrp.model import VRIDS, Instance, Settings
from ..vrrp.read import read_vips, survey
from ..vrrp.settings import OPTIONS, read_settings
from .check import nodes_of
from .given import given

EVERYBODY = ("all", "ungrouped")

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Member(NamedTuple):
    """One instance of a cluster, where its VIP stands in the input, and the subnets that it is in."""

    settings: Settings
    instance: Instance
    path: str
    networks: FrozenSet[Network]
    addresses: FrozenSet[str]
    """The VIP's, without prefix lengths."""


class OtherCluster(NamedTuple):
    """A cluster of the inventory by its name, and what can be read of it; nothing when it is wrong in itself."""

    name: str
    members: Tuple[Member, ...]


def clusters_of(
    groups: Mapping[str, Sequence[str]], hostvars: Mapping[str, Mapping[str, Any]], ours: str
) -> List[dict[str, Any]]:
    """Return C({name, nodes, variables}) of each cluster in an inventory, ours first.

    A cluster is what has the same `ha_lb_vips`, and is called like the group that has just these hosts. Hosts that
    share both a group and the VIPs with ours are of our cluster, and only left out of this run.
    """
    own = list(groups.get(ours, ()))
    akin = {host for group, hosts in groups.items() if group not in EVERYBODY and {*own} & {*hosts} for host in hosts}
    vips = str(hostvars[own[0]].get("ha_lb_vips")) if own else ""
    others: dict[str, list[str]] = {}
    for host in groups.get("all", ()):
        said = str(hostvars[host].get("ha_lb_vips") or "")
        if said and host not in own and not (host in akin and said == vips):
            others.setdefault(said, []).append(host)
    named = [(ours, own), *((_name(hosts, groups), hosts) for hosts in others.values())]
    return [
        {"name": name, "nodes": nodes_of(hosts, hostvars), "variables": _readable(hostvars[hosts[0]])}
        for name, hosts in named
        if hosts
    ]


def _readable(hostvars: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of a host but for those that cannot be read: then its cluster is not compared."""
    return dict(given(hostvars)["variables"])


def _name(hosts: Sequence[str], groups: Mapping[str, Sequence[str]]) -> str:
    named = (group for group, members in groups.items() if group not in EVERYBODY and set(members) == set(hosts))
    return next(named, hosts[0])


def vip_addresses(vips: Any) -> List[Any]:
    """Return the addresses of all VIPs as they are written in `ha_lb_vips`; nothing of what is not a VIP.

    For those who need the addresses before the input was checked.
    """
    written = [vip["addresses"] for vip in _listed(vips) if isinstance(vip, Mapping) and "addresses" in vip]
    return [address for addresses in written for address in _listed(addresses)]


def right_addresses(vips: Any) -> List[Any]:
    """Return the addresses of all VIPs as they are written, of playbooks that do not check the whole input.

    Raises Refused with every finding.
    """
    read_vips(vips)
    return vip_addresses(vips)


def _listed(value: Any) -> Sequence[Any]:
    return [each for each in (value if isinstance(value, (list, tuple)) else [value]) if each is not None]


def read_neighbour(raw: Mapping[str, Any]) -> OtherCluster:
    """Read one of the clusters that `clusters_of` gives."""
    variables = raw["variables"]
    findings: list[Any] = []
    settings = read_settings({each: variables.get(f"keepalived_{each}") for each in OPTIONS}, collector(findings))
    of_whole = ("keepalived_sync_groups", "ha_lb_taken_vrids", "ha_lb_in_use")
    cluster, wrong = survey(
        raw["nodes"], variables.get("ha_lb_vips"), settings, *(variables.get(each) or () for each in of_whole)
    )
    if findings or wrong:
        return OtherCluster(raw["name"], ())
    paths = {vip.name: vip.path for vip in cluster.vips}
    return OtherCluster(
        raw["name"],
        tuple(
            Member(settings, each, paths[each.vip], _networks(each), frozenset(map(bare, each.addresses)))
            for each in lay_out(cluster).instances
        ),
    )


def inventory_conflicts(clusters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Compare the first of these clusters with each other one.

    Returns `conflicts` (with the keys of those on the wire), `vrids` (those of the neighbours on our segments) and
    `unseen` (sentences: what could not be compared).
    """
    known = [read_neighbour(each) for each in clusters]
    conflicts: dict[str, dict[str, Any]] = {}
    vrids: set[int] = set()
    for us, neighbour in ((known[0], each) for each in known[1:]):
        here = frozenset().union(*(each.networks for each in us.members))
        near = [each for each in neighbour.members if _overlap(here, each.networks)]
        vrids |= {each.instance.vrid for each in near}
        for mine, theirs in itertools.product(us.members, neighbour.members):
            for each in _conflicts(mine, neighbour.name, theirs):
                conflicts.setdefault(each["name"], each)
    taken = vrids | {each.instance.vrid for each in known[0].members} if known else set()
    for each in conflicts.values():
        each["advice"] = each["advice"].format(free=next((vrid for vrid in VRIDS if vrid not in taken), "none"))
    unread = [each.name for each in known if not each.members]
    return {
        "conflicts": list(conflicts.values()),
        "vrids": sorted(vrids),
        "unseen": [f"cluster {name}: its own variables are wrong, so it was not compared" for name in unread],
    }


def _conflicts(mine: Member, name: str, theirs: Member) -> Iterator[dict[str, Any]]:
    here, there, where = mine.instance, theirs.instance, mine.path
    for address in sorted(mine.addresses & theirs.addresses):
        yield {
            **_about(here, name),
            "name": f"address {address} {name}",
            "message": f"{where}: {address} is a VIP of cluster {name} too ({there.vip}): both would answer for it.",
            "advice": "Give one of the two another address.",
        }
    alike = (here.vrid, here.family) == (there.vrid, there.family)
    if alike and _overlap(mine.networks, theirs.networks) and not _kept_apart(mine, theirs):
        yield {
            **_about(here, name),
            "name": f"vrid {here.vrid} {here.family} {name}",
            "message": f"{where}: VIP {here.vip} ({here.addresses[0]}) has VRID {here.vrid}, and so has VIP {there.vip}"
            f" ({there.addresses[0]}) of cluster {name} on the same segment.",
            "advice": f"Set {where}.vrid to another one, such as {{free}}.",
        }


def _about(instance: Instance, neighbour: str) -> dict[str, Any]:
    return {
        "kind": "inventory",
        "vrid": instance.vrid,
        "family": instance.family,
        "interface": instance.interface or "",
        "source": neighbour,
        "mac": "",
    }


def _kept_apart(mine: Member, theirs: Member) -> bool:
    """Tell whether both are unicast groups with peers of their own (keepalived PR 2022) and share no virtual MAC."""
    alone = all(each.settings.transport == "unicast" and not each.settings.vmac for each in (mine, theirs))
    return alone and not {*mine.instance.peers.values()} & {*theirs.instance.peers.values()}


def _overlap(one: FrozenSet[Network], other: FrozenSet[Network]) -> bool:
    """Tell whether some subnet of the one is in, or around, one of the other: then they are on one segment."""
    pairs = itertools.product(one, other)
    return any(mine.version == theirs.version and mine.overlaps(theirs) for mine, theirs in pairs)


def _networks(instance: Instance) -> FrozenSet[Network]:
    addresses = [*instance.addresses, *instance.peers.values()]
    return frozenset(ipaddress.ip_interface(address).network for address in addresses)

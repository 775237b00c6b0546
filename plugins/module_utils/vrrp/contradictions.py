# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions between values of a cluster that are right one by one; every check yields findings."""

from __future__ import annotations

from typing import Iterator

from ..basics.errors import Finding
from .layout import instance_name, vrids_of
from .model import VRIDS, Cluster, Node, Vip


def of_parts(cluster: Cluster) -> Iterator[Finding]:
    """Yield the contradictions that remain whatever nodes and VIPs are added."""
    yield from _families(cluster)
    yield from _too_many(cluster)
    yield from _contradictory_groups(cluster)
    if cluster.settings.transport == "unicast" and len(cluster.nodes) > 1:
        yield from _unknown_addresses(cluster)
        yield from _shared_addresses(cluster)


def of_whole(cluster: Cluster) -> Iterator[Finding]:
    """Yield the contradictions of derived VRIDs and names; call it only when no other value is wrong.

    They depend on all VIPs: a VIP that could not be read would mislead them.
    """
    yield from _derived_vrids(cluster)
    yield from _derived_names(cluster)


def _families(cluster: Cluster) -> Iterator[Finding]:
    for vip in cluster.vips:
        if cluster.settings.version == 2 and "ipv6" in vip.families:
            yield Finding(f"{vip.path}.addresses", "IPv6 needs VRRP version 3, and keepalived_vrrp_version is 2")


def _too_many(cluster: Cluster) -> Iterator[Finding]:
    left = len(cluster.vips) - len(vrids_of(cluster))
    if left:
        taken = f" ({len(set(cluster.taken_vrids))} are taken)" if cluster.taken_vrids else ""
        yield Finding(
            cluster.vips[0].path.partition("[")[0],
            f"{left} of {len(cluster.vips)} VIPs find no VRID: a segment has {len(VRIDS)} for each family{taken}; "
            "put addresses that may move together into one VIP, or VIPs of another segment into a cluster of their own",
        )


def _unknown_addresses(cluster: Cluster) -> Iterator[Finding]:
    shared = [vip for vip in cluster.vips if len(cluster.nodes_of(vip)) > 1]
    for node in cluster.nodes:
        for family, kind in (("ipv4", "an IPv4"), ("ipv6", "an IPv6")):
            here = [vip for vip in shared if family in vip.families and vip.may_be_on(node.name)]
            lacking = [vip.name for vip in here if node.peer_address(vip, family) is None]
            if lacking:
                others = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
                yield Finding(
                    _where(node),
                    f"{node.name} needs {kind} address towards its peers for VIP {lacking[0]}{others}"
                    + (f", and ansible_host {node.ansible_host} is not in its subnet" if node.ansible_host else ""),
                )


def _shared_addresses(cluster: Cluster) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for node in cluster.nodes:
        addresses = {node.peer_address(vip, family) for vip in cluster.vips for family in vip.families}
        for address in sorted(address for address in addresses if address):
            if address in owners:
                yield Finding(_where(node), f"{address} is also the address of {owners[address]}")
            owners.setdefault(address, node.name)


def _where(node: Node) -> str:
    return f"hostvars[{node.name}].ha_lb_address"


def _derived_vrids(cluster: Cluster) -> Iterator[Finding]:
    """Report a VRID that is also the derived one of an earlier VIP: to change that would change a running instance."""
    owners: dict[tuple[int, str], str] = {}
    vrids = vrids_of(cluster)
    for vip in cluster.vips:
        vrid = vrids[vip.name]
        for family in vip.families:
            if (vrid, family) in owners:
                message = f"{vrid} is the VRID that {owners[vrid, family]} has already: choose another"
                yield Finding(f"{vip.path}.vrid", message)
            owners.setdefault((vrid, family), vip.path)


def _derived_names(cluster: Cluster) -> Iterator[Finding]:
    """Report names of derived instances and sync groups of dual-stack VIPs that are taken."""
    instances: dict[str, str] = {}
    for vip in cluster.vips:
        for name in (instance_name(vip, family) for family in vip.families):
            if name in instances:
                yield Finding(f"{vip.path}.name", f"{name} is already the name of an instance of VIP {instances[name]}")
            instances.setdefault(name, vip.name)
        if len(vip.families) > 1 and vip.name not in cluster.sync_groups.get(vip.name, (vip.name,)):
            yield Finding(f"{vip.path}.name", f"{vip.name} is also the name of a sync group that the VIP is not in")


def _contradictory_groups(cluster: Cluster) -> Iterator[Finding]:
    """Report the VIPs of a sync group that ask for different nodes: they are always on one node."""
    by_name = {vip.name: vip for vip in cluster.vips}
    for index, members in enumerate(cluster.sync_groups.values()):
        vips = [by_name[member] for member in members if member in by_name]
        for key in ("pin", "prefer", "priorities"):
            wishes = [(vip.name, _wish(vip, key)) for vip in vips if _wish(vip, key)]
            for name, wish in wishes[1:]:
                if wish != wishes[0][1]:
                    yield Finding(
                        f"keepalived_sync_groups[{index}].vips",
                        f"{wishes[0][0]} and {name} never part, and have different {key}: {wishes[0][1]}, and {wish}",
                    )


def _wish(vip: Vip, key: str) -> str:
    """Return the value of pin, prefer or priorities as text; the empty string when it is not given."""
    if key == "priorities":
        return ", ".join(f"{node} {priority}" for node, priority in sorted((vip.priorities or {}).items()))
    return ", ".join(vip.prefer if key == "prefer" else sorted(vip.pin))

# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a cluster although each of its values is right by itself."""

from __future__ import annotations

from typing import Iterator

from ..basics.errors import Finding
from .layout import instance_name, vrids_of
from .model import VRIDS, Cluster, Node, Vip


def of_parts(cluster: Cluster) -> Iterator[Finding]:
    """Find what holds for the nodes and VIPs that are there, whatever else may be added."""
    yield from _families(cluster)
    yield from _too_many(cluster)
    yield from _parted_groups(cluster)
    if cluster.settings.transport == "unicast" and len(cluster.nodes) > 1:
        yield from _unknown_addresses(cluster)
        yield from _shared_addresses(cluster)


def of_whole(cluster: Cluster) -> Iterator[Finding]:
    """Find what depends on all nodes and VIPs, and would mislead while one of them is wrong."""
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
    for node in cluster.nodes:
        for vip in (each for each in cluster.vips if len(cluster.nodes_of(each)) > 1):
            for family in vip.families:
                if vip.may_be_on(node.name) and node.peer_address(vip, family) is None:
                    kind = {"ipv4": "an IPv4", "ipv6": "an IPv6"}[family]
                    yield Finding(
                        _where(node),
                        f"{node.name} needs {kind} address towards its peers for VIP {vip.name}"
                        + (f", and ansible_host {node.ansible_host} is not in its subnet" if node.ansible_host else ""),
                    )


def _shared_addresses(cluster: Cluster) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for node in cluster.nodes:
        ways = {node.peer_address(vip, family) for vip in cluster.vips for family in vip.families}
        for address in sorted(address for address in ways if address):
            if address in owners:
                yield Finding(_where(node), f"{address} is also the address of {owners[address]}")
            owners.setdefault(address, node.name)


def _where(node: Node) -> str:
    return f"hostvars[{node.name}].ha_lb_address"


def _derived_vrids(cluster: Cluster) -> Iterator[Finding]:
    """A VRID that an earlier VIP has without asking stays there: to move that VIP would change a running instance."""
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
    """A VIP of two families gets two instances and a sync group, and their names may be somebody else's."""
    instances: dict[str, str] = {}
    for vip in cluster.vips:
        for name in (instance_name(vip, family) for family in vip.families):
            if name in instances:
                yield Finding(f"{vip.path}.name", f"{name} is already the name of an instance of VIP {instances[name]}")
            instances.setdefault(name, vip.name)
        if len(vip.families) > 1 and vip.name not in cluster.sync_groups.get(vip.name, (vip.name,)):
            yield Finding(f"{vip.path}.name", f"{vip.name} is also the name of a sync group that the VIP is not in")


def _parted_groups(cluster: Cluster) -> Iterator[Finding]:
    """The VIPs of a sync group never part, so they can have but one order of nodes."""
    by_name = {vip.name: vip for vip in cluster.vips}
    for index, members in enumerate(cluster.sync_groups.values()):
        vips = [by_name[member] for member in members if member in by_name]
        for key in ("pin", "prefer", "priorities"):
            said = [(vip.name, _said(vip, key)) for vip in vips if _said(vip, key)]
            for name, wish in said[1:]:
                if wish != said[0][1]:
                    yield Finding(
                        f"keepalived_sync_groups[{index}].vips",
                        f"{said[0][0]} and {name} never part, and have different {key}: {said[0][1]}, and {wish}",
                    )


def _said(vip: Vip, key: str) -> str:
    if key == "priorities":
        return ", ".join(f"{node} {priority}" for node, priority in sorted((vip.priorities or {}).items()))
    return ", ".join(vip.prefer if key == "prefer" else sorted(vip.pin))

# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a cluster although each of its values is right by itself."""

from __future__ import annotations

from typing import Iterator

from ..errors import Finding
from .layout import instance_name, orders_of, vrids_of
from .model import Cluster, Node


def of_parts(cluster: Cluster) -> Iterator[Finding]:
    """Find what holds for the nodes and VIPs that are there, whatever else may be added."""
    yield from _families(cluster)
    if cluster.settings.transport == "unicast" and len(cluster.nodes) > 1:
        yield from _unknown_addresses(cluster)
        yield from _shared_addresses(cluster)


def of_whole(cluster: Cluster) -> Iterator[Finding]:
    """Find what depends on all nodes and VIPs, and would mislead while one of them is wrong."""
    yield from _derived_vrids(cluster)
    yield from _derived_names(cluster)
    yield from _group_orders(cluster)


def _families(cluster: Cluster) -> Iterator[Finding]:
    for vip in cluster.vips:
        if cluster.settings.version == 2 and "ipv6" in vip.families:
            yield Finding(f"{vip.path}.addresses", "IPv6 needs VRRP version 3, and keepalived_vrrp_version is 2")


def _unknown_addresses(cluster: Cluster) -> Iterator[Finding]:
    for node in cluster.nodes:
        for vip in cluster.vips:
            for family in vip.families:
                if node.peer_address(vip, family) is None:
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
    """A VRID that an earlier VIP got without asking is taken: to move that VIP would change a running instance."""
    derived: dict[tuple[int, str], str] = {}
    vrids = vrids_of(cluster.vips)
    for vip in cluster.vips:
        for family in vip.families:
            if vip.vrid is None:
                derived[vrids[vip.name], family] = vip.path
            elif (vip.vrid, family) in derived:
                message = (
                    f"{vip.vrid} is the VRID that {derived[vip.vrid, family]} has from its address: choose another"
                )
                yield Finding(f"{vip.path}.vrid", message)


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


def _group_orders(cluster: Cluster) -> Iterator[Finding]:
    orders = orders_of([node.name for node in cluster.nodes], cluster.vips)
    by_name = {vip.name: vip for vip in cluster.vips}
    for index, members in enumerate(cluster.sync_groups.values()):
        first, wanted = by_name[members[0]], orders[members[0]]
        for member in members[1:]:
            if by_name[member].priorities != first.priorities or (not first.priorities and orders[member] != wanted):
                yield Finding(
                    f"keepalived_sync_groups[{index}].vips",
                    f"{first.name} and {member} prefer different nodes, and would never settle: "
                    "give both the same prefer",
                )

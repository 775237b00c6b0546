# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of a cluster: VRIDs, orders of nodes, priorities. The same cluster has the same layout on every host."""

from __future__ import annotations

from itertools import chain
from typing import Iterator, Mapping, Sequence

from .model import VRIDS, Cluster, Instance, Layout, Vip
from .spread import SpreadUnit, spread

HIGHEST_PRIORITY = 254  # high, as the skew time of a backup is (256 - priority) / 256 of the interval
HEIRS_STEP = 4  # from the first choice to the second; small, as they do not compete: the first is active or has failed
WIDEST_STEP = 20  # between backups: their skew times differ by 8 ms at 0.1 s, more than timers of a busy host are late


def lay_out(cluster: Cluster) -> Layout:
    """Return the layout: one instance for every VIP and family, and the sync groups."""
    orders = orders_of(cluster)
    vrids = vrids_of(cluster)
    groups = sync_groups_of(cluster)
    group_of = {member: group for group, members in groups.items() for member in members}
    instances = []
    for vip in cluster.vips:
        priorities = vip.priorities or priorities_of(orders[vip.name])
        for family in vip.families:
            name = instance_name(vip, family)
            peers = {node.name: node.peer_address(vip, family) for node in cluster.nodes if node.name in priorities}
            instances.append(
                Instance(
                    name=name,
                    vip=vip.name,
                    family=family,
                    vrid=vrids[vip.name],
                    addresses=tuple(str(address) for address in vip.addresses_of(family)),
                    interface=vip.interface,
                    priorities=priorities,
                    peers={node: address for node, address in peers.items() if address},
                    sync_group=group_of.get(name),
                )
            )
    return Layout(tuple(instances), groups)


def instance_name(vip: Vip, family: str) -> str:
    """Return the name of an instance: that of the VIP, with `_ipv4` or `_ipv6` for a dual-stack VIP."""
    return vip.name if len(vip.families) == 1 else f"{vip.name}_{family}"


def sync_groups_of(cluster: Cluster) -> dict[str, tuple[str, ...]]:
    """Return the instances of every sync group: the configured ones, and one for every other dual-stack VIP."""
    by_name = {vip.name: vip for vip in cluster.vips}
    wanted = {group: tuple(by_name[vip] for vip in vips) for group, vips in cluster.sync_groups.items()}
    grouped = {vip.name for vips in wanted.values() for vip in vips}
    wanted.update({vip.name: (vip,) for vip in cluster.vips if len(vip.families) > 1 and vip.name not in grouped})
    return {
        group: tuple(instance_name(vip, family) for vip in vips for family in vip.families)
        for group, vips in wanted.items()
    }


def vrids_of(cluster: Cluster) -> dict[str, int]:
    """Return the VRID of every VIP: the configured one, else the one in use, else one derived from its first address.

    It is derived from the last byte of the address, which differs between the VIPs of one /24: so two clusters in one
    subnet get different VRIDs without knowing of each other. Where that byte is taken, it is the next VRID below it
    that no VIP has or, when all are taken, none of the same family. A VIP without a free VRID is left out.
    """
    in_use = {vip.name: cluster.in_use[vip.name].vrid for vip in cluster.vips if vip.name in cluster.in_use}
    everywhere = {*cluster.taken_vrids, *in_use.values()}
    used = {family: set(everywhere) for family in ("ipv4", "ipv6")}
    vrids: dict[str, int] = {}
    for vip in cluster.vips:
        here = set().union(*(used[family] for family in vip.families))
        vrid = vip.vrid or in_use.get(vip.name) or next(chain(_free(vip, everywhere), _free(vip, here)), None)
        if vrid:
            vrids[vip.name] = vrid
            everywhere.add(vrid)
            for family in vip.families:
                used[family].add(vrid)
    return vrids


def _free(vip: Vip, used: set[int]) -> Iterator[int]:
    last_byte = int(vip.addresses[0].ip) & 255
    return (vrid for vrid in (*range(last_byte, 0, -1), *range(VRIDS[-1], last_byte, -1)) if vrid not in used)


def orders_of(cluster: Cluster) -> dict[str, tuple[str, ...]]:
    """Return the nodes of every VIP, first choice first; the VIPs of a sync group have the same order."""
    groups = cluster.groups()
    orders = spread([node.name for node in cluster.nodes], [_unit(cluster, vips) for vips in groups])
    return {vip.name: order for vips, order in zip(groups, orders) for vip in vips}


def _unit(cluster: Cluster, vips: Sequence[Vip]) -> SpreadUnit:
    """Return the VIPs of a group as one unit: the first preference and the first order in use that one of them has."""
    nodes = [node for node in cluster.nodes_of(vips[0]) if all(vip.may_be_on(node) for vip in vips)]
    prefer = next((order for order in map(preferred, vips) if order), ())
    in_use = next((cluster.in_use[vip.name].order for vip in vips if vip.name in cluster.in_use), ())
    return SpreadUnit(tuple(nodes), tuple(node for node in prefer if node in nodes), in_use)


def preferred(vip: Vip) -> tuple[str, ...]:
    """Return the nodes in the order that the user has configured by `prefer` or `priorities`; empty where not."""
    given = vip.priorities or {}
    return vip.prefer or tuple(sorted(given, key=lambda node: -given[node]))


def priorities_of(order: Sequence[str]) -> Mapping[str, int]:
    """Return the priority of every node of an order: 254 for the first choice, and at least 1."""
    step = min(WIDEST_STEP, (HIGHEST_PRIORITY - 1) // max(1, len(order) - 1))
    heir = HIGHEST_PRIORITY - min(HEIRS_STEP, step)
    return {node: heir - (rank - 1) * step if rank else HIGHEST_PRIORITY for rank, node in enumerate(order)}

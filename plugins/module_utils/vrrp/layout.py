# SPDX-License-Identifier: GPL-3.0-or-later
"""From a cluster to its layout: VRIDs, orders and priorities. Pure, and stable under appending.

Every decision about VIP number i and node number j looks only at VIPs up to i and nodes up to j, so that a
VIP or a node added at the end of its list changes no VRID and no order of those that were there.
"""

from __future__ import annotations

from collections import defaultdict
from typing import DefaultDict, Mapping, Sequence

from .model import VRIDS, Cluster, Instance, Layout, Vip

HIGHEST_PRIORITY = 254  # near the top: the skew of a backup is (256 - priority) / 256 of the interval
WIDEST_STEP = 4  # room between ranks, so that the skews of two backups differ by more than a round trip


def lay_out(cluster: Cluster) -> Layout:
    """Lay out every VIP over the nodes."""
    names = [node.name for node in cluster.nodes]
    orders = orders_of(names, cluster.vips)
    vrids = vrids_of(cluster.vips)
    groups = sync_groups_of(cluster)
    group_of = {member: group for group, members in groups.items() for member in members}
    instances = []
    for vip in cluster.vips:
        priorities = vip.priorities or priorities_of(orders[vip.name])
        for family in vip.families:
            name = instance_name(vip, family)
            peers = {node.name: node.peer_address(vip, family) for node in cluster.nodes}
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
    """Name the instance of a VIP: the VIP's name, and the family where it has two."""
    return vip.name if len(vip.families) == 1 else f"{vip.name}_{family}"


def sync_groups_of(cluster: Cluster) -> dict[str, tuple[str, ...]]:
    """Return the members of each sync group: those asked for, and one for each dual-stack VIP outside of them."""
    by_name = {vip.name: vip for vip in cluster.vips}
    wanted = {group: tuple(by_name[vip] for vip in vips) for group, vips in cluster.sync_groups.items()}
    grouped = {vip.name for vips in wanted.values() for vip in vips}
    wanted.update({vip.name: (vip,) for vip in cluster.vips if len(vip.families) > 1 and vip.name not in grouped})
    return {
        group: tuple(instance_name(vip, family) for vip in vips for family in vip.families)
        for group, vips in wanted.items()
    }


def vrids_of(vips: Sequence[Vip]) -> dict[str, int]:
    """Give each VIP a VRID: its own, else the last byte of its first address, else the next one free below it.

    The last byte differs between the VIPs of one /24, so that neighbouring clusters stay apart without talking.
    """
    vrids: dict[str, int] = {}
    for vip in vips:
        wish = int(vip.addresses[0].ip) & 255
        free = (each for each in _downwards_from(wish) if each not in vrids.values())
        vrids[vip.name] = vip.vrid if vip.vrid is not None else next(free)
    return vrids


def _downwards_from(start: int) -> list[int]:
    return [*range(start, 0, -1), *range(VRIDS[-1], start, -1)]


def orders_of(nodes: Sequence[str], vips: Sequence[Vip]) -> dict[str, tuple[str, ...]]:
    """Return the nodes of each VIP in order of preference, first choices and heirs spread evenly.

    The nodes are put into the order one by one. A node goes in front of the one it would relieve: at the head where it
    is first choice for fewer VIPs than the one there, behind a node whose heir it is less often than the one that
    follows.
    """
    followers: list[DefaultDict[tuple[str, str], int]] = [defaultdict(int) for node in nodes]
    orders = {}
    for vip in vips:
        order: list[str] = []
        for level, node in enumerate(nodes):
            count = followers[level]
            before = ["", *order]
            place = next(
                (at for at, other in enumerate(order) if count[before[at], node] < count[before[at], other]), len(order)
            )
            order.insert(place, node)
            for leader, follower in zip(["", *order], order):
                count[leader, follower] += 1
        preferred = tuple(node for node in vip.prefer if node in nodes)
        orders[vip.name] = preferred + tuple(node for node in order if node not in preferred)
    return orders


def priorities_of(order: Sequence[str]) -> Mapping[str, int]:
    """Return a priority for each node of an order."""
    step = min(WIDEST_STEP, (HIGHEST_PRIORITY - 1) // max(1, len(order) - 1))
    return {node: HIGHEST_PRIORITY - rank * step for rank, node in enumerate(order)}

# SPDX-License-Identifier: GPL-3.0-or-later
"""From a cluster to its layout: VRIDs, orders and priorities. Pure: the same cluster has the same layout everywhere."""

from __future__ import annotations

from itertools import chain
from typing import Iterator, Mapping, Sequence

from .model import VRIDS, Cluster, Instance, Layout, Vip
from .spread import Unit, spread

HIGHEST_PRIORITY = 254  # near the top: the skew of a backup is (256 - priority) / 256 of the interval
HEIRS_STEP = 4  # from the first choice, with which the heir does not race
WIDEST_STEP = 20  # between backups: their skews must differ by more than a busy machine is late (8 ms at 0.1 s)


def lay_out(cluster: Cluster) -> Layout:
    """Lay out every VIP over the nodes."""
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


def vrids_of(cluster: Cluster) -> dict[str, int]:
    """Give each VIP a VRID: its own, else the one it runs with, else one made from its first address.

    That is the last byte of the address, which differs between the VIPs of one /24, so that neighbouring clusters stay
    apart without talking; where it is taken, the next one below that no VIP has, or at least none of the same family.
    A VIP for which there is none is left out.
    """
    in_use = {vip.name: cluster.in_use[vip.name].vrid for vip in cluster.vips if vip.name in cluster.in_use}
    everywhere = {*cluster.taken_vrids, *in_use.values()}
    used = {family: set(everywhere) for family in ("ipv4", "ipv6")}
    vrids: dict[str, int] = {}
    for vip in cluster.vips:
        here = set().union(*(used[family] for family in vip.families))
        wish = vip.vrid or in_use.get(vip.name) or next(chain(_free(vip, everywhere), _free(vip, here)), None)
        if wish:
            vrids[vip.name] = wish
            everywhere.add(wish)
            for family in vip.families:
                used[family].add(wish)
    return vrids


def _free(vip: Vip, used: set[int]) -> Iterator[int]:
    wish = int(vip.addresses[0].ip) & 255
    return (each for each in (*range(wish, 0, -1), *range(VRIDS[-1], wish, -1)) if each not in used)


def orders_of(cluster: Cluster) -> dict[str, tuple[str, ...]]:
    """Return the nodes of each VIP in order of preference; the VIPs of a sync group share one."""
    groups = cluster.groups()
    orders = spread([node.name for node in cluster.nodes], [_unit(cluster, vips) for vips in groups])
    return {vip.name: order for vips, order in zip(groups, orders) for vip in vips}


def _unit(cluster: Cluster, vips: Sequence[Vip]) -> Unit:
    """Let the VIPs of a group speak with one voice: whichever of them says something."""
    nodes = [node for node in cluster.nodes_of(vips[0]) if all(vip.may_be_on(node) for vip in vips)]
    prefer = next((order for order in map(preferred, vips) if order), ())
    in_use = next((cluster.in_use[vip.name].order for vip in vips if vip.name in cluster.in_use), ())
    return Unit(tuple(nodes), tuple(node for node in prefer if node in nodes), in_use)


def preferred(vip: Vip) -> tuple[str, ...]:
    """Return the nodes that somebody has put into an order, by `prefer` or by `priorities`."""
    given = vip.priorities or {}
    return vip.prefer or tuple(sorted(given, key=lambda node: -given[node]))


def priorities_of(order: Sequence[str]) -> Mapping[str, int]:
    """Return a priority for each node of an order."""
    step = min(WIDEST_STEP, (HIGHEST_PRIORITY - 1) // max(1, len(order) - 1))
    heir = HIGHEST_PRIORITY - min(HEIRS_STEP, step)
    return {node: heir - (rank - 1) * step if rank else HIGHEST_PRIORITY for rank, node in enumerate(order)}

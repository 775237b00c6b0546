# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that the template keepalived.conf.j2 prints for one node."""

from __future__ import annotations

from typing import Any, List, Mapping, Sequence

from ..vrrp.host import Interface, at_rest, interface_of
from ..vrrp.model import Cluster, Layout


def instances_of(node: str, cluster: Cluster, layout: Layout, interfaces: Sequence[Interface]) -> list[dict[str, Any]]:
    """Return the vrrp_instance blocks of `node` as plain data, in the order of the layout.

    {name, family, vrid, priority, interface, addresses, source, peers, knows_peers, grouped, waits}: `source` and
    `peers` are the unicast addresses, `knows_peers` says that all have one, `grouped` that a sync group has the
    instance, `waits` that it gets a preempt_delay.
    """
    without_vips = at_rest(interfaces, cluster.vips)
    by_name = {vip.name: vip for vip in cluster.vips}
    return [
        {
            "name": instance.name,
            "family": instance.family,
            "vrid": instance.vrid,
            "priority": instance.priorities[node],
            "interface": interface_of(by_name[instance.vip], instance.family, without_vips),
            "addresses": list(instance.addresses),
            "source": instance.peers.get(node),
            "peers": [address for other, address in instance.peers.items() if other != node],
            "knows_peers": all(other in instance.peers for other in instance.priorities if other != node),
            "grouped": instance.sync_group is not None,
            "waits": instance.waits(node),
        }
        for instance in layout.instances
        if node in instance.priorities
    ]


def peers_of(instances: Sequence[Mapping[str, Any]]) -> List[str]:
    """Return the addresses of the peers of these instances (see instances_of), every one once, sorted as text."""
    return sorted({peer for instance in instances for peer in instance["peers"]})

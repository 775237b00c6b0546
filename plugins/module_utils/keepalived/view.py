# SPDX-License-Identifier: GPL-3.0-or-later
"""One node's view of a layout: the values that its keepalived.conf prints."""

from __future__ import annotations

from typing import Any, Sequence

from ..vrrp.host import Interface, at_rest, interface_of
from ..vrrp.model import Cluster, Layout


def instances_of(node: str, cluster: Cluster, layout: Layout, interfaces: Sequence[Interface]) -> list[dict[str, Any]]:
    """Return the instances of `node`, as plain data."""
    resting = at_rest(interfaces, cluster.vips)
    by_name = {vip.name: vip for vip in cluster.vips}
    return [
        {
            "name": instance.name,
            "family": instance.family,
            "vrid": instance.vrid,
            "priority": instance.priorities[node],
            "interface": interface_of(by_name[instance.vip], instance.family, resting),
            "addresses": list(instance.addresses),
            "source": instance.peers.get(node),
            "peers": [address for other, address in instance.peers.items() if other != node],
            "grouped": instance.sync_group is not None,
            "waits": instance.waits(node),
        }
        for instance in layout.instances
        if node in instance.priorities
    ]

# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout as plain data: what the module and the filter of this name return."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Mapping, Optional, Sequence

from .keepalived.instances import instances_of
from .vrrp.election import takeover_time
from .vrrp.host import check_hosts, read_interfaces
from .vrrp.layout import lay_out
from .vrrp.model import Settings
from .vrrp.read import read_cluster


def layout_result(
    nodes: Any,
    vips: Any,
    vrrp_version: int = 3,
    transport: str = "unicast",
    advert_interval_seconds: float = 0.1,
    down_timer_adverts: int = 3,
    sync_groups: Any = (),
    node: Optional[str] = None,
    interfaces: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return `layout`, `takeover_seconds` and, for a node, `instances`.

    Raises Refused with every finding.
    """
    settings = Settings(
        version=vrrp_version,
        transport=transport,
        advert_interval=advert_interval_seconds,
        down_timer_adverts=down_timer_adverts,
    )
    cluster = read_cluster(nodes, vips, settings, sync_groups)
    layout = lay_out(cluster)
    result: dict[str, Any] = {
        "layout": {
            "instances": [{**asdict(each), "order": list(each.order)} for each in layout.instances],
            "sync_groups": dict(layout.sync_groups),
        },
        "takeover_seconds": round(takeover_time(layout, settings), 3),
    }
    if node is not None:
        here = read_interfaces(interfaces)
        check_hosts(cluster, {node: here})
        result["instances"] = instances_of(node, cluster, layout, here)
    return result

# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout as plain data: what the module and the filter of this name return."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Mapping, Optional, Sequence

from .errors import Finding, Refused
from .keepalived.instances import instances_of
from .shape import collector
from .vrrp.election import takeover_time
from .vrrp.host import check_hosts, read_interfaces
from .vrrp.layout import lay_out
from .vrrp.read import survey
from .vrrp.settings import read_settings


def layout_result(
    nodes: Any,
    vips: Any,
    vrrp_version: int = 3,
    transport: str = "unicast",
    advert_interval_seconds: Optional[float] = None,
    down_timer_adverts: int = 3,
    sync_groups: Any = (),
    node: Optional[str] = None,
    interfaces: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return `layout`, `takeover_seconds` and, for a node, `instances`.

    Raises Refused with every finding.
    """
    values = {
        "vrrp_version": vrrp_version,
        "transport": transport,
        "advert_interval_seconds": advert_interval_seconds,
        "down_timer_adverts": down_timer_adverts,
    }
    findings: list[Finding] = []
    settings = read_settings(values, collector(findings))
    cluster, wrong = survey(nodes, vips, settings, sync_groups)
    if findings or wrong:
        raise Refused([*findings, *wrong])
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

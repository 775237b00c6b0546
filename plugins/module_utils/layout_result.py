# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout as plain data: what the module and the filter of this name return."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Optional

from .errors import Finding, Refused
from .keepalived.instances import instances_of
from .shape import collector
from .vrrp.election import takeover_time
from .vrrp.host import check_hosts, read_interfaces
from .vrrp.layout import lay_out
from .vrrp.model import Cluster, Layout
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
    interfaces: Any = (),
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
    findings += wrong
    if findings:
        raise Refused(findings)
    layout = lay_out(cluster)
    instances = [{**asdict(each), "order": list(each.order)} for each in layout.instances]
    return {
        "layout": {"instances": instances, "sync_groups": dict(layout.sync_groups)},
        "takeover_seconds": round(takeover_time(layout, settings), 3),
        **({} if node is None else {"instances": _view(node, cluster, layout, interfaces)}),
    }


def _view(node: str, cluster: Cluster, layout: Layout, interfaces: Any) -> list[dict[str, Any]]:
    names = [each.name for each in cluster.nodes]
    if node not in names:
        raise Refused([Finding("node", f"{node} is not a node of the cluster ({', '.join(names)})")])
    here = read_interfaces(interfaces)
    check_hosts(cluster, {node: here})
    return instances_of(node, cluster, layout, here)

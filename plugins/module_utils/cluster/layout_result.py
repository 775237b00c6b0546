# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout as plain data: what the module and the filter of this name return."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Optional, Sequence

from ..basics.errors import Finding, Refused
from ..basics.schema import collector
from ..keepalived.view import instances_of
from ..vrrp.host import check_hosts, read_interfaces
from ..vrrp.layout import lay_out
from ..vrrp.model import Cluster, Layout, Vip
from ..vrrp.read import survey
from ..vrrp.settings import OPTIONS, read_settings
from ..vrrp.simulation.election import takeover_time
from ..vrrp.simulation.proof import proof_result, prove
from ..vrrp.uplinks import as_data

RECORDS = {4: "A", 6: "AAAA"}


def layout_result(
    nodes: Any,
    vips: Any,
    sync_groups: Any = (),
    taken_vrids: Any = (),
    in_use: Any = (),
    node: Optional[str] = None,
    interfaces: Any = (),
    proof: bool = False,
    uplinks: Any = (),
    proxies: bool = True,
    **settings: Any,
) -> dict[str, Any]:
    """Return `layout`, `takeover_seconds`, `dns`, with `proof` the proof and, for a node, its `instances`.

    And `uplinks`, where there are any. Without `proxies`, the proof has no failures of them.

    `settings` are those named in vrrp.settings.OPTIONS. Raises Refused with every finding, TypeError for others.
    """
    unknown = sorted(set(settings) - set(OPTIONS))
    if unknown:
        raise TypeError(f"unexpected setting {unknown[0]}")
    findings: list[Finding] = []
    known = read_settings(settings, collector(findings))
    cluster, wrong = survey(nodes, vips, known, sync_groups, taken_vrids, in_use, uplinks)
    findings += wrong
    if findings:
        raise Refused(findings)
    layout = lay_out(cluster)
    instances = [{**asdict(each), "order": list(each.order)} for each in layout.instances]
    return {
        "layout": {"instances": instances, "sync_groups": dict(layout.sync_groups)},
        "takeover_seconds": round(takeover_time(layout, known), 3),
        "dns": _records(cluster.vips),
        **({"uplinks": [as_data(each) for each in cluster.uplinks]} if cluster.uplinks else {}),
        **({"proof": proof_result(prove(cluster, layout, proxies))} if proof else {}),
        **({} if node is None else {"instances": _view(node, cluster, layout, interfaces)}),
    }


def _records(vips: Sequence[Vip]) -> list[dict[str, str]]:
    """Return the DNS records of the VIPs that have a name: clients spread over those of one name."""
    return [
        {"name": vip.dns_name, "type": RECORDS[address.version], "value": str(address.ip)}
        for vip in vips
        for address in vip.addresses
        if vip.dns_name
    ]


def _view(node: str, cluster: Cluster, layout: Layout, interfaces: Any) -> list[dict[str, Any]]:
    names = [each.name for each in cluster.nodes]
    if node not in names:
        raise Refused([Finding("node", f"{node} is not a node of the cluster ({', '.join(names)})")])
    here = read_interfaces(interfaces)
    check_hosts(cluster, {node: here})
    return instances_of(node, cluster, layout, here)

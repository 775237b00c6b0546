# SPDX-License-Identifier: GPL-3.0-or-later
"""What every drill is predicted to cost, and how long it lasts. Times are in seconds unless they end in _ms."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

from ...basics import schema
from ...cluster.layout_result import layout_result
from ...cluster.variables import settings_given
from ...engines.catalogue import engine_named
from ...vrrp.leaving import leave_weight
from ...vrrp.model import Uplink
from ...vrrp.read import read_vips
from ...vrrp.settings import read_settings
from ...vrrp.uplinks import longest_notice, longest_return
from .backend import Backend, backend_of, interval_of
from .catalogue import BY_NAME, Drill

LEAD = 2.5  # until the watchers have started, and some time without a fault
START = 4.0  # that the watchers may need to start
CHECKS = 1.0  # between two checks of the script that detects a hung proxy
REBOOT = 90.0


def drill_steps(
    drills: Sequence[Mapping[str, str]],
    nodes: Any,
    variables: Mapping[str, Any],
    hosts: Sequence[Mapping[str, Any]],
    margin: Any,
) -> list[dict[str, Any]]:
    """Return a step for every drill: its predicted outage by the layout's proof, its duration, its shell variables.

    `drills` have `name`, `hosts` are all of the inventory, with the keys of `nodes`, and `margin` is in seconds. A step
    with `skip`, a reason, cannot be run; one with `host` breaks that host instead of a node. Raises Refused for a wrong
    input.
    """
    options = settings_given(variables)
    result = _proved(nodes, variables, options)
    vips = read_vips(variables.get("ha_lb_vips"))
    settings = read_settings(options, schema.collector([]))
    back = settings.preempt_delay if settings.preempt else 0.0
    checks = int(variables.get("keepalived_check_fall") or 2) * CHECKS
    unit = engine_named(variables.get("ha_lb_engine") or "").unit
    known = {
        "proxy": unit.name if unit else "",
        "drain": leave_weight(settings.preempt),
        "uplinks": " ".join(f"{each['address']},{each['port'] or ''}" for each in result.get("uplinks", ())),
    }
    others = [each for each in hosts if each["name"] not in {node["name"] for node in nodes}]
    backend = backend_of(others, variables)
    return [
        {
            **_step(BY_NAME[each["name"]], result, back, checks),
            **_place(BY_NAME[each["name"]], known, backend),
            **each,
            "interval": interval_of(variables),
            "margin_ms": float(margin) * 1000,
            "vips": {str(address.ip): vip.name for vip in vips for address in vip.addresses},
        }
        for each in drills
    ]


def _proved(nodes: Any, variables: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    return layout_result(
        nodes,
        variables.get("ha_lb_vips"),
        sync_groups=variables.get("keepalived_sync_groups", ()),
        taken_vrids=variables.get("ha_lb_taken_vrids", ()),
        in_use=variables.get("ha_lb_in_use", ()),
        proof=True,
        uplinks=variables.get("ha_lb_uplinks", ()),
        proxies=engine_named(variables.get("ha_lb_engine") or "").unit is not None,
        **options,
    )


def _place(drill: Drill, known: Mapping[str, Any], backend: Optional[Backend]) -> dict[str, Any]:
    """Return the host that a drill breaks if it is no node, why it is skipped, and the variables of its shell."""
    if drill.of_proxy and not known["proxy"]:
        return {"host": "", "skip": "there is no proxy, keepalived itself serves", "settings": {**known}}
    if drill.cuts_off and not known["uplinks"]:
        return {"host": "", "skip": "the cluster has no ha_lb_uplinks", "settings": {**known}}
    if not drill.backend:
        return {"host": "", "skip": "", "settings": {**known}}
    if backend is None:
        return {"host": "", "skip": "no server of what is measured is a host of the inventory", "settings": {**known}}
    return {"host": backend.host, "skip": "", "settings": {**known, "port": backend.port}}


def _step(drill: Drill, result: Mapping[str, Any], back: float, checks: float) -> dict[str, Any]:
    takeover = result["takeover_seconds"]
    single = [each for each in result["proof"]["failures"] if [part["kind"] for part in each["parts"]] == [drill.part]]
    noticed = checks + CHECKS / 2 if drill.hangs else 0.0
    lost, regained = _uplinks_noticed(result) if drill.cuts_off else (0.0, 0.0)
    hold = 2.0 + (2 * takeover + 2.0) * drill.leaves + noticed + lost
    after = REBOOT if drill.reboots else 2.0 + (back + 2 * takeover + 2.0) * drill.leaves + regained
    outage = max((each["outage_seconds"] for each in single), default=0.0) + noticed
    both = max((each["two_holders_seconds"] for each in single), default=0.0)
    return {
        "predicted_ms": round(outage * 1000, 1),
        "predicted_both_ms": round(both * 1000, 1),
        "leaves": drill.leaves,
        "splits": drill.splits,
        "returns": drill.returns,
        "gone": drill.reboots,
        "lead": LEAD,
        "hold": round(hold, 1),
        "seconds": round(START + LEAD + hold + after, 1),
    }


def _uplinks_noticed(result: Mapping[str, Any]) -> tuple[float, float]:
    """Return the most seconds until a node gives up without uplinks, and until it is back with them."""
    uplinks = [Uplink(**each) for each in result.get("uplinks", ())]
    return longest_notice(uplinks), longest_return(uplinks)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Which engines there are. Nobody else names one: who must know what differs asks the engine that is chosen."""

from __future__ import annotations

from typing import Any, Mapping

from ..basics.errors import Finding, Refused
from ..basics.schema import Report, choice, collector
from ..basics.variables import port
from ..host.http_probe import CHECK_PORT
from .contract.engine import Engine, Unit
from .haproxy.engine import ENGINE as HAPROXY
from .lvs.engine import ENGINE as LVS
from .nginx.engine import ENGINE as NGINX

ENGINES = (HAPROXY, NGINX, LVS)
"""Every engine; the first is used where `ha_lb_engine` says nothing. A new one: its folder, its role, and here."""


def engine_of(variables: Mapping[str, Any], report: Report) -> Engine:
    """Return the engine that `ha_lb_engine` names; for a name that there is not, which is reported, the first."""
    by_name = {engine.name: engine for engine in ENGINES}
    name = variables.get("ha_lb_engine") or ENGINES[0].name
    return by_name.get(choice(*by_name)(name, "ha_lb_engine", report) or "", ENGINES[0])


def engine_named(name: str) -> Engine:
    """Return the engine of this name; without a name, the first. Raises Refused for a name that there is not."""
    findings: list[Finding] = []
    engine = engine_of({"ha_lb_engine": name}, collector(findings))
    if findings:
        raise Refused(findings)
    return engine


def engine_units(chosen: str = "") -> list[dict[str, Any]]:
    """Return every engine as it is on a host, as data: the chosen one first, where there is one of that name.

    The keys are `name`, `packages`, `versioned`, `preempt_delay_seconds` and those of Unit, but that `unit` is its
    name, empty where keepalived serves, and `test` a whole list of arguments; `trial` is the command that lets an
    unpacked new version test the configuration, empty where it cannot.
    """
    return [_unit(engine) for engine in sorted(ENGINES, key=lambda engine: engine.name != chosen)]


def _unit(engine: Engine) -> dict[str, Any]:
    unit = engine.unit or Unit("", "", "", tested_unpacked=False)
    test = f"{unit.test} {unit.path}".strip()
    return {
        "name": engine.name,
        "unit": unit.name,
        "path": unit.path,
        "test": test,
        "trial": f"{unit.name} {test}" if unit.tested_unpacked else "",
        "packages": {family: list(names) for family, names in engine.packages.items()},
        "versioned": list(engine.versioned),
        "from_source": unit.from_source,
        "preempt_delay_seconds": engine.preempt_delay,
    }


def preset(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of a node with those of VRRP that its engine presets, where nobody has said them."""
    engine = engine_of(variables, collector([]))
    return {"keepalived_preempt_delay_seconds": engine.preempt_delay, **variables}


def check_port(variables: Mapping[str, Any], engine: Engine, report: Report) -> None:
    """Report a proxy that does not answer to health checks where keepalived asks."""
    if engine.unit is None:
        return
    both = variables.get("ha_lb_check_port", CHECK_PORT)
    port(both, "ha_lb_check_port", report)
    proxy, keepalived = f"{engine.name}_check_port", "keepalived_check_port"
    answers, asks = (str(variables.get(name, both)) for name in (proxy, keepalived))
    if answers != asks:
        report(keepalived, f"is {asks}, and {proxy} is {answers}: set ha_lb_check_port, which is for both")

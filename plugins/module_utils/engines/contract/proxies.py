# SPDX-License-Identifier: GPL-3.0-or-later
"""What no proxy can do of the model: it takes connections, and what is for packets is the kernel's."""

from __future__ import annotations

from typing import Mapping

from ...basics.schema import Report
from ...traffic.checks import KINDS, SETTINGS
from ...traffic.layer4 import given
from ...traffic.model import SCHEDULERS
from ...traffic.read import Limits, Records

CHECKS = ("http", "tcp", "mysql", "smtp")
TIMES = ("interval_seconds", "fall", "rise")
WORDS = (*KINDS, *(word for word, _field in SETTINGS.values()))
OTHERS = tuple(word for word in WORDS if word not in (*CHECKS, *TIMES))
WHERE = "ha_lb_engine: lvs has that"


def proxy_limits(name: str) -> Limits:
    """Return what reports the words that are not for proxies; `name` is the engine's."""

    def limits(pools: Records, services: Records, modes: Mapping[str, str], report: Report) -> None:
        for path, raw in services.items():
            if raw["mode"] == "udp":
                report(f"{path}.mode", f"{name} serves no UDP here; {WHERE}")
            if raw["ports"] is not None:
                report(f"{path}.ports", f"{name} takes one port for a service: write a service for each; {WHERE}")
        for path, raw in pools.items():
            if raw["algorithm"] in SCHEDULERS:
                report(
                    f"{path}.algorithm",
                    f"{name} has no {raw['algorithm']}, which is of the kernel; {WHERE}",
                )
            for word in given(raw):
                report(f"{path}.{word}", f"is for packets, and {name} takes connections; {WHERE}")
            check = raw["check"] or {}
            for word in (each for each in OTHERS if check.get(each) is not None):
                report(f"{path}.check.{word}", f"{name} has no such check here; {WHERE}")
            if (check.get("http") or {}).get("digest"):
                report(f"{path}.check.http.digest", f"{name} compares no sums; {WHERE}")

    return limits

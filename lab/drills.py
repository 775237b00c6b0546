# SPDX-License-Identifier: GPL-3.0-or-later
"""The drills: what breaks, how it is mended, and what must hold.

Every drill begins and ends with a whole cluster, and aims at the balancer that holds the VIP. Its mending always runs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from lab.balancers import PROXY, SETTLE_SECONDS, Balancers, Unsettled
from lab.faults import (
    Action,
    Settle,
    at_home,
    change_settings,
    drain,
    kill,
    kill_backend,
    left,
    power,
    power_on,
    reboot_all,
    reload_all,
    revive_backend,
    site,
    stop_and_leave,
    systemctl,
    whole,
)
from lab.measure import VipLog
from plugins.module_utils.vrrp.weights import DRAIN_WEIGHT

REQUESTS = 1200
PACE = {"interval": 0.005, "least": REQUESTS * 0.005}
# A request that was under way, or began, at a comeback belongs to it if it began this long before
COMEBACK_MS = 50.0


@dataclass(frozen=True)
class Bounds:
    """The most that a drill may cost; None: no bound."""

    failed: int | None = None
    gap_ms: float | None = None
    two_holders_ms: float | None = None
    moves: int | None = None


COMEBACK = Bounds(failed=5, gap_ms=100.0)


@dataclass(frozen=True)
class Drill:
    """One thing that happens to a cluster."""

    name: str
    title: str
    """With {proxy} in the place of its name."""
    fault: Action
    until: Settle
    """What the fault leads to."""
    bounds: Bounds
    prepare: Action | None = None
    heal: Action | None = None
    ours_only: bool = False
    seconds: float = SETTLE_SECONDS

    def titled(self, proxy: str) -> str:
        """Return the title, with this name of the proxy."""
        return self.title.format(proxy=proxy)


@dataclass(frozen=True)
class Cost:
    """What a client paid: failed requests, and the longest time without an answer."""

    failed: int
    gap_ms: float


@dataclass(frozen=True)
class Outcome:
    """What a drill cost."""

    drill: str
    settled: bool
    """Whether the cluster came to the state that the drill leads to."""
    sent: int
    failed: int
    gap_ms: float
    fault: Cost
    comeback: Cost
    """The part of the cost that the return of the VIP to its first choice has."""
    two_holders_ms: float
    moves: int
    seen: dict[str, Any]
    """All that the probe saw."""


def run(cluster: Balancers, drill: Drill, *, through_heal: bool = False, strict: bool = True) -> Outcome:
    """Run a drill under load, with the mending under load too or after it.

    Raises: LabError, when the cluster does not become whole; with strict set, also when the fault does not settle.
    """
    cluster.wait_whole()
    node = cluster.active()
    mended, settled = False, True

    def heal() -> None:
        nonlocal mended
        mended = True
        if drill.heal:
            drill.heal(cluster, node)

    try:
        if drill.prepare:
            drill.prepare(cluster, node)
        with cluster.logged() as log, cluster.traffic("", **PACE) as traffic:
            begin = time.time()
            drill.fault(cluster, node)
            try:
                drill.until(cluster, node, drill.seconds)
            except Unsettled:
                settled = False
                if strict:
                    raise
            if through_heal:
                heal()
                cluster.wait_whole()
    finally:
        if not mended:
            heal()
    cluster.wait_whole()
    return _outcome(drill, settled, traffic.result, log, begin, node)


def _outcome(drill: Drill, settled: bool, seen: dict[str, Any], log: VipLog, begin: float, node: str) -> Outcome:
    taken = [] if drill.prepare else [each.at for each in log.taken() if each.node == node]
    back_ms = (taken[-1] - seen["began"]) * 1000 - COMEBACK_MS if taken else float("inf")
    outages = seen["outages"]
    return Outcome(
        drill=drill.name,
        settled=settled,
        sent=seen["sent"],
        failed=seen["failed"],
        gap_ms=seen["longest_gap_ms"],
        fault=_cost([each for each in outages if each["at_ms"] < back_ms]),
        comeback=_cost([each for each in outages if each["at_ms"] >= back_ms]),
        two_holders_ms=log.count_ms(2, since=begin),
        moves=len(log.taken()),
        seen=seen,
    )


def _cost(outages: list[dict[str, Any]]) -> Cost:
    return Cost(sum(each["failed"] for each in outages), max((each["gap_ms"] for each in outages), default=0.0))


def violations(outcome: Outcome, bounds: Bounds) -> list[str]:
    """Say which bounds were broken."""
    measured = {
        "failed requests": (outcome.fault.failed, bounds.failed),
        "ms without service": (outcome.fault.gap_ms, bounds.gap_ms),
        "failed requests on return": (outcome.comeback.failed, COMEBACK.failed),
        "ms without service on return": (outcome.comeback.gap_ms, COMEBACK.gap_ms),
        "ms with two holders": (outcome.two_holders_ms, bounds.two_holders_ms),
        "moves of a VIP": (outcome.moves, bounds.moves),
    }
    return [
        f"{value:g} {what}, at most {most:g} allowed"
        for what, (value, most) in measured.items()
        if most is not None and value > most
    ]


# A request that is under way when its node lets go of the VIP is reset; on a loaded machine there may be several
_SEAMLESS = Bounds(failed=5, gap_ms=100.0, two_holders_ms=200.0)

_BY_SIGNAL = Bounds(failed=5, gap_ms=100.0, two_holders_ms=1000.0)
_UNMOVED = Bounds(failed=2, gap_ms=100.0, two_holders_ms=0.0, moves=0)
# On a loaded machine timers are late; and Linux may take a second to tell a node that its cable has been pulled
_BY_TIMER = Bounds(gap_ms=1000.0, two_holders_ms=2500.0)

# fmt: off
DRILLS = (
    Drill("proxy_killed", "{proxy} killed (SIGKILL)", kill(PROXY), whole,
          Bounds(gap_ms=300.0, two_holders_ms=500.0)),
    Drill("proxy_stopped", "{proxy} stopped by systemd", systemctl("stop", PROXY), left, _SEAMLESS,
          heal=systemctl("start", PROXY)),
    Drill("proxy_frozen", "{proxy} frozen (SIGSTOP)", systemctl("kill --signal=STOP", PROXY), left,
          Bounds(gap_ms=4000.0, two_holders_ms=500.0), heal=systemctl("kill --signal=CONT", PROXY),
          seconds=15.0),
    Drill("keepalived_stopped", "keepalived stopped", systemctl("stop", "keepalived"), left, _SEAMLESS,
          heal=systemctl("start", "keepalived")),
    Drill("keepalived_killed", "keepalived killed (SIGKILL)", kill("keepalived"), whole, _BY_SIGNAL,
          heal=systemctl("start", "keepalived"), seconds=15.0),
    Drill("drained", "drained", drain(DRAIN_WEIGHT), left, _SEAMLESS, heal=drain(0), ours_only=True),
    Drill("fail_back", "fail-back", systemctl("start", "keepalived"), whole, _SEAMLESS,
          prepare=stop_and_leave, heal=systemctl("start", "keepalived")),
    Drill("reloaded", "{proxy} and keepalived reloaded on both", reload_all, whole, _UNMOVED),
    Drill("network_cut", "cable of the active node pulled", power("cut"), left, _BY_TIMER, heal=power("heal")),
    Drill("node_killed", "power of the active node cut", power("kill"), left, _BY_TIMER, heal=power_on),
    Drill("node_stopped", "active node shut down", power("stop"), left, _SEAMLESS, heal=power_on),
    Drill("all_rebooted", "both nodes rebooted together", reboot_all, whole, Bounds(gap_ms=15000.0)),
    Drill("backend_killed", "one of two backends killed (SIGKILL)", kill_backend, at_home, _UNMOVED,
          heal=revive_backend),
    Drill("site_changed", "`site` with changed settings", change_settings, whole, _UNMOVED,
          heal=site({}), ours_only=True),
)
# fmt: on
BY_NAME = {drill.name: drill for drill in DRILLS}

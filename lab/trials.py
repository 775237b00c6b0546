# SPDX-License-Identifier: GPL-3.0-or-later
"""The trials: a fault or change under load, how it is mended, and the bounds of what a client may notice.

Every trial begins and ends with a healthy cluster and aims at the holder of the first VIP. `heal` always runs.
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
# A failed request counts for the return of the VIP if it began at most this long before it
COMEBACK_MS = 50.0


@dataclass(frozen=True)
class Bounds:
    """The most that a trial may cost; None: unlimited."""

    failed: int | None = None
    gap_ms: float | None = None
    two_holders_ms: float | None = None
    moves: int | None = None


COMEBACK = Bounds(failed=5, gap_ms=100.0)


@dataclass(frozen=True)
class Trial:
    """One fault or change of a cluster."""

    name: str
    title: str
    """`{proxy}` stands for haproxy or nginx."""
    fault: Action
    until: Settle
    """Waits for the state after the fault."""
    bounds: Bounds
    prepare: Action | None = None
    heal: Action | None = None
    ours_only: bool = False
    """Whether the usual configuration (lab/usual.py) cannot do it."""
    seconds: float = SETTLE_SECONDS

    def titled(self, proxy: str) -> str:
        """Return the title for this proxy."""
        return self.title.format(proxy=proxy)


@dataclass(frozen=True)
class ClientCost:
    """What a client noticed: failed requests, and the longest time without an answer in ms."""

    failed: int
    gap_ms: float


@dataclass(frozen=True)
class TrialResult:
    """The measurements of one trial; `fault` and `comeback` are parts of the whole cost (`failed`, `gap_ms`)."""

    trial: str
    settled: bool
    """Whether the cluster reached the state after the fault in time."""
    sent: int
    failed: int
    gap_ms: float
    fault: ClientCost
    comeback: ClientCost
    """The cost of the VIP's return to its first choice."""
    two_holders_ms: float
    moves: int
    seen: dict[str, Any]
    """The summary of the probe (operations/probe/summary.py)."""


def run(cluster: Balancers, trial: Trial, *, through_heal: bool = False, strict: bool = True) -> TrialResult:
    """Run a trial under load; with `through_heal`, the load goes on until the cluster is mended.

    Raises: LabError, if the cluster does not become healthy; with `strict`, also if the fault does not settle in time.
    """
    cluster.wait_whole()
    node = cluster.active()
    mended, settled = False, True

    def heal() -> None:
        nonlocal mended
        mended = True
        if trial.heal:
            trial.heal(cluster, node)

    try:
        if trial.prepare:
            trial.prepare(cluster, node)
        with cluster.logged() as log, cluster.traffic("", **PACE) as traffic:
            begin = time.time()
            trial.fault(cluster, node)
            try:
                trial.until(cluster, node, trial.seconds)
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
    return _result(trial, settled, traffic.result, log, begin, node)


def _result(trial: Trial, settled: bool, seen: dict[str, Any], log: VipLog, begin: float, node: str) -> TrialResult:
    taken = [] if trial.prepare else [each.at for each in log.taken() if each.node == node]
    back_ms = (taken[-1] - seen["began"]) * 1000 - COMEBACK_MS if taken else float("inf")
    outages = seen["outages"]
    return TrialResult(
        trial=trial.name,
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


def _cost(outages: list[dict[str, Any]]) -> ClientCost:
    return ClientCost(sum(each["failed"] for each in outages), max((each["gap_ms"] for each in outages), default=0.0))


def violations(result: TrialResult, bounds: Bounds) -> list[str]:
    """Return a sentence for every bound that was exceeded."""
    measured = {
        "failed requests": (result.fault.failed, bounds.failed),
        "ms without service": (result.fault.gap_ms, bounds.gap_ms),
        "failed requests on return": (result.comeback.failed, COMEBACK.failed),
        "ms without service on return": (result.comeback.gap_ms, COMEBACK.gap_ms),
        "ms with two holders": (result.two_holders_ms, bounds.two_holders_ms),
        "moves of a VIP": (result.moves, bounds.moves),
    }
    return [
        f"{value:g} {what}, at most {most:g} allowed"
        for what, (value, most) in measured.items()
        if most is not None and value > most
    ]


# Requests in flight are reset when their node gives up the VIP; on a loaded machine there may be several
_SEAMLESS = Bounds(failed=5, gap_ms=100.0, two_holders_ms=200.0)

_BY_SIGNAL = Bounds(failed=5, gap_ms=100.0, two_holders_ms=1000.0)
_UNMOVED = Bounds(failed=2, gap_ms=100.0, two_holders_ms=0.0, moves=0)
# Timers are late on a loaded machine, and Linux may take a second to report a lost carrier
_BY_TIMER = Bounds(gap_ms=1000.0, two_holders_ms=2500.0)

# fmt: off
TRIALS = (
    Trial("proxy_killed", "{proxy} killed (SIGKILL)", kill(PROXY), whole,
          Bounds(gap_ms=300.0, two_holders_ms=500.0)),
    Trial("proxy_stopped", "{proxy} stopped by systemd", systemctl("stop", PROXY), left, _SEAMLESS,
          heal=systemctl("start", PROXY)),
    Trial("proxy_frozen", "{proxy} frozen (SIGSTOP)", systemctl("kill --signal=STOP", PROXY), left,
          Bounds(gap_ms=4000.0, two_holders_ms=500.0), heal=systemctl("kill --signal=CONT", PROXY),
          seconds=15.0),
    Trial("keepalived_stopped", "keepalived stopped", systemctl("stop", "keepalived"), left, _SEAMLESS,
          heal=systemctl("start", "keepalived")),
    Trial("keepalived_killed", "keepalived killed (SIGKILL)", kill("keepalived"), whole, _BY_SIGNAL,
          heal=systemctl("start", "keepalived"), seconds=15.0),
    Trial("drained", "drained", drain(DRAIN_WEIGHT), left, _SEAMLESS, heal=drain(0), ours_only=True),
    Trial("fail_back", "fail-back", systemctl("start", "keepalived"), whole, _SEAMLESS,
          prepare=stop_and_leave, heal=systemctl("start", "keepalived")),
    Trial("reloaded", "{proxy} and keepalived reloaded on both", reload_all, whole, _UNMOVED),
    Trial("network_cut", "cable of the active node pulled", power("cut"), left, _BY_TIMER, heal=power("heal")),
    Trial("node_killed", "power of the active node cut", power("kill"), left, _BY_TIMER, heal=power_on),
    Trial("node_stopped", "active node shut down", power("stop"), left, _SEAMLESS, heal=power_on),
    Trial("all_rebooted", "both nodes rebooted together", reboot_all, whole, Bounds(gap_ms=15000.0)),
    Trial("backend_killed", "one of two backends killed (SIGKILL)", kill_backend, at_home, _UNMOVED,
          heal=revive_backend),
    Trial("site_changed", "`site` with changed settings", change_settings, whole, _UNMOVED,
          heal=site({}), ours_only=True),
)
# fmt: on
BY_NAME = {trial.name: trial for trial in TRIALS}

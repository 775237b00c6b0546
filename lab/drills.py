# SPDX-License-Identifier: GPL-3.0-or-later
"""The drills: what breaks, how it is mended, and what must hold.

Every drill begins and ends with a whole cluster, and aims at the balancer that holds the VIP. Its mending always runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lab.balancers import SETTLE_SECONDS, Balancers, Unsettled
from lab.engine import LabError

Action = Callable[[Balancers, str], None]
Settle = Callable[[Balancers, str, float], None]
REQUESTS = 1200
DRAINED = -253
RUN_DIRECTORY = "/run/ha_lb"
CHANGED = ("haproxy_timeout_server_seconds=31", "keepalived_garp_repeat=4")
WITHIN_ADVERTS_MS = 360.0  # three adverts of 0.1 s, and 60 ms


@dataclass(frozen=True)
class Bounds:
    """The most that a drill may cost; None: no bound."""

    failed: int | None = None
    gap_ms: float | None = None
    two_holders_ms: float | None = None
    moves: int | None = None


@dataclass(frozen=True)
class Drill:
    """One thing that happens to a cluster."""

    name: str
    title: str
    fault: Action
    until: Settle
    """What the fault leads to."""
    bounds: Bounds
    prepare: Action | None = None
    heal: Action | None = None
    ours_only: bool = False
    seconds: float = SETTLE_SECONDS


@dataclass(frozen=True)
class Outcome:
    """What a drill cost."""

    drill: str
    settled: bool
    """Whether the cluster came to the state that the drill leads to."""
    sent: int
    failed: int
    gap_ms: float
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
    mended = False

    def heal() -> None:
        nonlocal mended
        mended = True
        if drill.heal:
            drill.heal(cluster, node)

    try:
        if drill.prepare:
            drill.prepare(cluster, node)
        settled = True
        with cluster.logged() as log, cluster.traffic(requests=REQUESTS) as traffic:
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
        seen = traffic.result
        two_ms, moves = log.count_ms(2, since=begin), log.moves()
    finally:
        if not mended:
            heal()
    cluster.wait_whole()
    return Outcome(drill.name, settled, seen["sent"], seen["failed"], seen["longest_gap_ms"], two_ms, moves, seen)


def violations(outcome: Outcome, bounds: Bounds) -> list[str]:
    """Say which bounds were broken."""
    measured = {
        "failed requests": (outcome.failed, bounds.failed),
        "ms without service": (outcome.gap_ms, bounds.gap_ms),
        "ms with two holders": (outcome.two_holders_ms, bounds.two_holders_ms),
        "moves of a VIP": (outcome.moves, bounds.moves),
    }
    return [
        f"{value:g} {what}, at most {most:g} allowed"
        for what, (value, most) in measured.items()
        if most is not None and value > most
    ]


def _left(cluster: Balancers, node: str, seconds: float) -> None:
    cluster.wait_left(node, seconds)


def _whole(cluster: Balancers, _: str, seconds: float) -> None:
    cluster.wait_whole(seconds)


def _at_home(cluster: Balancers, _: str, seconds: float) -> None:
    cluster.wait(cluster.displaced, seconds)


def _systemctl(verb: str, *units: str) -> Action:
    def act(cluster: Balancers, node: str) -> None:
        cluster.run(node, f"systemctl {verb} {' '.join(units)}")

    return act


def _kill(unit: str) -> Action:
    """Kill all processes of a unit, and wait until systemd has noticed."""

    def act(cluster: Balancers, node: str) -> None:
        main_pid = f"systemctl show --property=MainPID --value {unit}"
        before = cluster.run(node, main_pid)
        cluster.run(node, f"systemctl kill --signal=KILL {unit}")
        cluster.wait(lambda: ["systemd has not noticed"] if cluster.run(node, main_pid) == before else [])

    return act


def _drain(value: int) -> Action:
    def act(cluster: Balancers, node: str) -> None:
        cluster.run(node, f"echo {value} >{RUN_DIRECTORY}/drain")

    return act


def _stop_and_leave(cluster: Balancers, node: str) -> None:
    cluster.run(node, "systemctl stop keepalived")
    cluster.wait_left(node)


def _reboot_all(cluster: Balancers, _: str) -> None:
    def reboot(node: str) -> None:
        cluster.lab.stop(node)
        cluster.power_on(node)

    with ThreadPoolExecutor(len(cluster.nodes)) as pool:
        list(pool.map(reboot, cluster.nodes))


def _reload_all(cluster: Balancers, _: str) -> None:
    for node in cluster.nodes:
        cluster.run(node, "systemctl reload haproxy keepalived")


def _kill_backend(cluster: Balancers, _: str) -> None:
    _kill("nginx")(cluster, cluster.backends[0])


def _revive_backend(cluster: Balancers, _: str) -> None:
    cluster.run(cluster.backends[0], "systemctl start nginx")


def _site(*variables: str) -> Action:
    def act(cluster: Balancers, _: str) -> None:
        done = cluster.ansible("evenkeel.ha_lb.site", *(word for each in variables for word in ("-e", each)))
        if done.returncode:
            raise LabError(f"site failed:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")

    return act


def _power(verb: str) -> Action:
    def act(cluster: Balancers, node: str) -> None:
        getattr(cluster.lab, verb)(node)

    return act


def _power_on(cluster: Balancers, node: str) -> None:
    cluster.power_on(node)


# A request may be under way in the proxy when its node lets go of the VIP: up to two of 1200
_SEAMLESS = Bounds(failed=2, gap_ms=100.0, two_holders_ms=200.0)

_BY_SIGNAL = Bounds(failed=2, gap_ms=100.0, two_holders_ms=1000.0)
_UNMOVED = Bounds(failed=2, gap_ms=100.0, two_holders_ms=0.0, moves=0)
# On a loaded machine timers are late
_BY_TIMER = Bounds(gap_ms=1000.0, two_holders_ms=500.0)

DRILLS = (
    Drill(
        "haproxy_killed",
        "haproxy killed (SIGKILL)",
        _kill("haproxy"),
        _whole,
        Bounds(gap_ms=300.0, two_holders_ms=500.0),
    ),
    Drill(
        *("haproxy_stopped", "haproxy stopped by systemd", _systemctl("stop", "haproxy"), _left, _SEAMLESS),
        heal=_systemctl("start", "haproxy"),
    ),
    Drill(
        *("haproxy_frozen", "haproxy frozen (SIGSTOP)", _systemctl("kill --signal=STOP", "haproxy"), _left),
        *(Bounds(gap_ms=4000.0, two_holders_ms=500.0),),
        heal=_systemctl("kill --signal=CONT", "haproxy"),
    ),
    Drill(
        *("keepalived_stopped", "keepalived stopped", _systemctl("stop", "keepalived"), _left, _SEAMLESS),
        heal=_systemctl("start", "keepalived"),
    ),
    Drill(
        *("keepalived_killed", "keepalived killed (SIGKILL)", _kill("keepalived"), _whole, _BY_SIGNAL),
        heal=_systemctl("start", "keepalived"),
        seconds=15.0,
    ),
    Drill(
        *("drained", "drained", _drain(DRAINED), _left, _SEAMLESS),
        heal=_drain(0),
        ours_only=True,
    ),
    Drill(
        *("fail_back", "fail-back", _systemctl("start", "keepalived"), _whole, _SEAMLESS),
        prepare=_stop_and_leave,
        heal=_systemctl("start", "keepalived"),
    ),
    Drill("reloaded", "haproxy and keepalived reloaded on both", _reload_all, _whole, _UNMOVED),
    Drill(
        *("network_cut", "cable of the active node pulled", _power("cut"), _left, _BY_TIMER),
        heal=_power("heal"),
    ),
    Drill(
        *("node_killed", "power of the active node cut", _power("kill"), _left, _BY_TIMER),
        heal=_power_on,
    ),
    Drill(
        *("node_stopped", "active node shut down", _power("stop"), _left, _SEAMLESS),
        heal=_power_on,
    ),
    Drill("all_rebooted", "both nodes rebooted at once", _reboot_all, _whole, Bounds(gap_ms=30000.0)),
    Drill(
        *("backend_killed", "one of two backends killed (SIGKILL)", _kill_backend, _at_home, _UNMOVED),
        heal=_revive_backend,
    ),
    Drill(
        *("site_changed", "`site` with changed settings", _site(*CHANGED), _whole, _UNMOVED),
        heal=_site(),
        ours_only=True,
    ),
)
BY_NAME = {drill.name: drill for drill in DRILLS}

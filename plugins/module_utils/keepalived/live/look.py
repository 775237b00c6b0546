# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a node: what its keepalived says, which of the VIPs it has, and whether its proxy answers."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional

from ...basics.address import bare
from ...basics.errors import HaLbError
from ...host import lock, paths
from ...host.drain_file import Drain, DrainFiles
from ...host.files import content
from ...host.http_probe import CHECK_PORT, health
from ...host.loaded import drift
from ...host.rights import as_root
from ...host.runner import run_command
from .agents import ear_said, guard_said
from .dump import States, held_addresses, instance_states, lacking, patience, watches_files

OPTIONS: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "default": "/run/keepalived/keepalived.json"},
    "pid_file": {"type": "path", "default": "/run/keepalived.pid"},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "check_port": {"type": "int", "default": CHECK_PORT},
    "wait_for": {"type": "str", "choices": ["nothing", "settled", "fit"], "default": "nothing"},
    "wait_seconds": {"type": "float", "default": 20},
    "peers_run": {"type": "list", "elements": "str", "default": []},
}
UNITS = Path("/etc/systemd/system")
DRAIN = DrainFiles(Path(paths.DRAIN), Path(paths.DRAIN_AT_BOOT))
POLL_SECONDS = 0.1


def look(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what M(vrrp_info) returns for its options; where it fails, C(failed) and C(msg) with what is known."""
    try:
        as_root()
        addresses = {bare(address) for address in options["addresses"]}
        try:
            states, proxy, drain = _waited(options)
        except HaLbError as error:
            # A keepalived that stands still keeps its VIPs
            held = sorted(addresses & held_addresses(run_command))
            return {"failed": True, "msg": str(error), "held": held, **_surroundings()}
        shown = asdict(drain) if drain else None
        return {"changed": False, "proxy": proxy, "drain": shown, **_found(states, addresses), **_surroundings()}
    except (HaLbError, OSError) as error:
        return {"failed": True, "msg": str(error)}


def _surroundings() -> dict[str, Any]:
    """Return what else there is to say of a node: its agents, what is not loaded, and whether a run is changing it."""
    now = time.monotonic()
    held = lock.read(content(Path(paths.LOCK)))
    installed = {name: (UNITS / f"ha_lb-{name}.service").exists() for name in ("guard", "ear")}
    return {
        "guard": guard_said(Path(paths.GUARD), installed["guard"], now),
        "ear": ear_said(Path(paths.HEARD), installed["ear"], now),
        "drift": drift(Path(paths.RUN), Path(paths.STATE)),
        "locked": held is not None and time.clock_gettime(time.CLOCK_BOOTTIME) - held.alive <= lock.SILENT_SECONDS,
    }


def calm_seconds(since: float, now: float, tracked: Iterable[Path]) -> float:
    """Return for how long nothing has changed that moves a VIP: neither a state, `since` when it is, nor a priority."""
    changes = [each.stat().st_mtime for each in tracked if each.exists()]
    return max(0.0, now - max(since, *changes, 0.0))


def _found(states: States, addresses: set[str]) -> dict[str, Any]:
    here = held_addresses(run_command)
    tracked = [Path(each) for each in paths.TRACKED]
    for each in states or ():
        each["calm_seconds"] = calm_seconds(each["since"], time.time(), tracked)
        each["held"] = [address for address in each["addresses"] if bare(address) in here]
    wanted = addresses.union(bare(address) for each in states or () for address in each["addresses"])
    return {
        "running": states is not None,
        "instances": states or [],
        "held": sorted(wanted & here),
        "units": sorted(path.parent.name.partition(".")[0] for path in UNITS.glob("*.service.d/ha_lb.conf")),
    }


def _waited(options: Mapping[str, Any]) -> tuple[States, str, Optional[Drain]]:
    """Return the states, what the proxy answers, and the drain, once they are what is waited for.

    Raises HaLbError when that does not come, or keepalived does not answer.
    """
    pid_file = Path(options["pid_file"])
    begin = time.monotonic()
    first = None
    while True:
        states = instance_states(pid_file, Path(options["path"]))
        proxy = health(options["check_port"])
        drain = DRAIN.read()
        missing = lacking(
            options["wait_for"],
            states,
            proxy,
            first,
            drained=drain is not None and drain.value != 0,
            watching=watches_files(pid_file),
            peers_run=options["peers_run"],
        )
        if not missing:
            return states, proxy, drain
        waited = time.monotonic() - begin
        if waited > options["wait_seconds"] + patience(states):
            raise HaLbError(f"after {waited:.0f} s, {missing}")
        first = first or states
        time.sleep(POLL_SECONDS)

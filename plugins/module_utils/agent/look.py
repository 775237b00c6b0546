# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking each second at keepalived, for those who may not ask it: the notifier and the status page.

It runs as root, who alone may signal keepalived: without capabilities or a network, and with one writable directory.

keepalived logs a line each time that it is asked. So it is asked when something has left a trace, for some seconds
more, and now and then. That it stands still is seen without asking: a health check each second wakes it.
"""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

from ..basics.errors import HaLbError
from ..keepalived.live.dump import instance_states
from .queue import write_whole
from .states import CAUSES

SECONDS = 1.0
# In looks
STILL = 2
RESTLESS = 10  # a priority follows some health checks later
CALM = 60
SHOWN = ("name", "state", "priority", "effective_priority", "since", "addresses", "interface", "vrid")
# When somebody looked, and when keepalived was asked for what it shows
NOTHING_YET: Mapping[str, Any] = {
    **{"time": 0.0, "asked": 0.0, "answers": True},
    **{"running": False, "silent_since": None, "instances": []},
}
SLEPT = re.compile(r"^State:\s+(\w).*^voluntary_ctxt_switches:\s+(\d+)", re.MULTILINE | re.DOTALL)
Ask = Callable[[], Optional[List[Dict[str, Any]]]]
Pulse = Optional[Tuple[int, str, str]]


class Looker:
    """Who looks, and decides whether keepalived is asked; `traces` are whatever changes when its states may have."""

    def __init__(self, ask: Ask, pulse: Callable[[], Pulse], traces: Callable[[], Tuple[int, ...]]) -> None:
        self._ask, self._pulse, self._traces = ask, pulse, traces
        self.last: Mapping[str, Any] = NOTHING_YET
        self._before: Tuple[Pulse, Tuple[int, ...]] = (None, ())
        self._still, self._restless, self._calm = 0, 0, CALM

    def look(self, now: float) -> Mapping[str, Any]:
        """Return what is known, a second after the last look."""
        pulse, traces = self._pulse(), self._traces()
        before, self._before = self._before, (pulse, traces)
        self._still = self._still + 1 if pulse == before[0] else 0
        self._restless -= 1
        if traces != before[1] or (pulse or ())[:1] != (before[0] or ())[:1]:
            self._restless = RESTLESS
        self._calm += 1
        if not self.last["answers"] and pulse and self._still:
            # Signals wait for it: one is enough
            self.last = {**self.last, "time": now, "asked": now}
        elif self._due(pulse):
            self._still, self._calm = 0, 0
            self.last = looked(self._ask, self.last, now)
        else:
            self.last = {**self.last, "time": now}
        return self.last

    def _due(self, pulse: Pulse) -> bool:
        dead = not pulse or pulse[1] in "Tt" or self._still >= STILL
        return dead or self._restless > 0 or self._calm >= CALM or not self.last["answers"]


def pulse_of(pid_file: Path, proc: Path) -> Pulse:
    """Return a process's number, its state, and how often it has gone to sleep; nothing of one that is not there."""
    try:
        pid = int(pid_file.read_text())
        slept = SLEPT.search((proc / f"{pid}/status").read_text())
    except (OSError, ValueError):
        return None
    return (pid, slept[1], slept[2]) if slept else None


def traces_of(paths: Iterable[Path]) -> Tuple[int, ...]:
    """Return when each file was written (ns); one that is not there, never."""
    found = []
    for path in paths:
        try:
            found.append(path.stat().st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)


def looked(ask: Ask, earlier: Mapping[str, Any], now: float) -> Dict[str, Any]:
    """Return what keepalived answers; where it does not, what it said last, and since when it is silent."""
    try:
        states = ask()
    except (HaLbError, OSError):
        silent = {"time": now, "asked": now, "answers": False, "silent_since": earlier["silent_since"] or now}
        return {**earlier, **silent}
    shown = [{key: each[key] for key in SHOWN} for each in states or ()]
    said = {"answers": True, "running": states is not None, "silent_since": None, "instances": shown}
    return {"time": now, "asked": now, **said}


def read_look(path: Path) -> Dict[str, Any]:
    """Return the last look; before the first one, that nothing is known."""
    try:
        return {**NOTHING_YET, **json.loads(path.read_text())}
    except (OSError, ValueError):
        return dict(NOTHING_YET)


def main() -> None:
    """Look for ever."""
    run, tracked = Path("/run"), Path(os.environ["HA_LB_TRACKED"])
    watched = [*(tracked / name for name in (*CAUSES, "keepalived.loaded")), Path(os.environ["HA_LB_CHANNELS"])]
    looker = Looker(
        lambda: instance_states(run / "keepalived.pid", run / "keepalived/keepalived.json"),
        lambda: pulse_of(run / "vrrp.pid", Path("/proc")),
        lambda: traces_of(watched),
    )
    while True:
        begin = time.monotonic()
        write_whole(Path(os.environ["HA_LB_LOOK"]), json.dumps(looker.look(time.time())), durable=False)
        time.sleep(max(0.0, SECONDS - (time.monotonic() - begin)))


if __name__ == "__main__":
    main()

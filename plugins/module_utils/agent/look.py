# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent that looks at keepalived every second, for the notifier and the status page, which may not signal it.

It runs as root, because only root may signal keepalived; without capabilities or a network, and with one writable
directory.

keepalived logs a line whenever it is asked for its states. So it is asked only when a file has changed that may change
a state, for some seconds after that, and once a minute. Whether it stands still is seen without asking: a health check
wakes it every second, so its count of voluntary context switches must grow.
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
from .queue import EVERYBODYS, write_whole
from .states import CAUSES, NOTHING_YET

SECONDS = 1.0  # between two looks
# All in looks
STILL = 2  # without a context switch, after which keepalived is taken to stand still
RESTLESS = 10  # in which it is asked after a change: the priority follows some health checks later
CALM = 60  # without a change, after which it is asked all the same
SHOWN = ("name", "state", "priority", "effective_priority", "since", "addresses", "interface", "vrid")
SLEPT = re.compile(r"^State:\s+(\w).*^voluntary_ctxt_switches:\s+(\d+)", re.MULTILINE | re.DOTALL)
Ask = Callable[[], Optional[List[Dict[str, Any]]]]
Pulse = Optional[Tuple[int, str, str]]


class Looker:
    """Looks at keepalived, and decides whether to ask it.

    `pulse` returns that of `pulse_of`; `traces` returns a value that changes whenever a state may have changed.
    """

    def __init__(self, ask: Ask, pulse: Callable[[], Pulse], traces: Callable[[], Tuple[int, ...]]) -> None:
        self._ask, self._pulse, self._traces = ask, pulse, traces
        self.last: Mapping[str, Any] = NOTHING_YET
        self._before: Tuple[Pulse, Tuple[int, ...]] = (None, ())
        self._still, self._restless, self._calm = 0, 0, CALM

    def look(self, now: float) -> Mapping[str, Any]:
        """Return what is known now; to be called every second."""
        pulse, traces = self._pulse(), self._traces()
        before, self._before = self._before, (pulse, traces)
        self._still = self._still + 1 if pulse == before[0] else 0
        self._restless -= 1
        if traces != before[1] or (pulse or ())[:1] != (before[0] or ())[:1]:
            self._restless = RESTLESS
        self._calm += 1
        if not self.last["answers"] and pulse and self._still:
            # It stands still since it was last asked: a signal is pending already
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
    """Return the PID, the state and the voluntary context switches of a process (proc(5)); None if it is not there."""
    try:
        pid = int(pid_file.read_text())
        slept = SLEPT.search((proc / f"{pid}/status").read_text())
    except (OSError, ValueError):
        return None
    return (pid, slept[1], slept[2]) if slept else None


def traces_of(paths: Iterable[Path]) -> Tuple[int, ...]:
    """Return the modification times of files in ns; 0 for one that is not there."""
    found = []
    for path in paths:
        try:
            found.append(path.stat().st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)


def looked(ask: Ask, earlier: Mapping[str, Any], now: float) -> Dict[str, Any]:
    """Return keepalived's answer; without one, the last answer, and since when it is silent."""
    try:
        states = ask()
    except (HaLbError, OSError):
        silent = {"time": now, "asked": now, "answers": False, "silent_since": earlier["silent_since"] or now}
        return {**earlier, **silent}
    shown = [{key: each[key] for key in SHOWN} for each in states or ()]
    answer = {"answers": True, "running": states is not None, "silent_since": None, "instances": shown}
    return {"time": now, "asked": now, **answer}


def main() -> None:
    """Look every second, forever."""
    run, tracked = Path("/run"), Path(os.environ["HA_LB_TRACKED"])
    watched = [*(tracked / name for name in (*CAUSES, "keepalived.loaded")), Path(os.environ["HA_LB_CHANNELS"])]
    looker = Looker(
        lambda: instance_states(run / "keepalived.pid", run / "keepalived/keepalived.json"),
        lambda: pulse_of(run / "vrrp.pid", Path("/proc")),
        lambda: traces_of(watched),
    )
    while True:
        begin = time.monotonic()
        look = json.dumps(looker.look(time.time()))
        write_whole(Path(os.environ["HA_LB_LOOK"]), look, durable=False, mode=EVERYBODYS)
        time.sleep(max(0.0, SECONDS - (time.monotonic() - begin)))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived's processes, as /proc has them: which they are, whether they are stopped, whether they wake."""

from __future__ import annotations

import os
import signal
from typing import NamedTuple, Optional

from ..files import text_of

JSON_SIGNAL = signal.SIGRTMIN + 2  # `keepalived --signum=JSON`
STATE, STARTED = 0, 19  # proc(5), of what stands behind the name of the command
STOPPED_STATES = "Tt"
NAME = "keepalived"  # the name of the command, or what it begins with


class Pulse(NamedTuple):
    """One look at keepalived's two processes; `slept` changes whenever the one of VRRP wakes."""

    daemon: str
    stopped: bool
    slept: str


def number_in(path: str) -> int:
    """Return the number that a file has; 0 if it has none."""
    try:
        return int(text_of(path) or "")
    except ValueError:
        return 0


def pulse_of(run: str = "/run", proc: str = "/proc", slept: Optional[str] = None) -> Optional[Pulse]:
    """Return what keepalived does now; None if there is no such process. `slept` is taken for what has not changed."""
    main, child = number_in(f"{run}/keepalived.pid"), number_in(f"{run}/vrrp.pid")
    parent, worker = _stat(f"{proc}/{main}/stat"), _stat(f"{proc}/{child}/stat")
    if parent is None or worker is None:
        return None
    if slept is None:
        status = text_of(f"{proc}/{child}/status") or ""
        slept = (status.rpartition("\nvoluntary_ctxt_switches:")[2].split() or [""])[0]
    stopped = parent[STATE] in STOPPED_STATES or worker[STATE] in STOPPED_STATES
    return Pulse(f"{main}:{parent[STARTED]} {child}:{worker[STARTED]}", stopped, slept)


def _stat(path: str) -> Optional[list[str]]:
    """Return what /proc/PID/stat has behind the command; None if it is another program's, or a zombie."""
    name, _bracket, rest = (text_of(path) or "").rpartition(")")
    fields = rest.split()
    there = name.partition("(")[2].startswith(NAME) and len(fields) > STARTED and fields[STATE] not in "ZX"
    return fields if there else None


def signal_json(run: str = "/run") -> bool:
    """Ask keepalived for its states; return whether there is one to ask.

    Raises PermissionError.
    """
    pid = number_in(f"{run}/keepalived.pid")
    try:
        if pid:
            os.kill(pid, JSON_SIGNAL)
    except ProcessLookupError:
        return False
    return pid > 0


def kill_all(run: str = "/run", proc: str = "/proc") -> bool:
    """Kill keepalived's two processes, the one of VRRP first; return whether there was one. Raises PermissionError."""
    found = False
    for pid in (number_in(f"{run}/vrrp.pid"), number_in(f"{run}/keepalived.pid")):
        if _stat(f"{proc}/{pid}/stat") is None:
            continue
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        found = True
    return found

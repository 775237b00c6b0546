# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time: who holds a node's lock, whether that run still lives, and who may take it over.

Ages are differences of the node's own boot clock, which no wrong date can fool.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Callable, Optional

from ..basics.errors import HaLbError

SILENT_SECONDS = 900.0  # longer than any task of a run takes
STARTED = 19  # proc(5): field 22 of /proc/PID/stat, counted behind the name of the command


@dataclass(frozen=True)
class Run:
    """A run of a playbook: its process, in the one space of processes in which its number means something."""

    who: str
    playbook: str
    began: str
    space: str
    pid: int
    started: str

    @property
    def id(self) -> str:
        """Return the same few characters in every task of the run."""
        return hashlib.sha256(f"{self.space} {self.pid} {self.started}".encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Lock:
    """What lies on a node: who holds it, since when, and when that run last gave a sign of life (boot clock)."""

    run: Run
    since: float
    alive: float


class Held(HaLbError):
    """Another run has the lock."""

    def __init__(self, lock: Lock, node: str, now: float) -> None:
        self.lock = lock
        run = lock.run
        super().__init__(
            f"{node}: {run.who} runs {run.playbook} since {run.began} ({now - lock.since:.0f} s; last sign of life "
            f"{now - lock.alive:.0f} s ago): wait for it with -e ha_lb_lock_wait_seconds=600, or, if that run is dead, "
            f"take its lock away with -e ha_lb_break_lock={run.id}"
        )


def read(data: Optional[bytes]) -> Optional[Lock]:
    """Read what lies on a node; what is none of ours is no lock, because ours are written at once."""
    try:
        said = json.loads(data or b"")
        return Lock(Run(**said["run"]), float(said["since"]), float(said["alive"]))
    except (ValueError, TypeError, KeyError):
        return None


def text(lock: Lock) -> bytes:
    """Return a lock as what lies on a node."""
    return json.dumps(asdict(lock)).encode() + b"\n"


def taken(found: Optional[Lock], run: Run, node: str, now: float, broken: str = "") -> Lock:
    """Return the lock of `run` on a node, in the place of what was found there.

    `broken` is the id of a run that is known to be dead. Raises Held where another run has it.
    """
    if found is None or found.run.id == broken or now - found.alive > SILENT_SECONDS:
        return Lock(run, now, now)
    if found.run.id != run.id:
        raise Held(found, node, now)
    return Lock(found.run, found.since, now)


def started(stat: str) -> str:
    """Return when a process was started, of the text of /proc/PID/stat: in ticks since the boot."""
    return stat.rpartition(")")[2].split()[STARTED]


def is_gone(run: Run, space: str, stat_of: Callable[[int], Optional[str]]) -> bool:
    """Tell whether a run is known to be dead: its process was one of this space, and is not there any more.

    `stat_of` returns the text of /proc/PID/stat, or None where there is no such process.
    """
    if not space or run.space != space:
        return False
    stat = stat_of(run.pid)
    return stat is None or started(stat) != run.started

# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that the guard runs: at once, for what takes milliseconds, or beside its ticks.

What needs the whole host is run by systemd, as root, because a guard that could do all of it itself could do more.
"""

from __future__ import annotations

import os
import select
import signal
import time
from typing import Callable, Dict, List, NamedTuple, Sequence, Tuple

SECONDS = 0.8  # for what is waited for; longer, and the tick would be late
MOST_OUTPUT = 65536
OUTSIDE = ("systemd-run", "--quiet", "--collect", "--pipe", "--wait")
NOBODY_KNOWS = 127

Done = Callable[[int, str], None]


class Errand(NamedTuple):
    """A program that runs: what it is for, where its output comes from, and who is told its status and its output."""

    pid: int
    output: int
    done: Done


def _spawn(argv: Sequence[str]) -> Tuple[int, int]:
    """Start a program; return its process and the end of a pipe with what it says. Raises OSError."""
    ours, its = os.pipe2(os.O_CLOEXEC)
    try:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, its, 1),
            (os.POSIX_SPAWN_DUP2, its, 2),
        ]
        pid = os.posix_spawnp(argv[0], list(argv), os.environ, file_actions=actions)
    except OSError:
        os.close(ours)
        raise
    finally:
        os.close(its)
    os.set_blocking(ours, False)
    return pid, ours


def at_once(argv: Sequence[str], seconds: float = SECONDS) -> Tuple[int, str]:
    """Run a program; return its exit status and what it said. One that takes too long is killed."""
    try:
        pid, output = _spawn(argv)
    except OSError as error:
        return NOBODY_KNOWS, f"{argv[0]}: {error.strerror}"
    said, deadline = b"", time.monotonic() + seconds
    poll = select.poll()
    poll.register(output, select.POLLIN)
    while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        data = _read(output)
        if not data:
            break
        said += data
    else:
        os.kill(pid, signal.SIGKILL)
    os.close(output)
    _pid, status = os.waitpid(pid, 0)
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else NOBODY_KNOWS
    return code, said.decode(errors="replace")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, MOST_OUTPUT)
    except BlockingIOError:
        return b""


class Errands:
    """Programs that run beside the ticks, at most one of a name."""

    def __init__(self) -> None:
        self._running: Dict[str, Errand] = {}

    def busy(self, name: str) -> bool:
        """Tell whether one of this name runs."""
        return name in self._running

    def start(self, name: str, argv: Sequence[str], done: Done) -> None:
        """Start a program, unless one of this name runs."""
        if name in self._running:
            return
        try:
            self._running[name] = Errand(*_spawn(argv), done)
        except OSError as error:
            done(NOBODY_KNOWS, f"{argv[0]}: {error.strerror}")

    def reap(self) -> None:
        """Tell of those that have ended."""
        ended: List[Tuple[Errand, int]] = []
        for name, errand in list(self._running.items()):
            pid, status = os.waitpid(errand.pid, os.WNOHANG)
            if pid:
                del self._running[name]
                ended.append((errand, status))
        for errand, status in ended:
            said = _read(errand.output).decode(errors="replace")
            os.close(errand.output)
            errand.done(os.WEXITSTATUS(status) if os.WIFEXITED(status) else NOBODY_KNOWS, said.strip())


def unit_state(unit: str) -> Dict[str, str]:
    """Return what systemd says of a unit: ActiveState, SubState, Job (empty: none). {} if it does not say."""
    code, said = at_once(("systemctl", "show", "--property=ActiveState,SubState,Job", unit))
    pairs = [line.partition("=") for line in said.splitlines()]
    found = {name: value for name, _sep, value in pairs if name in ("ActiveState", "SubState", "Job")}
    return {"Job": "", **found} if code == 0 and "ActiveState" in found else {}

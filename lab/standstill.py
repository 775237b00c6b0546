# SPDX-License-Identifier: GPL-3.0-or-later
"""Detect that this machine stood still, as virtual machines do: VRRP declares a node dead after three missed adverts.

A separate process has a thread per CPU that sleeps 10 ms at a time, and reports sleeps that took far too long.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import IO

NAP_SECONDS = 0.01
# The shortest takeover in the lab takes 0.3 s, of which 0.1 s may have passed already
STOOD_STILL_SECONDS = 0.2


class Standstills:
    """Records when this machine stood still, and for how many seconds, during a `with` block."""

    def __enter__(self) -> Standstills:
        self._seen: list[tuple[float, float]] = []
        command = [sys.executable, __file__]
        self.program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.program.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self.program.stdout,), daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.program.stdin is not None
        self.program.stdin.close()
        self._reader.join()
        self.program.wait()

    def since(self, begin: float) -> list[float]:
        """Return the length in seconds of every standstill since `begin` (seconds since the epoch)."""
        return [seconds for at, seconds in list(self._seen) if at >= begin]

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            at, seconds = json.loads(line)
            self._seen.append((at, seconds))


def _nap(cpu: int) -> None:
    os.sched_setaffinity(0, {cpu})
    before = time.monotonic()
    while True:
        time.sleep(NAP_SECONDS)
        now = time.monotonic()
        if now - before > STOOD_STILL_SECONDS:
            sys.stdout.write(json.dumps([time.time(), now - before]) + "\n")
            sys.stdout.flush()
        before = now


def main() -> None:
    """Sleep and measure on every CPU until the standard input is closed."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)
    for cpu in os.sched_getaffinity(0):
        threading.Thread(target=_nap, args=(cpu,), daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()

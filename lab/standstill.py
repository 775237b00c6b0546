# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this machine stood still, as virtual ones do: VRRP takes a node for dead that stops for three adverts.

A program of its own naps on each CPU, and tells when a nap took far too long.
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
# The lab's shortest time to a takeover is 0.3 s, of which up to 0.1 s are over already
STOOD_STILL_SECONDS = 0.2


class Standstills:
    """When this machine stood still, and for how many seconds, during a `with` block."""

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
        """Return for how many seconds it stood still each time since then, in seconds since the epoch."""
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
    """Nap on each CPU until the standard input ends."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)
    for cpu in os.sched_getaffinity(0):
        threading.Thread(target=_nap, args=(cpu,), daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()

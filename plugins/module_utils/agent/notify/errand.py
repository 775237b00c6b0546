# SPDX-License-Identifier: GPL-3.0-or-later
"""One attempt to deliver a message, by a process that lives as long as it takes.

What knows mail, TLS and HTTP takes twice the memory of the notifier, and is needed for seconds in a month.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any, Mapping, NamedTuple, Optional

from ..config import Channel, Command, as_data

LONGEST_SECONDS = 120.0  # for a receiver that sends a byte now and then, which no time-out of a socket ends
SPARE_SECONDS = 10.0  # to end a command that takes too long, and to say so
MOST_BYTES = 4096  # of what it says in the end
PROGRAM = f"{__package__}.delivery"


class Outcome(NamedTuple):
    """The outcome of an attempt: `problem` is empty if it was delivered; if `final`, a retry is of no use."""

    problem: str = ""
    final: bool = False


DELIVERED = Outcome()


class Errand:
    """The process of an attempt; `until` is when it is given up, by the monotonic clock."""

    def __init__(self, pid: int, said: int, until: float) -> None:
        self.said, self.until = said, until
        self._pid, self._heard = pid, b""

    def outcome(self, clock: float) -> Optional[Outcome]:
        """Return the outcome, or None while it is under way; at `clock`, by the monotonic one."""
        try:
            data = os.read(self.said, MOST_BYTES)
            while data and len(self._heard) <= MOST_BYTES:
                self._heard += data
                data = os.read(self.said, MOST_BYTES)
        except BlockingIOError:
            if clock < self.until:
                return None
        os.close(self.said)
        late = clock >= self.until
        if late:
            os.kill(self._pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return Outcome("it took too long") if late else _read(self._heard, code)


def _read(heard: bytes, code: int) -> Outcome:
    try:
        problem, final = json.loads(heard)
        return Outcome(str(problem), bool(final))
    except (TypeError, ValueError):
        return Outcome(f"the delivery ended with status {code}")


def send_out(channel: Channel, message: Mapping[str, Any], clock: float) -> Errand:
    """Begin an attempt; `clock` is the monotonic time.

    What the process gets, secrets among it, is neither in its arguments nor in its environment. Raises OSError.
    """
    given = os.memfd_create("ha_lb-delivery")
    said, saying = os.pipe()
    try:
        os.write(given, json.dumps({"channel": as_data(channel), "message": message}).encode())
        os.lseek(given, 0, os.SEEK_SET)
        os.set_blocking(said, False)
        pid = os.posix_spawn(
            sys.executable,
            (sys.executable, "-S", "-B", "-m", PROGRAM),
            os.environ,
            file_actions=((os.POSIX_SPAWN_DUP2, given, 0), (os.POSIX_SPAWN_DUP2, saying, 1)),
        )
    except OSError:
        os.close(said)
        raise
    finally:
        os.close(given)
        os.close(saying)
    own = channel.timeout_seconds + SPARE_SECONDS if isinstance(channel, Command) else LONGEST_SECONDS
    return Errand(pid, said, clock + own)

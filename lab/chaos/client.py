# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask services without end, on new connections and on kept ones; say every failed request at once, and every second how
many were sent.

Run on the lab's client: the probe of the collection, whose text is the first argument, asks on new connections. A kept
connection is asked again and again; a request on it has failed when it was broken off or not answered in time, and the
connection is then made anew. One that is closed between two requests, or after an answer that said so, has not failed.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
import threading
import time
import types
from typing import Any

TICK_SECONDS = 0.5
EPOCH = time.time() - time.monotonic()
SAYING = threading.Lock()
SENT = {"new": 0, "kept": 0}


def say(line: dict[str, Any]) -> None:
    """Print a line of JSON, unbuffered."""
    with SAYING:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def say_failed(kind: str, address: str, started: float, error: str) -> None:
    """Say that a request has failed, which was started then, by the monotonic clock."""
    took = time.monotonic() - started
    say({"failed": kind, "at": started + EPOCH, "took": round(took, 3), "address": address, "error": error})


class Kept:
    """A connection that is kept, and made anew when it is lost."""

    def __init__(self, address: str, port: int, host: str, pace: dict[str, float]) -> None:
        self.address, self.port, self.pace = address, port, pace
        self.text = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        self.link: socket.socket | None = None

    def run(self, due: float) -> None:
        """Send a request at every due time, without end."""
        while True:
            time.sleep(max(0.0, due - time.monotonic()))
            started = time.monotonic()
            SENT["kept"] += 1
            try:
                self._ask(started + self.pace["timeout"])
            except OSError as error:
                self._close()
                say_failed("kept", self.address, started, str(error) or type(error).__name__)
            due = max(due + self.pace["interval"], time.monotonic())

    def _ask(self, deadline: float) -> None:
        if self.link is not None and select.select([self.link], [], [], 0)[0]:
            self._close()
        if self.link is None:
            self.link = socket.create_connection((self.address, self.port), self.pace["connect_timeout"])
        self.link.sendall(self.text)
        head, body = b"", b""
        while b"\r\n\r\n" not in head:
            head += self._read(deadline)
        head, _, body = head.partition(b"\r\n\r\n")
        fields = dict(line.lower().partition(b": ")[::2] for line in head.split(b"\r\n")[1:])
        while len(body) < int(fields.get(b"content-length", b"0")):
            body += self._read(deadline)
        status = head.split(b" ", 2)[1]
        if fields.get(b"connection") == b"close":
            self._close()
        if status >= b"500":
            raise OSError(f"HTTP {status.decode()}")

    def _read(self, deadline: float) -> bytes:
        assert self.link is not None
        self.link.settimeout(max(0.001, deadline - time.monotonic()))
        more = self.link.recv(65536)
        if not more:
            raise OSError("closed without an answer")
        return more

    def _close(self) -> None:
        if self.link is not None:
            self.link.close()
            self.link = None


def new_connections(text: str, targets: list[dict[str, Any]], pace: dict[str, float]) -> None:
    """Run the probe without end: a failed request is said when it is known, and a finished one forgotten."""
    probe: Any = types.ModuleType("probe")
    sys.modules["probe"] = probe
    exec(compile(text, "probe", "exec"), probe.__dict__)

    class Endless(probe.Loop):  # type: ignore[misc]
        def _start(self, target: Any, due: float) -> None:
            SENT["new"] += 1
            super()._start(target, due)

        def _close(self, request: Any, error: str) -> None:
            super()._close(request, error)
            self.requests.clear()
            if error:
                say_failed("new", request.target.address, request.started, error)

    Endless([probe.Target(**each) for each in targets], probe.Pace(seconds=1e9, **pace)).run()


def main() -> None:
    """Measure until standard input ends: `{targets, host, new: pace, kept: pace with connections}` as JSON."""
    text, wanted = sys.argv[1], json.loads(sys.argv[2])
    with contextlib.suppress(PermissionError):
        os.nice(-10)
    targets, kept = wanted["targets"], wanted["kept"]
    connections = int(kept.pop("connections"))
    begin = time.monotonic()
    for number in range(connections):
        target = targets[number % len(targets)]
        one = Kept(target["address"], target["port"], wanted["host"], kept)
        due = begin + kept["interval"] * number / connections
        threading.Thread(target=one.run, args=(due,), daemon=True).start()
    threading.Thread(target=new_connections, args=(text, targets, wanted["new"]), daemon=True).start()
    while not select.select([sys.stdin], [], [], TICK_SECONDS)[0]:
        say({"tick": time.time(), **SENT})
    os._exit(0)


if __name__ == "__main__":
    main()

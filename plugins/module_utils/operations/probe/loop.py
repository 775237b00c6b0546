# SPDX-License-Identifier: GPL-3.0-or-later
"""An open-loop client: requests at fixed times, each on its own socket, whether or not earlier ones were answered.

The file imports only Python's standard library, so that the lab can run it on its client as it is.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import math
import os
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Callable, Deque, List, Optional, Tuple

READY_AFTER = 20  # answers
LINGER = 0.2  # seconds
STOOD_STILL = 0.1  # seconds; after a longer pause of the client, the requests that were due in it are skipped
SILENCE = 0.3  # seconds; a TCP service that has not closed the connection by then is taken to wait for the client
MODES = ("http", "tcp", "udp")

Row = Tuple[float, float, float, str, str]
"""A request: its start, its lateness and its duration in seconds, its error (empty: answered), and who answered."""


@dataclass(frozen=True)
class Target:
    """A service to ask, and the text to send. Over UDP any datagram is an answer, over TCP an open connection."""

    address: str
    port: int
    mode: str = "http"
    text: str = ""


@dataclass(frozen=True)
class Pace:
    """The time between two requests to one target, the duration of the measurement, and its timeouts, in seconds."""

    interval: float = 0.005
    seconds: float = 300.0
    least: float = 0.0
    """The earliest end when `stop` is readable."""
    connect_timeout: float = 0.9
    timeout: float = 2.0


@dataclass(eq=False)
class Request:
    """One request and its result."""

    target: Target
    due: float
    started: float
    link: socket.socket
    sent: float = 0.0
    reply: bytes = b""
    ended: float = 0.0
    error: str = "unanswered"
    who: str = ""

    @property
    def took(self) -> float:
        """Return how long the answer took, in seconds; over TCP, the connection."""
        return (self.sent if self.target.mode == "tcp" and not self.error else self.ended) - self.started


class Loop:
    """Starts requests when they are due, reads answers, and gives up requests that time out."""

    def __init__(
        self,
        targets: List[Target],
        pace: Pace,
        clock: Callable[[], float] = time.monotonic,
        stop: Optional[int] = None,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        self.targets, self.pace, self.clock = targets, pace, clock
        self.requests: List[Request] = []
        self.missed = [0] * len(targets)
        self.good = 0
        self._ready = ready
        self._asked_to_stop = False
        self._selector = selectors.DefaultSelector()
        self._connecting: Deque[Request] = deque()
        self._waiting: Deque[Request] = deque()
        self._silent: Deque[Request] = deque()
        if stop is not None:
            self._selector.register(stop, selectors.EVENT_READ)

    def run(self) -> float:
        """Run the measurement, wait for the last answers, and return when it began, by `clock`."""
        begin = self.clock()
        step = self.pace.interval / len(self.targets)
        turn = 0
        while not self._enough(self.clock() - begin):
            due = begin + turn * step
            self._turn(due - self.clock())
            late = self.clock() - due
            if late > max(STOOD_STILL, step):
                resumed = min(turn + int(late / step), math.ceil(self.pace.seconds / step))
                for number in range(turn, resumed):
                    self.missed[number % len(self.targets)] += 1
                turn = resumed
            elif late >= 0:
                self._start(self.targets[turn % len(self.targets)], due)
                turn += 1
        last = self.clock() + self.pace.timeout + LINGER
        while any(not each.ended for each in self._waiting) and self.clock() < last:
            self._turn(LINGER)
        for request in self._waiting:
            if not request.ended:
                self._close(request, "no answer")
        self._selector.close()
        return begin

    def rows(self, target: Target, begin: float) -> List[Row]:
        """Return the requests to a target, in the order of their starts."""
        return [
            (each.started - begin, each.started - each.due, each.took, each.error, each.who)
            for each in self.requests
            if each.target is target
        ]

    def _enough(self, elapsed: float) -> bool:
        return elapsed >= self.pace.seconds or (self._asked_to_stop and elapsed >= self.pace.least)

    def _turn(self, seconds: float) -> None:
        if not self._selector.get_map():
            time.sleep(max(0.0, seconds))
        for key, _events in self._selector.select(max(0.0, seconds)):
            if key.data is None:
                self._hear(key.fd)
            elif not key.data.ended:
                self._advance(key.data)
        now = self.clock()
        self._give_up(self._connecting, now - self.pace.connect_timeout, "no connection")
        while self._silent and (self._silent[0].ended or self._silent[0].sent < now - SILENCE):
            quiet = self._silent.popleft()
            if not quiet.ended:
                self._close(quiet, "")
        self._give_up(self._waiting, now - self.pace.timeout, "no answer")

    def _hear(self, stop: int) -> None:
        if not os.read(stop, 4096):
            self._asked_to_stop = True
            self._selector.unregister(stop)

    def _start(self, target: Target, due: float) -> None:
        family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
        kind = socket.SOCK_DGRAM if target.mode == "udp" else socket.SOCK_STREAM
        link = socket.socket(family, kind)
        link.setblocking(False)
        request = Request(target, due, self.clock(), link)
        self.requests.append(request)
        code = link.connect_ex((target.address, target.port))
        if code not in (0, errno.EINPROGRESS):
            self._close(request, errno.errorcode.get(code, str(code)))
            return
        self._waiting.append(request)
        if target.mode != "udp":
            self._connecting.append(request)
        self._selector.register(link, selectors.EVENT_WRITE, request)

    def _advance(self, request: Request) -> None:
        try:
            if not request.sent:
                self._say(request)
                return
            more = request.link.recv(65536)
            if request.target.mode == "http" and more:
                request.reply += more
            elif request.target.mode == "http":
                self._finish(request)
            else:
                self._close(request, "" if more or request.target.mode == "udp" else "closed at once")
        except OSError as error:
            self._close(request, errno.errorcode.get(error.errno or 0, type(error).__name__))

    def _say(self, request: Request) -> None:
        code = request.link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        if request.target.text:
            request.link.send(request.target.text.encode())
        request.sent = self.clock()
        if request.target.mode == "tcp":
            self._silent.append(request)
        self._selector.modify(request.link, selectors.EVENT_READ, request)

    def _finish(self, request: Request) -> None:
        head, _blank, body = request.reply.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1:2]
        if not status:
            self._close(request, "closed without an answer")
        elif status[0] >= b"500":
            self._close(request, f"HTTP {status[0].decode(errors='replace')}")
        else:
            request.who = body.decode(errors="replace").split(None, 1)[0][:64] if body.split() else ""
            self._close(request, "")

    def _close(self, request: Request, error: str) -> None:
        if request.link.fileno() in self._selector.get_map():
            self._selector.unregister(request.link)
        request.link.close()
        request.reply = b""
        request.ended, request.error = self.clock(), error
        self.good += not error
        if not error and self.good == READY_AFTER:
            self._ready()

    def _give_up(self, queue: Deque[Request], before: float, error: str) -> None:
        """Close requests that started before a time; a queue is in the order of starts."""
        while queue and (queue[0].ended or queue[0].started < before):
            request = queue.popleft()
            if not request.ended and not (queue is self._connecting and request.sent):
                self._close(request, error)


@contextlib.contextmanager
def undisturbed() -> Any:
    """Keep the schedule: raise the priority of this process where that is allowed, and stop garbage collection."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def measure(targets: List[Target], pace: Pace, **edges: Any) -> List[Any]:
    """Measure the targets; return for each when it began (seconds since the epoch), its rows, and how many it missed.

    A request is missed if it was due while the client itself stood still.
    """
    began, zero = time.time(), time.monotonic()
    loop = Loop(targets, pace, **edges)
    with undisturbed():
        begin = loop.run()
    return [[began + begin - zero, loop.rows(each, begin), missed] for each, missed in zip(targets, loop.missed)]


def print_now(line: str) -> None:
    """Print a line, unbuffered."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure the targets of the first argument, `{targets, pace}` as JSON.

    Prints `ready` after the first answers, and the result as JSON at the end.
    """
    wanted = json.loads(sys.argv[1])
    targets = [Target(**each) for each in wanted["targets"]]
    pace = Pace(**{**asdict(Pace()), **wanted["pace"]})
    measured = measure(targets, pace, stop=sys.stdin.fileno(), ready=lambda: print_now("ready"))
    print_now(json.dumps(measured))


if __name__ == "__main__":
    main()

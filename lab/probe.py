# SPDX-License-Identifier: GPL-3.0-or-later
"""An open-loop HTTP probe: a request every so many ms, each on a connection of its own, whatever the others do.

It runs inside the client node with nothing but Python's standard library. It prints `ready` once the service has
answered, goes on until its standard input ends and its requests are spent, and prints one JSON object.

An outage lasts from the start of the first failed request to the start of the next good one.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import errno
import gc
import json
import os
import select
import socket
import sys
import time
from dataclasses import dataclass, field

ARP_TABLE = "/proc/net/arp"
READY_AFTER = 20
SHORTEST_LINGER = 0.2


@dataclass(eq=False)
class Request:
    """One request: when it was due and started, and what became of it (an empty error: well)."""

    due: float
    started: float
    connection: socket.socket
    sent: bool = False
    reply: bytes = b""
    ended: float = 0.0
    error: str = "unanswered"
    who: str = ""


@dataclass
class Options:
    """What to ask, how often, and how long to wait."""

    address: str
    port: int = 80
    host: str = "test.com"
    path: str = "/"
    interval: float = 0.005
    requests: int = 1200
    most: int = 60000
    connect_timeout: float = 0.9
    timeout: float = 2.0


@dataclass
class Probe:
    """The loop: starts what is due, reads what has come, gives up what is late."""

    options: Options
    requests: list[Request] = field(default_factory=list)
    neighbours: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare what each request needs."""
        options = self.options
        self.family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
        text = f"GET {options.path} HTTP/1.1\r\nHost: {options.host}\r\nConnection: close\r\n\r\n"
        self.text = text.encode()
        self.poll = select.epoll()
        self.poll.register(sys.stdin.fileno(), select.EPOLLIN | select.EPOLLHUP)
        self.open: dict[int, Request] = {}
        self.waiting: collections.deque[Request] = collections.deque()
        self.connecting: collections.deque[Request] = collections.deque()
        self.asked_to_stop = False
        self.good = 0

    def run(self) -> None:
        """Send requests until the input has ended and enough are sent, then wait for the last answers."""
        begin = time.monotonic()
        while not self._enough():
            due = begin + len(self.requests) * self.options.interval
            self._turn(due - time.monotonic())
            if time.monotonic() >= due:
                self._start(due)
        last = time.monotonic() + self.options.timeout + SHORTEST_LINGER
        while self.open and time.monotonic() < last:
            self._turn(SHORTEST_LINGER)

    def _enough(self) -> bool:
        sent = len(self.requests)
        return sent >= self.options.most or (self.asked_to_stop and sent >= self.options.requests)

    def _turn(self, seconds: float) -> None:
        for descriptor, _ in self.poll.poll(max(0.0, seconds)):
            if descriptor == sys.stdin.fileno():
                self._hear()
            elif descriptor in self.open:
                self._advance(self.open[descriptor])
        now = time.monotonic()
        self._give_up(self.connecting, now - self.options.connect_timeout, "no connection")
        self._give_up(self.waiting, now - self.options.timeout, "no answer")

    def _hear(self) -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            self.asked_to_stop = True
            self.poll.unregister(sys.stdin.fileno())

    def _start(self, due: float) -> None:
        connection = socket.socket(self.family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        request = Request(due, time.monotonic(), connection)
        self.requests.append(request)
        self._look_at_neighbour()
        code = connection.connect_ex((self.options.address, self.options.port))
        if code not in (0, errno.EINPROGRESS):
            self._close(request, errno.errorcode.get(code, str(code)))
            return
        self.open[connection.fileno()] = request
        self.connecting.append(request)
        self.waiting.append(request)
        self.poll.register(connection.fileno(), select.EPOLLOUT)

    def _advance(self, request: Request) -> None:
        try:
            if not request.sent:
                if code := request.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise OSError(code, os.strerror(code))
                request.connection.send(self.text)
                request.sent = True
                self.poll.modify(request.connection.fileno(), select.EPOLLIN)
            elif more := request.connection.recv(65536):
                request.reply += more
            else:
                self._finish(request)
        except OSError as error:
            self._close(request, errno.errorcode.get(error.errno or 0, type(error).__name__))

    def _finish(self, request: Request) -> None:
        head, _, body = request.reply.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1:2]
        if not status:
            self._close(request, "closed without an answer")
        elif status[0] >= b"500":
            self._close(request, f"HTTP {status[0].decode()}")
        else:
            request.who = body.decode(errors="replace").split(None, 1)[0] if body.split() else ""
            self._close(request, "")
            self.good += 1
            if self.good == READY_AFTER:
                print("ready", flush=True)

    def _close(self, request: Request, error: str) -> None:
        if self.open.pop(request.connection.fileno(), None):
            self.poll.unregister(request.connection.fileno())
        request.connection.close()
        request.ended, request.error = time.monotonic(), error

    def _give_up(self, queue: collections.deque[Request], before: float, error: str) -> None:
        """Give up requests that started too long ago; a queue is in the order of starts."""
        while queue and (queue[0].ended or queue[0].started < before):
            request = queue.popleft()
            if not request.ended and not (queue is self.connecting and request.sent):
                self._close(request, error)

    def _look_at_neighbour(self) -> None:
        """Note which NIC this machine takes the address for: it tells who holds a VIP, seen from a client."""
        with contextlib.suppress(OSError), open(ARP_TABLE, encoding="ascii") as table:
            mac = next((line.split()[3] for line in table if line.startswith(self.options.address + " ")), "")
            if mac and (not self.neighbours or self.neighbours[-1][1] != mac):
                self.neighbours.append((time.monotonic(), mac))


def outages_of(requests: list[Request]) -> list[dict[str, float | int | bool]]:
    """Return the outages in order; one that has not ended lasts until the last request."""
    outages: list[dict[str, float | int | bool]] = []
    begin, failed = None, 0
    zero = requests[0].started

    def note(until: float, *, ended: bool) -> None:
        if begin is not None:
            gap = {"at_ms": _ms(begin - zero), "gap_ms": _ms(until - begin)}
            outages.append({**gap, "failed": failed, "ended": ended})

    for request in requests:
        if request.error:
            begin = request.started if begin is None else begin
            failed += 1
        elif begin is not None:
            note(request.started, ended=True)
            begin, failed = None, 0
    note(requests[-1].started, ended=False)
    return outages


def summary(probe: Probe) -> dict[str, object]:
    """Return all that was seen, as plain data."""
    requests = probe.requests
    zero = requests[0].started
    outages = outages_of(requests)
    good = [request for request in requests if not request.error]
    who: dict[str, dict[str, float]] = {}
    for request in good:
        entry = who.setdefault(request.who, {"requests": 0, "first_ms": _ms(request.started - zero)})
        entry["requests"] += 1
        entry["last_ms"] = _ms(request.started - zero)
    return {
        "began": time.time() - (time.monotonic() - zero),
        "sent": len(requests),
        "failed": len(requests) - len(good),
        "longest_gap_ms": max((each["gap_ms"] for each in outages), default=0.0),
        "outages": outages,
        "errors": dict(collections.Counter(request.error for request in requests if request.error)),
        "answered_by": who,
        "neighbours": [{"at_ms": _ms(at - zero), "mac": mac} for at, mac in probe.neighbours],
        "answer": _spread([request.ended - request.started for request in good]),
        "lateness": _spread([request.started - request.due for request in requests]),
    }


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds) or [0.0]
    at = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}
    return {name: _ms(ordered[min(len(ordered) - 1, int(len(ordered) * share))]) for name, share in at.items()}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def main() -> None:
    """Read the command line, probe, and print what was seen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    defaults = Options("")
    parser.add_argument("address")
    for name, value in vars(defaults).items():
        if name != "address":
            parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    probe = Probe(Options(**vars(parser.parse_args())))
    # The client is the ruler: it keeps its schedule where it may, and says how late it was
    with contextlib.suppress(PermissionError):
        os.nice(-10)
    gc.disable()
    probe.run()
    print(json.dumps(summary(probe)), flush=True)


if __name__ == "__main__":
    main()

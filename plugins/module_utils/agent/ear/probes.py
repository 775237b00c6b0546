# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of the uplinks: an echo by ICMP, or a connection by TCP; nothing here waits.

Times are seconds of the monotonic clock.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
from typing import Callable, Dict, Iterable, List, Optional, Tuple

from .config import Uplink
from .uplinks import State, after

PATIENCE = 3.0  # seconds for an answer, or until the next probe
ECHO: Dict[int, Tuple[int, int, int]] = {
    socket.AF_INET: (8, 0, socket.IPPROTO_ICMP),
    socket.AF_INET6: (128, 129, socket.IPPROTO_ICMPV6),
}
SOL_RAW, ICMP_FILTER, ICMPV6_FILTER = 255, 1, 1  # linux/icmp.h, linux/icmpv6.h
LOOK = 0.25  # seconds between two looks at the probes
MOST_ANSWERS = 256  # read at once


class _NotPermitted(Exception):
    """This host may not probe: nothing is known of the uplink, and that is no failure of it."""


class Probe:
    """The state of one uplink, and the probe that is under way."""

    def __init__(self, uplink: Uplink, due: float) -> None:
        self.uplink, self.state, self.due = uplink, State(), due
        self.sent: Optional[float] = None
        self.token = b""
        self.socket: Optional[socket.socket] = None

    def drop(self) -> None:
        """Give the probe that is under way up, without a result."""
        self.sent = None
        if self.socket:
            self.socket.close()
            self.socket = None

    def patience(self) -> float:
        """Return how long an answer is waited for."""
        return min(PATIENCE, self.uplink.interval)

    def is_late(self, now: float) -> bool:
        """Tell whether nobody waits any longer: by the look that is nearest, so that no probe takes a look more."""
        return self.sent is not None and now - self.sent >= self.patience() - LOOK / 2

    def end(self, why: str, now: float) -> None:
        """Note the result of the probe that is under way: empty, or why it failed."""
        self.drop()
        self.state = after(self.state, self.uplink, why, now)


class Probes:
    """All uplinks; `step` is called some times a second. `problem` is a sentence on what is not permitted, or empty."""

    def __init__(self) -> None:
        self.problem = ""
        self._all: Dict[Uplink, Probe] = {}
        self._echoes: Dict[int, socket.socket] = {}
        self._sequence = 0
        self._identity = int.from_bytes(os.urandom(2), "big")

    def want(self, uplinks: Iterable[Uplink], now: float) -> None:
        """Probe these from now on; of one that stays, what is known stays."""
        before = self._all
        self._all = {each: before.pop(each) if each in before else Probe(each, now) for each in uplinks}
        for gone in before.values():
            gone.drop()

    def states(self) -> List[Tuple[Uplink, State]]:
        """Return every uplink and what is known of it."""
        return [(each.uplink, each.state) for each in self._all.values()]

    def forget(self) -> None:
        """Give up what is under way: this host stood still, and may have missed the answers."""
        for probe in self._all.values():
            probe.drop()

    def step(self, now: float) -> bool:
        """Read the answers, and send the probes that are due; tell whether any state has changed."""
        before = [each.state for each in self._all.values()]
        for family in list(self._echoes):
            self._read_echoes(family, now)
        for probe in self._all.values():
            if probe.socket:
                _look_at_connection(probe, now)
            if probe.is_late(now):
                probe.end(f"no answer within {probe.patience():g} s", now)
            if probe.sent is None and probe.due <= now:
                probe.due = max(probe.due + probe.uplink.interval, now + probe.uplink.interval / 2)
                self._send(probe, now)
        return before != [each.state for each in self._all.values()]

    def _send(self, probe: Probe, now: float) -> None:
        probe.sent = now
        send: Callable[[Probe], None] = self._send_echo if probe.uplink.port is None else _connect
        try:
            send(probe)
        except _NotPermitted:
            probe.drop()
            self.problem = "Uplinks cannot be probed by ICMP: that needs the capability CAP_NET_RAW."
        except OSError as error:
            probe.end(_clause(error.errno), now)

    def _send_echo(self, probe: Probe) -> None:
        family = socket.AF_INET6 if ":" in probe.uplink.address else socket.AF_INET
        if family not in self._echoes:
            self._echoes[family] = _echo_socket(family)
            self.problem = ""
        self._sequence = (self._sequence + 1) & 0xFFFF
        probe.token = struct.pack("!HH", self._identity, self._sequence) + os.urandom(8)
        message = bytes([ECHO[family][0], 0, 0, 0]) + probe.token
        if family == socket.AF_INET:  # for IPv6, the kernel computes it
            message = message[:2] + _checksum(message).to_bytes(2, "big") + message[4:]
        self._echoes[family].sendto(message, (probe.uplink.address, 0))

    def _read_echoes(self, family: int, now: float) -> None:
        echoes = [each for each in self._all.values() if each.sent is not None and each.uplink.port is None]
        waiting = {each.uplink.address: each for each in echoes}
        reply = ECHO[family][1]
        for _answer in range(MOST_ANSWERS):
            try:
                data, sender = self._echoes[family].recvfrom(2048)
            except OSError:
                return
            at = (data[0] & 0xF) * 4 if family == socket.AF_INET and data else 0
            probe = waiting.get(str(sender[0]).partition("%")[0])
            if probe and (data[at : at + 1], data[at + 4 : at + 16]) == (bytes([reply]), probe.token):
                probe.end("", now)


def _echo_socket(family: int) -> socket.socket:
    kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    reply, protocol = ECHO[family][1:]
    try:
        opened = socket.socket(family, kind, protocol)
    except PermissionError as error:
        raise _NotPermitted from error
    try:
        if family == socket.AF_INET:
            opened.setsockopt(SOL_RAW, ICMP_FILTER, struct.pack("I", 0xFFFFFFFF & ~(1 << reply)))
        else:
            words = [0xFFFFFFFF] * 8
            words[reply >> 5] &= ~(1 << (reply & 31))
            opened.setsockopt(socket.IPPROTO_ICMPV6, ICMPV6_FILTER, struct.pack("8I", *words))
    except OSError:
        opened.close()
        raise
    return opened


def _connect(probe: Probe) -> None:
    family = socket.AF_INET6 if ":" in probe.uplink.address else socket.AF_INET
    probe.socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    code = probe.socket.connect_ex((probe.uplink.address, probe.uplink.port))
    if code not in (0, errno.EINPROGRESS):
        raise OSError(code, "")


def _look_at_connection(probe: Probe, now: float) -> None:
    """Note whether a connection stands; it is ended without a word, so that a server logs no request."""
    if probe.socket is None:
        return
    poll = select.poll()
    poll.register(probe.socket, select.POLLOUT)
    if not poll.poll(0):
        return
    code = probe.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    probe.end(_clause(code) if code else "", now)


def _clause(code: Optional[int]) -> str:
    if code == errno.ECONNREFUSED:
        return "it refused the connection"
    return os.strerror(code or 0).lower()


def _checksum(data: bytes) -> int:
    """Return the Internet checksum of an even number of octets (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

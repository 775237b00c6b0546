# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets of an appointment: raw ones, of VRRP's own protocol."""

from __future__ import annotations

import select
import socket
import time
from contextlib import closing
from typing import Mapping

from .simultaneous_reload import PROTOCOL, TICK, Countdown

IPV4_HEADER = 0x0F  # the low half of its first byte is its length, in words of four bytes
LARGEST = 2048


def meet(countdown: Countdown, node: str, addresses: Mapping[str, str]) -> float:
    """Wait for the moment that the nodes agree on, and return it: in seconds of the monotonic clock.

    A node that comes alone does not wait. Raises HaLbError when one of them is missing, and OSError when there is no
    sending.
    """
    if countdown.moment is not None:
        return countdown.moment
    family = socket.AF_INET6 if ":" in addresses[node] else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_RAW, PROTOCOL)) as wire:
        wire.bind((addresses[node], 0))
        due = 0.0
        while countdown.moment is None or time.monotonic() < countdown.moment:
            now = time.monotonic()
            countdown.check(now)
            if now >= due:
                due = now + TICK
                for other, data in countdown.say(now).items():
                    wire.sendto(data, (addresses[other], 0))
            until = due if countdown.moment is None else min(due, countdown.moment)
            if select.select([wire], [], [], max(0.0, until - time.monotonic()))[0]:
                data = wire.recv(LARGEST)
                header = (data[0] & IPV4_HEADER) * 4 if family == socket.AF_INET and data else 0
                countdown.hear(data[header:], time.monotonic())
    return countdown.moment

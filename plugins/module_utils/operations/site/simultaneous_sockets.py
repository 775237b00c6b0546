# SPDX-License-Identifier: GPL-3.0-or-later
"""The raw socket of a simultaneous reload, over IP protocol 112."""

from __future__ import annotations

import select
import socket
import time
from contextlib import closing
from typing import Mapping

from .simultaneous_reload import PROTOCOL, TICK, Participant

IPV4_HEADER = 0x0F  # mask of the header length in its first byte, in units of 4 bytes (RFC 791 §3.1)
LARGEST = 2048  # bytes; a call is far shorter


def agree(participant: Participant, node: str, addresses: Mapping[str, str]) -> float:
    """Wait until the moment that the nodes agree on, and return it, in seconds of the monotonic clock.

    `addresses` has the address of every node towards the others. A node that is the only one does not wait.
    Raises HaLbError when a node is missing, and OSError when the socket cannot be opened or cannot send.
    """
    if participant.moment is not None:
        return participant.moment
    family = socket.AF_INET6 if ":" in addresses[node] else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_RAW, PROTOCOL)) as wire:
        wire.bind((addresses[node], 0))
        due = 0.0
        while participant.moment is None or time.monotonic() < participant.moment:
            now = time.monotonic()
            participant.check_deadline(now)
            if now >= due:
                due = now + TICK
                for other, data in participant.packets(now).items():
                    wire.sendto(data, (addresses[other], 0))
            until = due if participant.moment is None else min(due, participant.moment)
            if select.select([wire], [], [], max(0.0, until - time.monotonic()))[0]:
                data = wire.recv(LARGEST)
                header = (data[0] & IPV4_HEADER) * 4 if family == socket.AF_INET and data else 0
                participant.receive(data[header:], time.monotonic())
    return participant.moment

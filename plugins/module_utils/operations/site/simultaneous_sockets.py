# SPDX-License-Identifier: GPL-3.0-or-later
"""The raw socket of a simultaneous reload, over IP protocol 112."""

from __future__ import annotations

import select
import socket
import time
from contextlib import closing
from typing import Dict, List, Mapping

from ...basics.address import bare
from ...wire.cbpf import assemble, from_addresses
from ...wire.kernel_filter import attach
from .simultaneous_reload import TICK, Participant

PROTOCOL = 112  # VRRP's, so that a call passes wherever adverts pass
TTL = 255  # as that of adverts, for the same reason (RFC 9568 §5.1.1.3)
HOPS = {
    socket.AF_INET: (socket.IPPROTO_IP, socket.IP_TTL),
    socket.AF_INET6: (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS),
}
IPV4_HEADER = 0x0F  # mask of the header length in its first byte, in units of 4 bytes (RFC 791 §3.1)
LARGEST = 2048  # bytes; a call is far shorter


def agree(participant: Participant, node: str, addresses: Mapping[str, str]) -> float:
    """Wait until the moment that the nodes agree on, and return it, in seconds of the monotonic clock.

    `addresses` has the address of every node towards the others. A node that is the only one does not wait.
    Raises HaLbError when a node is missing or an address is none, and OSError when the socket cannot be opened or
    cannot send.
    """
    if participant.moment is not None:
        return participant.moment
    family = socket.AF_INET6 if ":" in addresses[node] else socket.AF_INET
    senders = _by_address({name: each for name, each in addresses.items() if name != node})
    with closing(socket.socket(family, socket.SOCK_RAW, PROTOCOL)) as wire:
        # What strangers send fills no queue
        attach(wire, assemble(from_addresses(sorted(senders))))
        wire.setsockopt(*HOPS[family], TTL)
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
                data, source = wire.recvfrom(LARGEST)
                header = (data[0] & IPV4_HEADER) * 4 if family == socket.AF_INET and data else 0
                participant.receive(data[header:], time.monotonic(), senders.get(_without_scope(source[0]), ()))
    return participant.moment


def _by_address(addresses: Mapping[str, str]) -> Dict[str, List[str]]:
    """Return the nodes by their address, as the kernel writes it."""
    found: Dict[str, List[str]] = {}
    for node, address in addresses.items():
        found.setdefault(bare(_without_scope(address)), []).append(node)
    return found


def _without_scope(address: str) -> str:
    return address.partition("%")[0]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a few hosts at once whether they answer: by ICMP (RFC 792, RFC 4443), or by a connection to a port of TCP."""

from __future__ import annotations

import os
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Mapping, Optional, Sequence

ECHO = {4: (8, 0), 6: (128, 129)}  # the types of request and reply, by version
TRIES = 3
SECONDS = 1.0  # for one try
LONGEST = 1500


def reached(targets: Sequence[Mapping[str, Any]]) -> list[Dict[str, Any]]:
    """Return C({address, port, reached, why}) for every C({address, port}); port None is ICMP, which needs CAP_NET_RAW.

    It takes at most TRIES * SECONDS. Raises OSError where raw sockets are not permitted.
    """
    if not targets:
        return []
    with ThreadPoolExecutor(len(targets)) as pool:
        reasons = pool.map(lambda each: _why_not(each["address"], each["port"]), targets)
        return [
            {"address": each["address"], "port": each["port"], "reached": not why, "why": why}
            for each, why in zip(targets, reasons)
        ]


def _why_not(address: str, port: Optional[int]) -> str:
    """Return why a host does not answer, as a clause; empty if it does."""
    why = ""
    for number in range(TRIES):
        began = time.monotonic()
        try:
            why = _asked(address, number) if port is None else _connected(address, port)
        except PermissionError:
            raise
        except OSError as error:
            why = (error.strerror or "no answer").lower()
        if not why:
            return ""
        time.sleep(max(0.0, began + SECONDS - time.monotonic()) * (number + 1 < TRIES))
    return why


def _connected(address: str, port: int) -> str:
    with socket.socket(_family(address), socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        try:
            connection.connect((address, port))
        except socket.timeout:
            return f"no answer at port {port}"
    return ""


def _asked(address: str, number: int) -> str:
    version = 6 if ":" in address else 4
    request, reply = ECHO[version]
    protocol = socket.IPPROTO_ICMPV6 if version == 6 else socket.IPPROTO_ICMP
    name = struct.pack("!HH", os.getpid() & 0xFFFF, number) + os.urandom(8)
    with socket.socket(_family(address), socket.SOCK_RAW, protocol) as wire:
        wire.connect((address, 0))
        wire.send(_packet(request, name))
        deadline = time.monotonic() + SECONDS
        while deadline > time.monotonic():
            wire.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = wire.recv(LONGEST)
            except socket.timeout:
                break
            if version == 4:  # with the header of IP before it
                data = data[(data[0] & 15) * 4 :] if data else b""
            if data[:1] == bytes([reply]) and data[4 : 4 + len(name)] == name:
                return ""
    return "no answer to ICMP"


def _packet(kind: int, name: bytes) -> bytes:
    """Return an echo request; of ICMPv6, the kernel writes the checksum."""
    packet = struct.pack("!BBH", kind, 0, 0) + name
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!BBH", kind, 0, ~total & 0xFFFF) + name


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET

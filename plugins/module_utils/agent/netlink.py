# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking the kernel over netlink(7), and being told of changes.

By hand, because it is asked several times a second.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import Dict, Iterator, List, NamedTuple, Tuple

HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
ADDRESS = struct.Struct("=BBBBI")  # ifaddrmsg: family, prefix length, flags, scope, index
ATTRIBUTE = struct.Struct("=HH")
ERROR = struct.Struct("=i")
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQUEST, ACK, DUMP = 0x1, 0x4, 0x300
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
IFA_ADDRESS, IFA_LOCAL = 1, 2
LINKS_AND_ADDRESSES = 0x1 | 0x10 | 0x100  # RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR
SECONDS = 0.5  # the kernel answers at once
SPACE = 1 << 16


class Netlink:
    """One socket of a netlink family, that is told of `groups`. Every method raises OSError."""

    def __init__(self, protocol: int, groups: int = 0) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        # Python waits for a timeout also where it is told not to wait
        self._socket.settimeout(0.0 if groups else SECONDS)
        self._socket.bind((0, groups))
        self._sequence = 0

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def ask(self, kind: int, flags: int, body: bytes) -> Iterator[Tuple[int, bytes]]:
        """Send a request, and yield the type and the body of every answer."""
        self._sequence += 1
        length = HEADER.size + len(body)
        self._socket.send(HEADER.pack(length, kind, REQUEST | flags, self._sequence, 0) + body)
        while True:
            data = self._socket.recv(SPACE)
            for kind_here, sequence, part in _messages(data):
                if sequence != self._sequence:
                    continue
                if kind_here == NLMSG_ERROR:
                    code = -ERROR.unpack_from(part)[0]
                    if code:
                        raise OSError(code, os.strerror(code))
                    return
                if kind_here == NLMSG_DONE:
                    return
                yield kind_here, part
                if not flags:
                    return

    def news(self) -> bool:
        """Tell whether anything has come since, and forget it. What is lost because there is too much is news too."""
        found = False
        while True:
            try:
                self._socket.recv(SPACE)
            except BlockingIOError:
                return found
            except OSError:
                return True
            found = True


def _messages(data: bytes) -> Iterator[Tuple[int, int, bytes]]:
    at = 0
    while at + HEADER.size <= len(data):
        length, kind, _flags, sequence, _port = HEADER.unpack_from(data, at)
        if length < HEADER.size:
            return
        yield kind, sequence, data[at + HEADER.size : at + length]
        at += (length + 3) & ~3


def attributes(data: bytes) -> Dict[int, bytes]:
    """Return the attributes of a message, by their type."""
    found, at = {}, 0
    while at + ATTRIBUTE.size <= len(data):
        length, kind = ATTRIBUTE.unpack_from(data, at)
        if length < ATTRIBUTE.size:
            break
        found[kind & 0x3FFF] = data[at + ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    return found


class HostAddress(NamedTuple):
    """An address of the host, without its prefix length, and where it is."""

    address: str
    prefix: int
    number: int
    family: int


def addresses(netlink: Netlink) -> List[HostAddress]:
    """Return every address of the host."""
    found = []
    for kind, body in netlink.ask(RTM_GETADDR, DUMP, ADDRESS.pack(0, 0, 0, 0, 0)):
        if kind == RTM_NEWADDR:
            family, prefix, _flags, _scope, index = ADDRESS.unpack_from(body)
            given = attributes(body[ADDRESS.size :])
            raw = given.get(IFA_LOCAL) or given.get(IFA_ADDRESS)
            if raw and family in (socket.AF_INET, socket.AF_INET6):
                found.append(HostAddress(socket.inet_ntop(family, raw), prefix, index, family))
    return found

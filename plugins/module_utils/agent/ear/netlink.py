# SPDX-License-Identifier: GPL-3.0-or-later
"""The interfaces of this host and their addresses, and when they change, as the kernel says it (rtnetlink(7))."""

from __future__ import annotations

import socket
import struct
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from ...wire.cbpf import packed_address

# linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/if.h, linux/if_arp.h
RTM_NEWLINK, RTM_GETLINK, RTM_NEWADDR, RTM_GETADDR = 16, 18, 20, 22
REQUEST_DUMP = 0x301
DONE, ERROR = 3, 2
CHANGES = 0x1 | 0x10 | 0x100  # RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR
IFLA_ADDRESS, IFLA_IFNAME, IFLA_MASTER, IFLA_LINKINFO = 1, 3, 10, 18
INFO_KIND, INFO_SLAVE_KIND = 1, 4
IFA_ADDRESS, IFA_LOCAL = 1, 2
UP = 0x1
ETHER = 1
UNHEARABLE = ("bond", "team")  # their members pass all frames on to them
SPACE = 65536
PATIENCE = 1.0  # seconds


class Interface(NamedTuple):
    """A network interface; `number` is another when it is made again, `addresses` are with their prefix lengths."""

    name: str
    number: int
    mac: str
    is_up: bool
    is_ethernet: bool
    kind: str = ""
    member_of: str = ""
    has_master: bool = False
    addresses: Tuple[Tuple[str, int], ...] = ()

    def is_hearable(self) -> bool:
        """Tell whether it is an Ethernet interface of which no other one has the frames; a VRF has its members'."""
        alone = not self.has_master or self.member_of == "vrf"
        return self.is_ethernet and alone and self.kind != "vrf"

    def reaches(self, address: str) -> bool:
        """Tell whether an address is in the network of one of its own."""
        return any(_shares(own, length, address) for own, length in self.addresses)

    def link_local(self) -> Optional[str]:
        """Return the link-local IPv6 address, or None."""
        return next((address for address, _length in self.addresses if address.startswith("fe80:")), None)


class Changes:
    """Tells whether interfaces or addresses have changed since the last time that it was asked."""

    def __init__(self) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_NETLINK, kind, socket.NETLINK_ROUTE)
        self._socket.bind((0, CHANGES))

    def any(self) -> bool:
        """Tell it."""
        found = False
        while True:
            try:
                found = bool(self._socket.recv(SPACE)) or found
            except BlockingIOError:
                return found
            except OSError:  # more than the buffer takes
                found = True


def interfaces() -> Tuple[Interface, ...]:
    """Return all interfaces.

    Raises OSError.
    """
    links = {}
    for head, body in _dump(RTM_GETLINK, RTM_NEWLINK):
        _family, kind, number, flags, _mask = struct.unpack_from("BxHiII", head)
        links[number] = _link(kind, number, flags, dict(_attributes(body)))
    addresses: Dict[int, List[Tuple[str, int]]] = {}
    for head, body in _dump(RTM_GETADDR, RTM_NEWADDR):
        family, length, _flags, _scope, number = struct.unpack_from("BBBBI", head)
        given = dict(_attributes(body))
        octets = given.get(IFA_LOCAL) or given.get(IFA_ADDRESS)
        if octets and family in (socket.AF_INET, socket.AF_INET6):
            addresses.setdefault(number, []).append((socket.inet_ntop(family, octets), length))
    return tuple(link._replace(addresses=tuple(addresses.get(number, ()))) for number, link in links.items())


def _link(kind: int, number: int, flags: int, given: Dict[int, bytes]) -> Interface:
    info = dict(_attributes(given.get(IFLA_LINKINFO, b"")))
    name, own, of = (
        each.rstrip(b"\0").decode(errors="replace")
        for each in (given.get(IFLA_IFNAME, b""), info.get(INFO_KIND, b""), info.get(INFO_SLAVE_KIND, b""))
    )
    mac = given.get(IFLA_ADDRESS, b"").hex(":")
    return Interface(name, number, mac, bool(flags & UP), kind == ETHER, own, of, IFLA_MASTER in given)


def _dump(question: int, answer: int) -> Iterator[Tuple[bytes, bytes]]:
    """Yield the heads and the attributes of all that the kernel lists."""
    size = 16 if question == RTM_GETLINK else 8
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as asked:
        asked.settimeout(PATIENCE)
        asked.send(struct.pack("IHHII", 16 + size, question, REQUEST_DUMP, 1, 0) + bytes(size))
        while True:
            data, at = asked.recv(SPACE), 0
            while at + 16 <= len(data):
                length, kind = struct.unpack_from("IH", data, at)
                if kind in (DONE, ERROR) or length < 16:
                    return
                if kind == answer:
                    yield data[at + 16 : at + 16 + size], data[at + 16 + size : at + length]
                at += (length + 3) & ~3


def _shares(one: str, length: int, other: str) -> bool:
    """Tell whether the first `length` bits of two addresses are the same."""
    if (":" in one) != (":" in other):
        return False
    numbers = [int.from_bytes(packed_address(each), "big") for each in (one, other)]
    bits = 128 if ":" in one else 32
    return (numbers[0] ^ numbers[1]) >> (bits - length) == 0


def _attributes(data: bytes) -> Iterator[Tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("HH", data, at)
        if length < 4:
            return
        yield kind & 0x3FFF, data[at + 4 : at + length]
        at += (length + 3) & ~3

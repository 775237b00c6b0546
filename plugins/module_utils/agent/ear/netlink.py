# SPDX-License-Identifier: GPL-3.0-or-later
"""The interfaces of this host and their addresses, as the kernel says it (rtnetlink(7))."""

from __future__ import annotations

import socket
import struct
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from ...wire.cbpf import packed_address
from ..netlink import DUMP, Netlink, addresses, attributes

# linux/rtnetlink.h, linux/if_link.h, linux/if.h, linux/if_arp.h
RTM_NEWLINK, RTM_GETLINK = 16, 18
LINK = struct.Struct("=BxHiII")  # ifinfomsg: family, type, index, flags, change
IFLA_ADDRESS, IFLA_IFNAME, IFLA_MASTER, IFLA_LINKINFO = 1, 3, 10, 18
INFO_KIND, INFO_SLAVE_KIND = 1, 4
UP = 0x1
ETHER = 1


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


def interfaces() -> Tuple[Interface, ...]:
    """Return all interfaces.

    Raises OSError.
    """
    asked = Netlink(socket.NETLINK_ROUTE)
    try:
        links = dict(_links(asked))
        on_link: Dict[int, List[Tuple[str, int]]] = {}
        for each in addresses(asked):
            on_link.setdefault(each.number, []).append((each.address, each.prefix))
    finally:
        asked.close()
    return tuple(link._replace(addresses=tuple(on_link.get(number, ()))) for number, link in links.items())


def _links(asked: Netlink) -> Iterator[Tuple[int, Interface]]:
    for kind, body in asked.ask(RTM_GETLINK, DUMP, bytes(LINK.size)):
        if kind == RTM_NEWLINK:
            _family, hardware, number, flags, _change = LINK.unpack_from(body)
            yield number, _link(hardware, number, flags, attributes(body[LINK.size :]))


def _link(kind: int, number: int, flags: int, given: Dict[int, bytes]) -> Interface:
    info = attributes(given.get(IFLA_LINKINFO, b""))
    name, own, of = (
        each.rstrip(b"\0").decode(errors="replace")
        for each in (given.get(IFLA_IFNAME, b""), info.get(INFO_KIND, b""), info.get(INFO_SLAVE_KIND, b""))
    )
    mac = given.get(IFLA_ADDRESS, b"").hex(":")
    return Interface(name, number, mac, bool(flags & UP), kind == ETHER, own, of, IFLA_MASTER in given)


def _shares(one: str, length: int, other: str) -> bool:
    """Tell whether the first `length` bits of two addresses are the same."""
    if (":" in one) != (":" in other):
        return False
    numbers = [int.from_bytes(packed_address(each), "big") for each in (one, other)]
    bits = 128 if ":" in one else 32
    return (numbers[0] ^ numbers[1]) >> (bits - length) == 0

# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of the host, and whether the rules of nftables are others, as the kernel says it.

To remove an address, and to be told of nftables, takes CAP_NET_ADMIN.
"""

from __future__ import annotations

import socket
import struct
from typing import List, NamedTuple

from ..netlink import (
    ACK,
    ADDRESS,
    ATTRIBUTE,
    DUMP,
    IFA_ADDRESS,
    IFA_LOCAL,
    RTM_DELADDR,
    RTM_GETADDR,
    RTM_NEWADDR,
    Netlink,
    attributes,
)

NETLINK_NETFILTER = 12
NFT_GETGEN = (10 << 8) | 16  # NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN
NFTA_GEN_ID = 1


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


def remove(netlink: Netlink, address: HostAddress) -> None:
    """Remove an address from the host."""
    raw = socket.inet_pton(address.family, address.address)
    body = ADDRESS.pack(address.family, address.prefix, 0, 0, address.number)
    for kind in (IFA_LOCAL, IFA_ADDRESS):
        body += ATTRIBUTE.pack(ATTRIBUTE.size + len(raw), kind) + raw
    for _answer in netlink.ask(RTM_DELADDR, ACK, body):
        pass


def rules_generation(netlink: Netlink) -> int:
    """Return a number that changes with every change of nftables' rules."""
    for _kind, body in netlink.ask(NFT_GETGEN, 0, struct.pack("=BBH", socket.AF_UNSPEC, 0, 0)):
        raw = attributes(body[4:]).get(NFTA_GEN_ID)
        if raw:
            return int.from_bytes(raw[:4], "big")
    return 0

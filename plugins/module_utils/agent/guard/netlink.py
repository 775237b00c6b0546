# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing an address of the host, and whether the rules of nftables are others; both take CAP_NET_ADMIN."""

from __future__ import annotations

import socket
import struct

from ..netlink import (
    ACK,
    ADDRESS,
    ATTRIBUTE,
    IFA_ADDRESS,
    IFA_LOCAL,
    RTM_DELADDR,
    HostAddress,
    Netlink,
    attributes,
)

NETLINK_NETFILTER = 12
NFT_GETGEN = (10 << 8) | 16  # NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN
NFTA_GEN_ID = 1


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

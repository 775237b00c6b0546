# SPDX-License-Identifier: GPL-3.0-or-later
"""The checksum of a VRRP message, which routers compute in four ways."""

from __future__ import annotations

import struct

from .frame import VRRP, Datagram

MULTICAST = sum(struct.unpack("!2H", bytes([224, 0, 0, 18])))


def checksum_of(datagram: Datagram, size: int) -> str:
    """Say over what the checksum is right, or that it is wrong; `size` is that of the message, in octets.

    RFC 9568 §5.2.8 leaves the pseudo-header out for IPv4; keepalived and others read RFC 5798 the other way, and
    keepalived up to 1.3.6 put the multicast group into it for unicast too.
    """
    if datagram.fragment:
        return "not_checked"
    for end in {size: None, len(datagram.payload): None}:  # the kernel's own, for IPv6, is over a trailer too
        message = _sum(datagram.payload[:end])
        if _right(message):
            return "plain"
        pseudo = message + VRRP + end
        if _right(pseudo + _sum(datagram.addresses)):
            return "pseudo_header" if datagram.envelope.family == "ipv4" else "pseudo_header_ipv6"
        if datagram.envelope.family == "ipv4" and _right(pseudo + _sum(datagram.addresses[:4]) + MULTICAST):
            return "pseudo_header_multicast"
    return "wrong"


def _sum(data: bytes) -> int:
    even = data + b"\0" if len(data) % 2 else data
    return sum(struct.unpack(f"!{len(even) // 2}H", even))


def _right(total: int) -> bool:
    """Tell whether words add up to minus zero in one's complement (RFC 1071); no message has zeros alone."""
    return total % 0xFFFF == 0

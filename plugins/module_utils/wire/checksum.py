# SPDX-License-Identifier: GPL-3.0-or-later
"""The checksum of a VRRP message, which implementations compute in four ways."""

from __future__ import annotations

import struct

from .frame import VRRP, Datagram

MULTICAST = sum(struct.unpack("!2H", bytes([224, 0, 0, 18])))


def checksum_of(datagram: Datagram, size: int) -> str:
    """Return what the checksum covers, `wrong`, or `not_checked` for a fragment; `size` is the message's, in octets.

    For IPv4, RFC 9568 §5.2.8 has no pseudo-header; keepalived and others include one, as they understand RFC 5798.
    keepalived up to 1.3.6 had the multicast group in it for unicast too.
    """
    if datagram.fragment:
        return "not_checked"
    for end in dict.fromkeys([size, len(datagram.payload)]):  # the kernel computes it for IPv6, also over a trailer
        message = _sum(datagram.payload[:end])
        if _is_zero(message):
            return "plain"
        pseudo = message + VRRP + end
        if _is_zero(pseudo + _sum(datagram.addresses)):
            return "pseudo_header" if datagram.envelope.family == "ipv4" else "pseudo_header_ipv6"
        if datagram.envelope.family == "ipv4" and _is_zero(pseudo + _sum(datagram.addresses[:4]) + MULTICAST):
            return "pseudo_header_multicast"
    return "wrong"


def _sum(data: bytes) -> int:
    even = data + b"\0" if len(data) % 2 else data
    return sum(struct.unpack(f"!{len(even) // 2}H", even))


def _is_zero(total: int) -> bool:
    """Tell whether the sum is minus zero in one's complement (RFC 1071); plus zero would need a message of zeros."""
    return total % 0xFFFF == 0

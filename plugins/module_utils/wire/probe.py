# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking on the wire who has an address: the question and the answer, as Ethernet frames."""

from __future__ import annotations

import ipaddress
import socket
import struct
from typing import NamedTuple, Optional

ETH_P_ARP = 0x0806
ETH_P_IPV6 = 0x86DD
BROADCAST = b"\xff" * 6
ARP_ETHERNET = struct.pack("!HHBB", 1, 0x0800, 6, 4)
ICMP = 58
SOLICITATION = 135
ADVERTISEMENT = 136
SOURCE_OPTION = 1
TARGET_OPTION = 2
HOP_LIMIT = 255


class Answer(NamedTuple):
    """An address, and the hardware address that says it has it."""

    address: str
    mac: str


def arp_probe(mac: str, address: str) -> bytes:
    """Ask for an IPv4 address without naming one's own, which changes no neighbour's table (RFC 5227 §2.1.1)."""
    own = _octets(mac)
    question = ARP_ETHERNET + struct.pack("!H6s4s6s4s", 1, own, bytes(4), bytes(6), socket.inet_aton(address))
    return BROADCAST + own + ETH_P_ARP.to_bytes(2, "big") + question


def arp_answer(frame: bytes) -> Optional[Answer]:
    """Return who says in an ARP packet that it has an IPv4 address: a reply, or a request in its name."""
    if len(frame) < 42 or frame[12:14] != ETH_P_ARP.to_bytes(2, "big") or frame[14:20] != ARP_ETHERNET:
        return None
    sender = frame[28:32]
    return Answer(socket.inet_ntop(socket.AF_INET, sender), frame[22:28].hex(":")) if any(sender) else None


def solicitation(mac: str, source: str, address: str) -> bytes:
    """Ask for an IPv6 address from a link-local one (RFC 4861 §4.3).

    Not from the unspecified address: that is how a host asks that is about to use the address, and another that is
    about to would give it up (RFC 4862 §5.4.3).
    """
    target = ipaddress.IPv6Address(address).packed
    group = bytes.fromhex("ff0200000000000000000001ff") + target[13:]
    ends = ipaddress.IPv6Address(source).packed + group
    body = target + bytes([SOURCE_OPTION, 1]) + _octets(mac)
    checksum = _checksum(
        ends + struct.pack("!II", 8 + len(body), ICMP) + bytes([SOLICITATION, 0, 0, 0]) + bytes(4) + body
    )
    message = struct.pack("!BBHI", SOLICITATION, 0, checksum, 0) + body
    header = struct.pack("!IHBB", 6 << 28, len(message), ICMP, HOP_LIMIT) + ends
    return b"\x33\x33" + group[12:] + _octets(mac) + ETH_P_IPV6.to_bytes(2, "big") + header + message


def advertisement(frame: bytes) -> Optional[Answer]:
    """Return who says in a neighbour advertisement that it has an IPv6 address (RFC 4861 §4.4)."""
    if len(frame) < 78 or frame[12:14] != ETH_P_IPV6.to_bytes(2, "big"):
        return None
    if (frame[20], frame[21], frame[54]) != (ICMP, HOP_LIMIT, ADVERTISEMENT):
        return None
    mac, option = frame[6:12], frame[78:86]
    if len(option) == 8 and option[:2] == bytes([TARGET_OPTION, 1]):
        mac = option[2:]
    return Answer(socket.inet_ntop(socket.AF_INET6, frame[62:78]), mac.hex(":"))


def _octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _checksum(data: bytes) -> int:
    """Return the Internet checksum of an even number of octets (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

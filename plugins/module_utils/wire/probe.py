# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes for an address and their answers as Ethernet frames: ARP (RFC 826, RFC 5227) and NDP (RFC 4861)."""

from __future__ import annotations

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


class Neighbour(NamedTuple):
    """An address, and the MAC that answers for it."""

    address: str
    mac: str


def arp_probe(mac: str, address: str) -> bytes:
    """Return an ARP probe: its sender address is 0.0.0.0, so it changes no ARP table (RFC 5227 §2.1.1)."""
    own = _octets(mac)
    question = ARP_ETHERNET + struct.pack("!H6s4s6s4s", 1, own, bytes(4), bytes(6), socket.inet_aton(address))
    return BROADCAST + own + ETH_P_ARP.to_bytes(2, "big") + question


def arp_answer(frame: bytes) -> Optional[Neighbour]:
    """Return the sender of an ARP reply or request, or None; an ARP probe has no sender address."""
    if len(frame) < 42 or frame[12:14] != ETH_P_ARP.to_bytes(2, "big") or frame[14:20] != ARP_ETHERNET:
        return None
    sender = frame[28:32]
    return Neighbour(socket.inet_ntop(socket.AF_INET, sender), frame[22:28].hex(":")) if any(sender) else None


def solicitation(mac: str, source: str, address: str) -> bytes:
    """Return a neighbour solicitation for an IPv6 address from a link-local one (RFC 4861 §4.3).

    It is not sent from `::`: that is duplicate address detection, after which a host that is about to use the address
    would not use it (RFC 4862 §5.4.3).
    """
    target = socket.inet_pton(socket.AF_INET6, address)
    group = bytes.fromhex("ff0200000000000000000001ff") + target[13:]
    ends = socket.inet_pton(socket.AF_INET6, source) + group
    body = target + bytes([SOURCE_OPTION, 1]) + _octets(mac)
    checksum = _checksum(
        ends + struct.pack("!II", 8 + len(body), ICMP) + bytes([SOLICITATION, 0, 0, 0]) + bytes(4) + body
    )
    message = struct.pack("!BBHI", SOLICITATION, 0, checksum, 0) + body
    header = struct.pack("!IHBB", 6 << 28, len(message), ICMP, HOP_LIMIT) + ends
    return b"\x33\x33" + group[12:] + _octets(mac) + ETH_P_IPV6.to_bytes(2, "big") + header + message


def advertisement(frame: bytes) -> Optional[Neighbour]:
    """Return the target of a neighbour advertisement and its MAC, or None for any other frame (RFC 4861 §4.4)."""
    if len(frame) < 78 or frame[12:14] != ETH_P_IPV6.to_bytes(2, "big"):
        return None
    if (frame[20], frame[21], frame[54]) != (ICMP, HOP_LIMIT, ADVERTISEMENT):
        return None
    mac, option = frame[6:12], frame[78:86]
    if len(option) == 8 and option[:2] == bytes([TARGET_OPTION, 1]):
        mac = option[2:]
    return Neighbour(socket.inet_ntop(socket.AF_INET6, frame[62:78]), mac.hex(":"))


def _octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _checksum(data: bytes) -> int:
    """Return the Internet checksum of an even number of octets (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

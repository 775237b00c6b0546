# SPDX-License-Identifier: GPL-3.0-or-later
"""Build VRRP and CARP packets for tests, valid or with any field wrong."""

from __future__ import annotations

import ipaddress
import struct

MAC = "02:00:00:00:00:99"
V4, V6 = ("192.0.2.99", "224.0.0.18"), ("fe80::99", "ff02::12")
VIP4, VIP6 = ("192.0.2.10",), ("2001:db8::10",)


def checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(*addresses: str) -> bytes:
    """Return addresses in network byte order."""
    return b"".join(ipaddress.ip_address(each).packed for each in addresses)


def vrrp2(
    vrid: int = 51,
    priority: int = 100,
    addresses: tuple[str, ...] = VIP4,
    interval: int = 1,
    auth: int = 0,
    password: bytes = b"",
) -> bytes:
    """Make a message of VRRPv2 (RFC 3768)."""
    head = bytes([0x21, vrid, priority, len(addresses), auth, interval])
    tail = packed(*addresses) + password.ljust(8, b"\0")
    return head + checksum(head + b"\0\0" + tail).to_bytes(2, "big") + tail


def vrrp3(
    vrid: int = 51,
    priority: int = 100,
    addresses: tuple[str, ...] = VIP4,
    centiseconds: int = 100,
    pseudo: tuple[str, str] | None = V4,
) -> bytes:
    """Make a message of VRRPv3 (RFC 9568); the checksum covers a pseudo-header of these addresses, or none."""
    head = struct.pack("!BBBBH", 0x31, vrid, priority, len(addresses), centiseconds)
    tail = packed(*addresses)
    over = packed(*pseudo) + struct.pack("!HH", 112, len(head) + 2 + len(tail)) if pseudo else b""
    return head + checksum(over + head + b"\0\0" + tail).to_bytes(2, "big") + tail


def carp(vhid: int = 51, advskew: int = 0, advbase: int = 1) -> bytes:
    """Make a CARP message as FreeBSD does (carp(4))."""
    head, tail = bytes([0x21, vhid, advskew, 7, 0, advbase]), bytes(range(28))
    return head + checksum(head + b"\0\0" + tail).to_bytes(2, "big") + tail


def ah(message: bytes) -> bytes:
    """Put an authentication header before a message, as keepalived's auth_type AH does."""
    return bytes([112, 4, 0, 0]) + struct.pack("!II", 1, 7) + bytes(12) + message


def ipv4(message: bytes, ends: tuple[str, str] = V4, ttl: int = 255, protocol: int = 112, part: int = 0) -> bytes:
    """Put a message into an IPv4 packet; `part` is the fragment field (RFC 791)."""
    head = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(message), 1, part, ttl, protocol, 0) + packed(*ends)
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + message


def ipv6(message: bytes, ends: tuple[str, str] = V6, ttl: int = 255, header: int = 112) -> bytes:
    """Put a message into an IPv6 packet."""
    return struct.pack("!IHBB", 0x6C000000, len(message), header, ttl) + packed(*ends) + message


def ethernet(packet: bytes, mac: str = MAC, tags: tuple[int, ...] = (), to: str = "01:00:5e:00:00:12") -> bytes:
    """Put a packet into an Ethernet frame; with two VLAN tags, the outer one is 802.1ad."""
    kind = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    kinds = [0x8100] * len(tags)
    if len(tags) > 1:
        kinds[0] = 0x88A8
    between = b"".join(struct.pack("!HH", each, tag) for each, tag in zip(kinds, tags, strict=True))
    return bytes.fromhex((to + mac).replace(":", "")) + between + kind + packet

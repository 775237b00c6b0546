# SPDX-License-Identifier: GPL-3.0-or-later
"""From the bytes of an Ethernet frame to the VRRP payload in it: VLAN tags, IPv4, IPv6 and what stands between."""

from __future__ import annotations

import socket
from typing import NamedTuple, Optional

VRRP = 112
AH = 51
FRAGMENT = 44
EXTENSIONS = (0, 43, 60)  # hop-by-hop, routing, destination options: RFC 8200 §4
TAGS = (0x8100, 0x88A8, 0x9100)  # IEEE 802.1Q, 802.1ad, and what was used for it before
IPV4 = 0x0800
IPV6 = 0x86DD
MANY = 8  # more tags or extension headers than anyone has reason to send


class Envelope(NamedTuple):
    """Who sent a datagram to whom, and in which VLANs; `vlans` are the tags, the outer one first."""

    mac: str
    vlans: tuple[int, ...]
    family: str
    source: str
    destination: str
    ttl: int


class Datagram(NamedTuple):
    """A VRRP payload and how it came; `addresses` are source and destination as they stand in the packet."""

    envelope: Envelope
    addresses: bytes
    payload: bytes
    has_ah: bool = False
    fragment: bool = False  # the first of several


class Damaged(NamedTuple):
    """What says it is VRRP, and cannot be read."""

    mac: str
    vlans: tuple[int, ...]
    source: str
    reason: str


def datagram_of(frame: bytes, tag: Optional[int] = None) -> Datagram | Damaged | None:
    """Return the VRRP payload of a frame, or None when there is none; `tag` is a VLAN's that the kernel took off."""
    if len(frame) < 14:
        return None
    mac = frame[6:12].hex(":")
    vlans: tuple[int, ...] = (tag & 0xFFF,) if tag is not None and tag & 0xFFF else ()
    kind, at = int.from_bytes(frame[12:14], "big"), 14
    while kind in TAGS and len(frame) >= at + 4 and len(vlans) < MANY:
        number = int.from_bytes(frame[at : at + 2], "big") & 0xFFF
        vlans += (number,) if number else ()  # tag 0 carries a priority, and no VLAN
        kind, at = int.from_bytes(frame[at + 2 : at + 4], "big"), at + 4
    if kind == IPV4:
        return _in_ipv4(frame[at:], mac, vlans)
    return _in_ipv6(frame[at:], mac, vlans) if kind == IPV6 else None


def _in_ipv4(packet: bytes, mac: str, vlans: tuple[int, ...]) -> Datagram | Damaged | None:
    if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] not in (VRRP, AH):
        return None
    source = socket.inet_ntop(socket.AF_INET, packet[12:16])
    begin, end = (packet[0] & 0xF) * 4, int.from_bytes(packet[2:4], "big")
    part = int.from_bytes(packet[6:8], "big")
    if part & 0x1FFF:
        return None
    if begin < 20 or not begin <= end <= len(packet):
        reason = f"the header says {begin} of {end} octets, and {len(packet)} came"
        return Damaged(mac, vlans, source, reason) if packet[9] == VRRP else None
    destination = socket.inet_ntop(socket.AF_INET, packet[16:20])
    envelope = Envelope(mac, vlans, "ipv4", source, destination, packet[8])
    fragment = bool(part & 0x2000)
    if packet[9] == AH:
        return _behind_ah(Datagram(envelope, packet[12:20], packet[begin:end], True, fragment))
    return Datagram(envelope, packet[12:20], packet[begin:end], False, fragment)


def _in_ipv6(packet: bytes, mac: str, vlans: tuple[int, ...]) -> Datagram | Damaged | None:
    if len(packet) < 40 or packet[0] >> 4 != 6:
        return None
    header, length = packet[6], int.from_bytes(packet[4:6], "big")
    source = socket.inet_ntop(socket.AF_INET6, packet[8:24])
    if 40 + length > len(packet):
        reason = f"the header says {length} octets, and {len(packet) - 40} came"
        return Damaged(mac, vlans, source, reason) if header == VRRP else None
    destination = socket.inet_ntop(socket.AF_INET6, packet[24:40])
    envelope = Envelope(mac, vlans, "ipv6", source, destination, packet[7])
    payload, fragment = packet[40 : 40 + length], False
    for header_number in range(MANY):
        if header == VRRP:
            return Datagram(envelope, packet[8:40], payload, False, fragment)
        if header == AH:
            return _behind_ah(Datagram(envelope, packet[8:40], payload, True, fragment))
        if len(payload) < 8 or header_number == MANY - 1:
            return None
        if header == FRAGMENT:
            part = int.from_bytes(payload[2:4], "big")
            if part >> 3:
                return None
            fragment, size = bool(part & 1), 8
        elif header in EXTENSIONS:
            size = (payload[1] + 1) * 8
        else:
            return None
        header, payload = payload[0], payload[size:]
    return None


def _behind_ah(datagram: Datagram) -> Datagram | Damaged | None:
    """Take the authentication header off (RFC 4302 §2): its length counts words of four octets, less two."""
    payload = datagram.payload
    if len(payload) < 12 or payload[0] != VRRP:
        return None
    size = (payload[1] + 2) * 4
    if not 12 <= size <= len(payload):
        envelope = datagram.envelope
        reason = f"the authentication header says {size} octets, and {len(payload)} came"
        return Damaged(envelope.mac, envelope.vlans, envelope.source, reason)
    return datagram._replace(payload=payload[size:])

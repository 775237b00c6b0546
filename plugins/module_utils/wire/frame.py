# SPDX-License-Identifier: GPL-3.0-or-later
"""Decode an Ethernet frame down to its VRRP payload: VLAN tags, IPv4, IPv6, extension and authentication headers."""

from __future__ import annotations

import socket
from typing import NamedTuple, Optional

VRRP = 112
AH = 51
FRAGMENT = 44
EXTENSIONS = (0, 43, 60)  # hop-by-hop, routing, destination options: RFC 8200 §4
TAGS = (0x8100, 0x88A8, 0x9100)  # IEEE 802.1Q, 802.1ad, and the type in use before that
IPV4 = 0x0800
IPV6 = 0x86DD
MANY = 8  # tags or extension headers; no real packet has more


class Envelope(NamedTuple):
    """Sender, receiver and VLANs of a datagram; `mac` is the sender's, `vlans` are the tags, the outer one first."""

    mac: str
    vlans: tuple[int, ...]
    family: str
    source: str
    destination: str
    ttl: int


class Datagram(NamedTuple):
    """A VRRP payload with its envelope; `addresses` are the octets of source and destination, for the checksum."""

    envelope: Envelope
    addresses: bytes
    payload: bytes
    has_ah: bool = False
    fragment: bool = False  # the first fragment of a datagram


class Damaged(NamedTuple):
    """A packet of protocol 112 that cannot be decoded, and the reason."""

    mac: str
    vlans: tuple[int, ...]
    source: str
    reason: str


def datagram_of(frame: bytes, tag: Optional[int] = None) -> Datagram | Damaged | None:
    """Return the VRRP payload of a frame, or None without one; `tag` is the VLAN tag that the kernel has removed."""
    if len(frame) < 14:
        return None
    mac = frame[6:12].hex(":")
    vlans: tuple[int, ...] = (tag & 0xFFF,) if tag is not None and tag & 0xFFF else ()
    kind, at = int.from_bytes(frame[12:14], "big"), 14
    while kind in TAGS and len(frame) >= at + 4 and len(vlans) < MANY:
        number = int.from_bytes(frame[at : at + 2], "big") & 0xFFF
        vlans += (number,) if number else ()  # VLAN 0 is a priority tag, and no VLAN
        kind, at = int.from_bytes(frame[at + 2 : at + 4], "big"), at + 4
    if kind == IPV4:
        return _in_ipv4(frame[at:], mac, vlans)
    return _in_ipv6(frame[at:], mac, vlans) if kind == IPV6 else None


def _in_ipv4(packet: bytes, mac: str, vlans: tuple[int, ...]) -> Datagram | Damaged | None:
    if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] not in (VRRP, AH):
        return None
    source = socket.inet_ntop(socket.AF_INET, packet[12:16])
    begin, end = (packet[0] & 0xF) * 4, int.from_bytes(packet[2:4], "big")
    flags_and_offset = int.from_bytes(packet[6:8], "big")
    if flags_and_offset & 0x1FFF:
        return None
    if begin < 20 or not begin <= end <= len(packet):
        reason = f"the header says {begin} of {end} octets, and {len(packet)} came"
        return Damaged(mac, vlans, source, reason) if packet[9] == VRRP else None
    destination = socket.inet_ntop(socket.AF_INET, packet[16:20])
    envelope = Envelope(mac, vlans, "ipv4", source, destination, packet[8])
    fragment = bool(flags_and_offset & 0x2000)
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
            offset_and_more = int.from_bytes(payload[2:4], "big")
            if offset_and_more >> 3:
                return None
            fragment, size = bool(offset_and_more & 1), 8
        elif header in EXTENSIONS:
            size = (payload[1] + 1) * 8
        else:
            return None
        header, payload = payload[0], payload[size:]
    return None


def _behind_ah(datagram: Datagram) -> Datagram | Damaged | None:
    """Remove the authentication header; its length is in words of four octets, minus two (RFC 4302 §2.2)."""
    payload = datagram.payload
    if len(payload) < 12 or payload[0] != VRRP:
        return None
    size = (payload[1] + 2) * 4
    if not 12 <= size <= len(payload):
        envelope = datagram.envelope
        reason = f"the authentication header says {size} octets, and {len(payload)} came"
        return Damaged(envelope.mac, envelope.vlans, envelope.source, reason)
    return datagram._replace(payload=payload[size:])

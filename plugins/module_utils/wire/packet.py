# SPDX-License-Identifier: GPL-3.0-or-later
"""Decode adverts of VRRPv2 (RFC 3768), VRRPv3 (RFC 9568) and CARP; no input raises an exception."""

from __future__ import annotations

import socket
from typing import NamedTuple, Optional

from .checksum import checksum_of
from .frame import Damaged, Datagram, Envelope, datagram_of

ADVERTISEMENT = 1
AUTH = {0: "none", 1: "PASS", 2: "AH"}
AUTH_SIZE = 8  # octets
CARP_SIZE = 36
HMAC_SIZE = 28  # keepalived's auth_hmac, since 2.4.0, follows the message
HMAC_SHA256 = 1
CARP_LEAVING = (255, 255)  # advbase and advskew of its goodbye


class Advert(NamedTuple):
    """The fields of an advert.

    `protocol` is vrrp2, vrrp3 or carp, `interval` is in seconds, `checksum` is what `checksum_of` returns, and the
    priority of a CARP router is its advskew.
    """

    envelope: Envelope
    protocol: str
    vrid: int
    priority: int
    interval: float
    addresses: tuple[str, ...]
    auth: str
    checksum: str
    goodbye: bool


def decode(frame: bytes, tag: Optional[int] = None) -> Advert | Damaged | None:
    """Return the advert in an Ethernet frame, Damaged when it cannot be read, or None when it has no VRRP.

    `tag` is the VLAN tag that the kernel has removed from the frame (802.1Q TCI), or None.
    """
    datagram = datagram_of(frame, tag)
    return _advert(datagram) if isinstance(datagram, Datagram) else datagram


def _advert(datagram: Datagram) -> Advert | Damaged:
    payload = datagram.payload
    if len(payload) < 8:
        return _damaged(datagram, f"a message of {len(payload)} octets is too short")
    version, kind = payload[0] >> 4, payload[0] & 0xF
    if version not in (2, 3):
        return _damaged(datagram, f"version {version} is neither 2 nor 3")
    if kind != ADVERTISEMENT:
        return _damaged(datagram, f"type {kind} is not an advertisement")
    if payload[1] == 0:
        return _damaged(datagram, "the VRID is 0")
    if version == 2 and payload[3] == 7 and len(payload) == CARP_SIZE:
        return _carp(datagram)
    return _vrrp(datagram, version)


def _carp(datagram: Datagram) -> Advert:
    """Decode the header of FreeBSD; no VRRPv2 message has the same version, type and length."""
    payload = datagram.payload
    return Advert(
        datagram.envelope,
        "carp",
        vrid=payload[1],
        priority=payload[2],
        interval=payload[5] + payload[2] / 256,
        addresses=(),
        auth="hmac",
        checksum=checksum_of(datagram, CARP_SIZE),
        goodbye=(payload[5], payload[2]) == CARP_LEAVING,
    )


def _vrrp(datagram: Datagram, version: int) -> Advert | Damaged:
    payload, envelope = datagram.payload, datagram.envelope
    width, family = (4, socket.AF_INET) if envelope.family == "ipv4" else (16, socket.AF_INET6)
    end = 8 + width * payload[3]
    if end > len(payload) and not datagram.fragment:
        return _damaged(datagram, f"{payload[3]} addresses do not fit in {len(payload)} octets")
    size = end + AUTH_SIZE if version == 2 else end
    present = min(end, len(payload) - (len(payload) - 8) % width)
    return Advert(
        envelope,
        f"vrrp{version}",
        vrid=payload[1],
        priority=payload[2],
        interval=float(payload[5]) if version == 2 else ((payload[4] & 0xF) << 8 | payload[5]) / 100,
        addresses=tuple(socket.inet_ntop(family, payload[at : at + width]) for at in range(8, present, width)),
        auth=_auth(datagram, version, size),
        checksum=checksum_of(datagram, size),
        goodbye=payload[2] == 0,
    )


def _auth(datagram: Datagram, version: int, size: int) -> str:
    """Return the kind of authentication; the password is not read."""
    payload = datagram.payload
    if len(payload) == size + HMAC_SIZE and payload[size] == HMAC_SHA256:
        return "hmac"
    if datagram.has_ah:
        return "AH"
    return AUTH.get(payload[4], f"unknown {payload[4]}") if version == 2 else "none"


def _damaged(datagram: Datagram, reason: str) -> Damaged:
    return Damaged(datagram.envelope.mac, datagram.envelope.vlans, datagram.envelope.source, reason)

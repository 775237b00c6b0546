# SPDX-License-Identifier: GPL-3.0-or-later
"""Adverts, summed up in one record for every router and VRID, as plain data.

Whatever strangers send, the memory and the result stay small: what concerns us is kept first, and the rest is counted.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .frame import Damaged
from .packet import Advert

MOST_ROUTERS = 4  # of a VRID of ours in one family; a VRID of others has MOST_OF_OTHERS
MOST_OF_OTHERS = 2
MOST_CLAIMING = 16  # routers that have an address of ours under another VRID
MOST_OTHERS = 64  # routers of all other VRIDs together
MOST_DAMAGED = 20
MOST_MACS = 8
MOST_PRIORITIES = 16
MOST_ADDRESSES = 8  # of an advert, besides those of ours
MOST_OF_OUR_OWN = 255  # of an advert that this host has sent
CONFIGURED = re.compile(r"^\s*virtual_router_id\s+(\d{1,3})\b", re.MULTILINE)


class Ours(NamedTuple):
    """What is ours as far as the listener knows: VRIDs, and addresses of VIPs and nodes."""

    vrids: frozenset[int] = frozenset()
    addresses: frozenset[str] = frozenset()


def configured_vrids(text: str) -> frozenset[int]:
    """Return the VRIDs in a keepalived.conf."""
    return frozenset(map(int, CONFIGURED.findall(text)))


class Key(NamedTuple):
    """What one record is kept for."""

    interface: str
    vlans: tuple[int, ...]
    family: str
    vrid: int
    source: str
    protocol: str


class Room:
    """How many routers are kept: those that concern us first, however many others there are."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours
        self._kept: dict[tuple[str, int] | str, int] = {}

    def take(self, key: Key, advert: Advert) -> bool:
        """Tell whether one more router is kept, and count it."""
        if not key.vlans and key.vrid in self._ours.vrids:
            limits: dict[tuple[str, int] | str, int] = {(key.family, key.vrid): MOST_ROUTERS}
        elif not key.vlans and not self._ours.addresses.isdisjoint([key.source, *advert.addresses]):
            limits = {"claiming": MOST_CLAIMING}
        else:
            limits = {(key.family, key.vrid): MOST_OF_OTHERS, "others": MOST_OTHERS}
        if any(self._kept.get(what, 0) >= most for what, most in limits.items()):
            return False
        for what in limits:
            self._kept[what] = self._kept.get(what, 0) + 1
        return True


class _Sighting:
    """The adverts of one router for one VRID so far; times are in seconds since the epoch."""

    def __init__(self, advert: Advert, at: float) -> None:
        self.advert, self.first, self.last = advert, at, at
        self.adverts, self.own, self.ttl = 0, False, advert.envelope.ttl
        self.priorities: set[int] = set()
        self.macs: set[str] = set()

    def add(self, advert: Advert, at: float, own: bool) -> None:
        """Add one advert."""
        self.advert, self.last, self.own = advert, at, self.own or own
        self.adverts += 1
        self.ttl = min(self.ttl, advert.envelope.ttl)
        if len(self.priorities) < MOST_PRIORITIES:
            self.priorities.add(advert.priority)
        if len(self.macs) < MOST_MACS:
            self.macs.add(advert.envelope.mac)


class Survey:
    """Everything that a host has heard.

    `left_out` and `damaged_left_out` count the packets of senders of which no record is kept.
    """

    def __init__(self, ours: Ours = Ours()) -> None:
        self._ours = ours
        self._sightings: dict[Key, _Sighting] = {}
        self._room = Room(ours)
        self._damaged: dict[tuple[str, Damaged], int] = {}
        self._vrids: set[int] = set()
        self.left_out = self.damaged_left_out = 0

    def add(self, interface: str, packet: Advert | Damaged, at: float, own: bool = False) -> None:
        """Add a packet that arrived at this time (seconds since the epoch); `own` means that this host sent it."""
        if isinstance(packet, Damaged):
            self._add_damaged(interface, packet)
            return
        envelope = packet.envelope
        key = Key(interface, envelope.vlans, envelope.family, packet.vrid, envelope.source, packet.protocol)
        self._vrids.add(packet.vrid)
        sighting = self._sightings.get(key)
        if sighting is None:
            if not own and not self._room.take(key, packet):
                self.left_out += 1
                return
            sighting = self._sightings[key] = _Sighting(packet, at)
        sighting.add(packet, at, own)

    def _add_damaged(self, interface: str, packet: Damaged) -> None:
        place = (interface, packet)
        if place in self._damaged or len(self._damaged) < MOST_DAMAGED:
            self._damaged[place] = self._damaged.get(place, 0) + 1
        else:
            self.damaged_left_out += 1

    def vrids(self) -> list[int]:
        """Return all VRIDs that were heard, also those of routers of which no record is kept."""
        return sorted(self._vrids)

    def heard(self) -> list[dict[str, Any]]:
        """Return a record for every router and VRID that is kept, sorted.

        `ttl` is the lowest heard; `first` and `last` are seconds since the epoch, `seconds` is their difference. Of
        many addresses, those that are ours are in it, and `addresses_left_out` counts the others.
        """
        return [_record(key, self._sightings[key], self._ours.addresses) for key in sorted(self._sightings)]

    def damaged(self) -> list[dict[str, Any]]:
        """Return a record {interface, source, mac, reason, packets} for every sender and reason of damaged packets."""
        return [
            {"interface": name, "source": packet.source, "mac": packet.mac, "reason": packet.reason, "packets": count}
            for (name, packet), count in sorted(self._damaged.items())
        ]

    def unheard(self) -> list[str]:
        """Return sentences on what came and is in no record."""
        sentences = []
        if self.left_out:
            sentences.append(
                f"{self.left_out} adverts more, of further strangers: {MOST_ROUTERS} routers with each VRID of ours "
                f"are listed, and {MOST_OTHERS} others."
            )
        if self.damaged_left_out:
            sentences.append(f"{self.damaged_left_out} damaged packets more, of further senders.")
        return sentences


def kept_addresses(addresses: tuple[str, ...], ours: frozenset[str], most: int) -> list[str]:
    """Return the addresses of an advert that are listed: those that are ours, and `most` others."""
    others = [each for each in addresses if each not in ours][:most]
    return [each for each in dict.fromkeys(addresses) if each in ours or each in others]


def _record(key: Key, sighting: _Sighting, ours: frozenset[str]) -> dict[str, Any]:
    advert = sighting.advert
    addresses = kept_addresses(advert.addresses, ours, MOST_OF_OUR_OWN if sighting.own else MOST_ADDRESSES)
    return {
        "interface": key.interface,
        "vlan": key.vlans[0] if key.vlans else None,
        "inner_vlan": key.vlans[1] if len(key.vlans) > 1 else None,
        "family": key.family,
        "vrid": key.vrid,
        "source": key.source,
        "mac": advert.envelope.mac,
        "macs": sorted(sighting.macs),
        "protocol": key.protocol,
        "destination": advert.envelope.destination,
        "priority": advert.priority,
        "priorities": sorted(sighting.priorities),
        "interval_seconds": advert.interval,
        "addresses": addresses,
        "addresses_left_out": len(set(advert.addresses)) - len(addresses),
        "auth": advert.auth,
        "ttl": sighting.ttl,
        "checksum": advert.checksum,
        "adverts": sighting.adverts,
        "first": sighting.first,
        "last": sighting.last,
        "seconds": round(sighting.last - sighting.first, 3),
        "own": sighting.own,
        "goodbye": advert.goodbye,
    }

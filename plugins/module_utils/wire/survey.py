# SPDX-License-Identifier: GPL-3.0-or-later
"""Adverts, summed up in one record for every router and VRID, as plain data."""

from __future__ import annotations

from typing import Any, NamedTuple

from .frame import Damaged
from .packet import Advert

MOST_ROUTERS = 40  # per VRID and family: a flood of forged sources must neither fill the memory nor hide a VRID
MOST_DAMAGED = 200
MOST_MACS = 16


class _Key(NamedTuple):
    interface: str
    vlans: tuple[int, ...]
    family: str
    vrid: int
    source: str
    protocol: str


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
        self.priorities.add(advert.priority)
        if len(self.macs) < MOST_MACS:
            self.macs.add(advert.envelope.mac)


class Survey:
    """Everything that a host has heard; `left_out` counts adverts of routers beyond MOST_ROUTERS."""

    def __init__(self) -> None:
        self._sightings: dict[_Key, _Sighting] = {}
        self._routers: dict[tuple[str, int], int] = {}
        self._damaged: dict[tuple[str, Damaged], int] = {}
        self.left_out = 0

    def add(self, interface: str, packet: Advert | Damaged, at: float, own: bool = False) -> None:
        """Add a packet that arrived at this time (seconds since the epoch); `own` means that this host sent it."""
        if isinstance(packet, Damaged):
            place = (interface, packet)
            if place in self._damaged or len(self._damaged) < MOST_DAMAGED:
                self._damaged[place] = self._damaged.get(place, 0) + 1
            return
        envelope = packet.envelope
        key = _Key(interface, envelope.vlans, envelope.family, packet.vrid, envelope.source, packet.protocol)
        sighting = self._sightings.get(key)
        if sighting is None:
            routers = self._routers.get((envelope.family, packet.vrid), 0)
            if routers >= MOST_ROUTERS:
                self.left_out += 1
                return
            self._routers[envelope.family, packet.vrid] = routers + 1
            sighting = self._sightings[key] = _Sighting(packet, at)
        sighting.add(packet, at, own)

    def heard(self) -> list[dict[str, Any]]:
        """Return a record for every router and VRID, sorted.

        `ttl` is the lowest heard; `first` and `last` are seconds since the epoch, `seconds` is their difference.
        """
        return [_record(key, self._sightings[key]) for key in sorted(self._sightings)]

    def damaged(self) -> list[dict[str, Any]]:
        """Return a record {interface, source, mac, reason, packets} for every sender and reason of damaged packets."""
        return [
            {"interface": name, "source": packet.source, "mac": packet.mac, "reason": packet.reason, "packets": count}
            for (name, packet), count in sorted(self._damaged.items())
        ]


def _record(key: _Key, sighting: _Sighting) -> dict[str, Any]:
    advert = sighting.advert
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
        "addresses": list(advert.addresses),
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

# SPDX-License-Identifier: GPL-3.0-or-later
"""All routers that were heard and are not forgotten yet; whatever strangers send, they stay few.

Times are seconds of the monotonic clock.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Optional, Set, Tuple

from ...wire.packet import Advert
from ...wire.survey import MOST_ADDRESSES, MOST_MACS, MOST_OF_OUR_OWN, MOST_PRIORITIES, Key, Ours, Room, kept_addresses

TTL = 255  # RFC 9568 §5.1.1.3; what has another one is kept apart, because it was routed or forged
GAP = 2.5  # intervals: one advert may be lost; after a longer silence, it was not active all the time
PATIENCE = 4.0  # intervals: Active_Down_Interval is three and the skew time, which is less than one
UNEVEN = 0.05  # seconds by which an advert may be late
LATE = 0.6  # seconds: how long an advert may wait until it is read
KEPT = 600.0  # seconds for which a router that says nothing is remembered
MOST = 1200


class Router:
    """One router of one VRID; `adverts` are all, the rest is since it was last silent."""

    __slots__ = ("_earlier", "_gap", "advert", "adverts", "first", "key", "last", "own", "patience", "text", "ttl")

    def __init__(self, key: Key, advert: Advert, own: bool, now: float) -> None:
        self.key, self.own, self.adverts = key, own, 0
        self._begin(advert, now)

    def _begin(self, advert: Advert, now: float) -> None:
        self.advert, self.ttl = advert, advert.envelope.ttl
        self.first = self.last = now
        self._earlier: Dict[Tuple[str, int], float] = {}
        self._changed()

    def _changed(self) -> None:
        self.text = ""
        # Seconds without an advert after which it is no longer active
        self.patience = 0.0 if self.advert.goodbye else PATIENCE * self.advert.interval + LATE
        self._gap = 0.0 if self.advert.goodbye else GAP * self.advert.interval + UNEVEN

    def is_active(self, now: float) -> bool:
        """Tell whether it may still be active: it has not said goodbye, and is not overdue."""
        return now - self.last <= self.patience and not self.advert.goodbye

    def add(self, advert: Advert, now: float) -> None:
        """Add an advert."""
        if now - self.last > self._gap:
            self._begin(advert, now)
        elif advert is not self.advert:
            what = (self.advert.envelope.mac, self.advert.priority)
            if what in self._earlier or len(self._earlier) < MOST_MACS + MOST_PRIORITIES:
                self._earlier[what] = self.last
            self.advert, self.ttl = advert, min(self.ttl, advert.envelope.ttl)
            self._changed()
        self.last = now
        self.adverts += 1

    def macs(self) -> List[str]:
        """Return the MACs that it has now."""
        return self._now(self.advert.envelope.mac, 0)

    def priorities(self) -> List[int]:
        """Return the priorities that it has now."""
        return self._now(self.advert.priority, 1)

    def _now(self, latest: Any, which: int) -> List[Any]:
        if not self._earlier:
            return [latest]
        return sorted({latest, *(what[which] for what, at in self._earlier.items() if self.last - at <= self.patience)})

    def addresses(self, ours: Ours) -> List[str]:
        """Return the addresses that are listed."""
        return kept_addresses(self.advert.addresses, ours.addresses, MOST_OF_OUR_OWN if self.own else MOST_ADDRESSES)


class Routers:
    """Every router by what it is kept for; `left_out` counts the adverts of those for which there is no room."""

    def __init__(self) -> None:
        self.ours = Ours()
        self._peers: FrozenSet[Tuple[int, str, str]] = frozenset()
        self._all: Dict[Tuple[Key, bool, bool], Router] = {}
        self._room = Room(self.ours)
        self.left_out = 0

    def __iter__(self) -> Iterator[Router]:
        return iter(self._all.values())

    def of(self, interface: str, advert: Advert, own: bool, now: float) -> Optional[Router]:
        """Return the router of an advert, or None where no more are kept."""
        envelope = advert.envelope
        key = Key(interface, envelope.vlans, envelope.family, advert.vrid, envelope.source, advert.protocol)
        place = (key, own, envelope.ttl == TTL)
        router = self._all.get(place)
        if router is None:
            if len(self._all) >= MOST or not (self._belongs(place) or self._room.take(key, advert)):
                self.left_out += 1
                return None
            router = self._all[place] = Router(key, advert, own, now)
        return router

    def forget(self, now: float, names: Set[str]) -> bool:
        """Forget who was last heard long ago, or on an interface that is none of `names`; tell whether any was."""
        kept = {place: each for place, each in self._all.items() if place[0].interface in names and not _old(each, now)}
        gone = len(kept) < len(self._all)
        if gone:
            self._all = kept
            self._count()
        return gone

    def _belongs(self, place: Tuple[Key, bool, bool]) -> bool:
        """Tell whether it is this host's or a peer's, of which strangers leave the room."""
        key, own, is_near = place
        known = (key.vrid, key.family, key.source) in self._peers
        return own or (known and is_near and not key.vlans and key.protocol != "carp")

    def belong(self, ours: Ours, peers: Iterable[Tuple[int, str, str]]) -> None:
        """Keep first what has these VRIDs and addresses; `peers` are VRID, family and source of adverts of ours."""
        self.ours, self._peers = ours, frozenset(peers)
        self._count()
        for router in self._all.values():
            router.text = ""

    def _count(self) -> None:
        self._room = Room(self.ours)
        for place, router in self._all.items():
            if not self._belongs(place):
                self._room.take(router.key, router.advert)


def _old(router: Router, now: float) -> bool:
    return now - router.last > max(KEPT, router.patience)

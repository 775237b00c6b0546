# SPDX-License-Identifier: GPL-3.0-or-later
"""What every packet says; one that came before, but for its IP identification, is not decoded again."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Tuple

from ...wire.frame import Damaged
from ...wire.packet import decode
from ...wire.probe import advertisement, arp_answer
from .claims import Claims, Question
from .ring import Packet
from .routers import Routers

MOST_KNOWN = 2048  # packets that differ
MOST_DECODED = 300  # at once; what is more of a flood is counted
IPV4, ARP = b"\x08\x00", b"\x08\x06"
ICMPV6 = 58
Known = Tuple[Callable[[Any, float], None], Any]


class Hearing:
    """Hands adverts to `routers` and claims to `claims`; `names` has the interfaces by number.

    `damaged` counts adverts whose checksum or length is wrong: they are not heard. `missed` counts what was too much.
    """

    def __init__(self, routers: Routers, claims: Claims) -> None:
        self.routers, self.claims = routers, claims
        self.names: Mapping[int, str] = {}
        self.damaged = self.missed = 0
        self._known: Dict[Any, Known] = {}
        self._last = 0.0

    def forget(self) -> None:
        """Decode every packet once more: what it belongs to may have changed."""
        self._known = {}

    def hear(self, packets: Iterable[Packet], now: float, clock: float) -> None:
        """Take the packets that were read now: seconds of the monotonic clock, and since the epoch.

        They came since the last time, whatever a clock that jumps makes of it.
        """
        known, decoded = self._known, 0
        longest, self._last = max(0.0, now - self._last), now
        for packet in packets:
            frame = packet[4]
            # The identification of an IPv4 packet, and so the checksum of its header, is another in each
            what = (*packet[1:4], frame[:18], frame[20:24], frame[26:]) if frame[12:14] == IPV4 else packet[1:]
            meant = known.get(what)
            at = now - min(max(0.0, clock - packet[0]), longest)
            if meant is None:
                decoded += 1
                if decoded > MOST_DECODED:
                    self.missed += 1
                    continue
                meant = self._decoded(packet, at)
                if meant is None:
                    continue
                if len(known) < MOST_KNOWN:
                    known[what] = meant
            meant[0](meant[1], at)

    def _decoded(self, packet: Packet, now: float) -> Optional[Known]:
        _came, number, own, tag, frame = packet
        name = self.names.get(number)
        if name is None:
            return None
        if frame[12:14] == ARP or (frame[12:14] != IPV4 and frame[20:21] == bytes([ICMPV6])):
            return self._claimed(packet, name)
        advert = decode(frame, tag)
        if advert is None or isinstance(advert, Damaged) or advert.checksum == "wrong":
            self.damaged += advert is not None
            return None
        router = self.routers.of(name, advert, own, now)
        return (router.add, advert) if router else None

    def _claimed(self, packet: Packet, name: str) -> Optional[Known]:
        own, tag, frame = packet[2:]
        claim = arp_answer(frame) or advertisement(frame)
        if claim is None or own or (tag is not None and tag & 0xFFF):
            return None
        question = self.claims.wanted(claim.address, name)
        return (self._add, (question, claim.mac)) if question else None

    def _add(self, claim: Tuple[Question, str], now: float) -> None:
        if self.claims.add(*claim, now):
            self.claims.hurry(claim[0].interface, now)

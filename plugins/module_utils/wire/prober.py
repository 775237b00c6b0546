# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking for addresses on several interfaces, a few times, and who answered."""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple, Optional, Sequence

from .capture import Ear
from .cbpf import NEIGHBOUR_ADVERTISEMENTS, Step, assemble
from .links import Link
from .probe import ETH_P_ARP, ETH_P_IPV6, advertisement, arp_answer, arp_probe, solicitation

EVERYTHING = [Step(0x06, 0xFFFF)]
ROUNDS = 3
PAUSE = 1.0  # seconds between rounds (RFC 5227 §1.1: one to two)


class Question(NamedTuple):
    """An address that is asked for on an interface."""

    address: str
    link: Link
    source: str = ""  # for IPv6


class Prober:
    """Questions on the wire, and their answers; times are those of a monotonic clock, in seconds."""

    def __init__(self, questions: Sequence[Question], begin: float, end: float) -> None:
        self._questions = questions
        self._due = [begin + number * PAUSE for number in range(ROUNDS) if number == 0 or begin + number * PAUSE < end]
        self._macs: dict[tuple[str, str], list[set[str]]] = {(each.address, each.link.name): [] for each in questions}
        self.ears: list[Ear] = []
        self._senders: dict[tuple[str, int], Ear] = {}
        for each in questions:
            version = ipaddress.ip_address(each.address).version
            if (each.link.name, version) not in self._senders:
                ear = Ear(each.link, assemble(_PROGRAMS[version]), _PROTOCOLS[version])
                self._senders[each.link.name, version] = ear
                self.ears.append(ear)

    def next_round(self) -> Optional[float]:
        """Return when the next questions are due, or None when all are asked."""
        return self._due[0] if self._due else None

    def ask(self) -> None:
        """Ask for every address once."""
        self._due = self._due[1:]
        for each in self._questions:
            self._macs[each.address, each.link.name].append(set())
            version = ipaddress.ip_address(each.address).version
            frame = (
                arp_probe(each.link.mac, each.address)
                if version == 4
                else solicitation(each.link.mac, each.source, each.address)
            )
            try:
                self._senders[each.link.name, version].socket.send(frame)
            except OSError:  # a full queue, or an interface that went down: the next round asks again
                continue

    def read(self, ear: Ear) -> None:
        """Take in what came on one of the `ears`."""
        for frame in ear.read():
            answer = arp_answer(frame.data) or advertisement(frame.data)
            rounds = self._macs.get((answer.address, ear.link.name)) if answer else None
            if answer and rounds:
                rounds[-1].add(answer.mac)

    def answers(self, links: Sequence[Link]) -> list[dict[str, Any]]:
        """Return who has each address, of all the links of this host too.

        Of the rounds, the one with most answers counts, the latest of equals: an address that moved has one owner.
        """
        holders = {str(address.ip): link for link in links for address in link.addresses}
        records = []
        for (address, name), rounds in sorted(self._macs.items()):
            macs = max(reversed(rounds), key=len) if rounds else set()
            holder = holders.get(address)
            if holder:
                macs = macs | {holder.mac}
            records.append({"address": address, "interface": name, "macs": sorted(macs), "own": holder is not None})
        return records

    def close(self) -> None:
        """Close all sockets."""
        for ear in self.ears:
            ear.socket.close()


def questions_of(addresses: Sequence[str], links: Sequence[Link]) -> tuple[list[Question], list[str]]:
    """Return where each address is asked for, and a sentence for each that cannot be.

    That is where the address is in a subnet of the link, or everywhere when it is in none.
    """
    questions, problems = [], []
    for address in dict.fromkeys(addresses):
        parsed = ipaddress.ip_address(address)
        near = [link for link in links if any(parsed in own.network for own in link.addresses)]
        fit = [link for link in near or links if parsed.version == 4 or link.link_local()]
        questions += [Question(address, link, link.link_local() or "") for link in fit]
        if not fit:
            problems.append(f"Who has {address}: no interface that was listened on has an IPv6 address to ask from.")
    return questions, problems


_PROGRAMS = {4: EVERYTHING, 6: NEIGHBOUR_ADVERTISEMENTS}
_PROTOCOLS = {4: ETH_P_ARP, 6: ETH_P_IPV6}

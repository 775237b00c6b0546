# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe addresses on several interfaces a few times, and collect the answers."""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple, Optional, Sequence

from .capture import Listener
from .cbpf import NEIGHBOUR_ADVERTISEMENTS, Instruction, assemble
from .links import Link
from .probe import ETH_P_ARP, ETH_P_IPV6, advertisement, arp_answer, arp_probe, solicitation

EVERYTHING = [Instruction(0x06, 0xFFFF)]
ROUNDS = 3
MOST_MACS = 8  # for one address
PAUSE = 1.0  # seconds between rounds (RFC 5227 §1.1: one to two)


class Question(NamedTuple):
    """An address to probe on a link; `source` is the sender's link-local address, for IPv6."""

    address: str
    link: Link
    source: str = ""


class Prober:
    """Sends probes from `begin` to `end`, and collects the answers; times are seconds of the monotonic clock.

    `pause` is between two rounds.
    """

    def __init__(self, questions: Sequence[Question], begin: float, end: float, pause: float = PAUSE) -> None:
        self._questions = questions
        self._due = [begin + number * pause for number in range(ROUNDS) if number == 0 or begin + number * pause < end]
        self._macs: dict[tuple[str, str], list[set[str]]] = {
            (question.address, question.link.name): [] for question in questions
        }
        """The MACs that answered, by address and interface, for every round."""
        self._crowded: set[str] = set()
        self.listeners: list[Listener] = []
        self._senders: dict[tuple[str, int], Listener] = {}
        for question in questions:
            version = ipaddress.ip_address(question.address).version
            if (question.link.name, version) not in self._senders:
                listener = Listener(question.link, assemble(_PROGRAMS[version]), _PROTOCOLS[version])
                self._senders[question.link.name, version] = listener
                self.listeners.append(listener)

    def next_round(self) -> Optional[float]:
        """Return the time of the next round of probes, or None after the last."""
        return self._due[0] if self._due else None

    def ask(self) -> None:
        """Send one round: a probe for every address."""
        self._due = self._due[1:]
        for address, link, source in self._questions:
            self._macs[address, link.name].append(set())
            version = ipaddress.ip_address(address).version
            frame = arp_probe(link.mac, address) if version == 4 else solicitation(link.mac, source, address)
            try:
                self._senders[link.name, version].socket.send(frame)
            except OSError:  # the queue is full or the interface is down: the next round repeats the probe
                continue

    def read(self, listener: Listener) -> None:
        """Read the answers that wait on one of the `listeners`."""
        for frame in listener.read():
            answer = arp_answer(frame.data) or advertisement(frame.data)
            rounds = self._macs.get((answer.address, listener.link.name)) if answer else None
            if answer and rounds and answer.mac not in rounds[-1]:
                if len(rounds[-1]) < MOST_MACS:
                    rounds[-1].add(answer.mac)
                else:
                    self._crowded.add(answer.address)

    def unheard(self) -> list[str]:
        """Return a sentence for every address for which more MACs answered than are kept."""
        return [f"More than {MOST_MACS} MACs answered for {address}." for address in sorted(self._crowded)]

    def answers(self, links: Sequence[Link]) -> list[dict[str, Any]]:
        """Return a record {address, interface, macs, own} for every address and interface, as plain data.

        `macs` are those of the round with most answers, the latest of equals: an address that has moved between rounds
        has one owner. `own` means that this host has the address on one of `links`; its MAC is then one of them.
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
        for listener in self.listeners:
            listener.socket.close()


def questions_of(addresses: Sequence[str], links: Sequence[Link]) -> tuple[list[Question], list[str]]:
    """Return the probes to send, and a sentence for every address that cannot be probed.

    An address is probed on the links in whose subnet it is, or on all links when it is in none.
    """
    questions, problems = [], []
    for address in dict.fromkeys(addresses):
        parsed = ipaddress.ip_address(address)
        in_subnet = [link for link in links if any(parsed in own.network for own in link.addresses)]
        usable = [link for link in in_subnet or links if parsed.version == 4 or link.link_local()]
        questions += [Question(address, link, link.link_local() or "") for link in usable]
        if not usable:
            problems.append(f"Who has {address}: no interface that was listened on has an IPv6 address to ask from.")
    return questions, problems


_PROGRAMS = {4: EVERYTHING, 6: NEIGHBOUR_ADVERTISEMENTS}
_PROTOCOLS = {4: ETH_P_ARP, 6: ETH_P_IPV6}

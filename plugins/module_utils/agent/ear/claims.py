# SPDX-License-Identifier: GPL-3.0-or-later
"""Who says that an address is its own, by ARP or neighbour discovery: unasked, and when the ear asks now and then.

Times are seconds of the monotonic clock.
"""

from __future__ import annotations

from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from ...wire.survey import MOST_MACS

EVERY = 30.0  # seconds between two questions for one address, on average
SPREAD = 0.4  # of that, by which questions are earlier or later
SOON = 5.0  # seconds after which a peer that has not answered is asked again, and who claims an address anew
IMPATIENT = 12  # questions without an answer, after which a peer is asked as rarely as others
AT_ONCE = 8  # questions
KEPT = 75.0  # seconds for which a claim holds: two questions without an answer
WAIT = 2.0  # seconds in which an answer has come and was read


class Question(NamedTuple):
    """An address, and the interface on which it is asked for; `is_peer`: the source of a peer, and no VIP."""

    address: str
    interface: str
    is_peer: bool = False


class Asked:
    """What is known about one address."""

    __slots__ = ("answered", "due", "last_asked", "macs", "unanswered")

    def __init__(self, due: float) -> None:
        self.due, self.last_asked, self.answered = due, 0.0, 0.0
        self.unanswered = 0
        self.macs: Dict[str, Tuple[float, float]] = {}
        """By MAC: when the claim began, and when it was last made."""

    def current(self, now: float) -> List[str]:
        """Return the MACs whose claim holds."""
        if not self.macs:
            return []
        return sorted(mac for mac, (_first, last) in self.macs.items() if now - last <= KEPT)


class Claims:
    """The claims of all addresses that are ours or our peers'; `jitter` returns numbers from 0 to 1."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._all: Dict[Question, Asked] = {}
        self._by_address: Dict[Tuple[str, str], Question] = {}
        self.changed = False
        """Whether anything was claimed or is asked for since it was last set back."""

    def want(self, questions: Iterable[Question], now: float) -> None:
        """Ask for these from now on, and for no others; new ones soon, and not all at once."""
        known, self.changed = self._all, True
        self._all = {each: known.get(each) or Asked(now + 1 + SOON * self._jitter()) for each in questions}
        self._by_address = {(each.address, each.interface): each for each in self._all}

    def items(self) -> Iterator[Tuple[Question, Asked]]:
        """Yield every question and what is known about it."""
        yield from self._all.items()

    def wanted(self, address: str, interface: str) -> Optional[Question]:
        """Return the question that is asked about an address, or None."""
        return self._by_address.get((address, interface))

    def of(self, address: str, interface: str) -> Asked:
        """Return what is known about an address, which is nothing where it is not asked for."""
        question = self.wanted(address, interface)
        return self._all[question] if question else Asked(0.0)

    def add(self, question: Question, mac: str, now: float) -> bool:
        """Add the claim of another host; tell whether it is new."""
        asked = self._all.get(question)
        if asked is None:
            return False
        asked.answered, asked.unanswered, self.changed = now, 0, True
        if question.is_peer:
            asked.due = max(asked.due, now + self._pause(EVERY))
        first, last = asked.macs.get(mac, (now, now - KEPT - 1))
        if mac not in asked.macs and len(asked.macs) >= MOST_MACS:
            asked.macs = {each: times for each, times in asked.macs.items() if now - times[1] <= KEPT}
            if len(asked.macs) >= MOST_MACS:
                return False
        new = now - last > KEPT
        asked.macs[mac] = (now if new else first, now)
        return new

    def hurry(self, interface: str, now: float) -> None:
        """Ask for all addresses there, unless they were asked for a moment ago: somebody has a new one."""
        for question, asked in self._all.items():
            if question.interface == interface and now - asked.last_asked > SOON:
                asked.due = min(asked.due, now)

    def due(self, now: float) -> List[Question]:
        """Return the questions to send now, and note that they are."""
        found = [each for each, asked in self._all.items() if asked.due <= now][:AT_ONCE]
        for each in found:
            asked = self._all[each]
            asked.unanswered += 1
            asked.last_asked = now
            asked.due = now + self._pause(SOON if each.is_peer and asked.unanswered <= IMPATIENT else EVERY)
        return found

    def _pause(self, seconds: float) -> float:
        return seconds * (1 + SPREAD * (self._jitter() - 0.5))

    def forget_silence(self) -> None:
        """Take no question for unanswered: this host stood still, and may have missed the answers."""
        for asked in self._all.values():
            asked.unanswered = 0

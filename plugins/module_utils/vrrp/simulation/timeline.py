# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node had which state and held which VIPs from when to when; times are in seconds of the simulated clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import AbstractSet, Iterable, Iterator

from .machine import State


@dataclass(frozen=True)
class Transition:
    """From time `at` on, an instance has this state on this node, and the node holds its VIPs or does not."""

    at: float
    node: str
    instance: str
    state: State
    held: bool


@dataclass(frozen=True)
class Span:
    """A time during which the same nodes held the VIPs of one instance."""

    begin: float
    end: float
    holders: frozenset[str]

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.begin


def spans_of(
    transitions: Iterable[Transition], instance: str, holders: AbstractSet[str], begin: float, end: float
) -> Iterator[Span]:
    """Divide the time from `begin` to `end` by who holds the VIPs of an instance; `holders` are those at `begin`.

    A new span begins with every change, so spans of no length can occur.
    """
    now = frozenset(holders)
    for transition in transitions:
        node, held = transition.node, transition.held
        if transition.instance == instance and held is not (node in now):
            yield Span(begin, transition.at, now)
            begin, now = transition.at, now | {node} if held else now - {node}
    yield Span(begin, end, now)


def seconds_of(spans: Iterable[Span]) -> float:
    """Return the sum of their lengths; 0.0 for none."""
    return sum((span.seconds for span in spans), 0.0)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Who comes first, second and third for what: even shares while all is well, after one failure, and after two.

A unit is what moves as one: a VIP, or the VIPs of a sync group. Every decision is repeatable, and close to the one for
a node or a unit less:

- the first choices of m nodes are those of the first m - 1, but for the share that node m takes over;
- a new unit at the end goes to a node that has least. From five nodes on, a few of those that were there may change
  places with it: no list of first choices is even for every number of units and of nodes at once.

What is in use goes before both: then only what has to move moves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Mapping, Sequence

EVEN = 1  # the most by which two shares may differ
NOBODY = ""


@dataclass(frozen=True)
class Unit:
    """What moves as one: the nodes that may hold it, its preferences, and the order it has today."""

    nodes: tuple[str, ...]
    prefer: tuple[str, ...] = ()
    in_use: tuple[str, ...] = ()


def spread(nodes: Sequence[str], units: Sequence[Unit]) -> list[tuple[str, ...]]:
    """Return an order of nodes for each unit: its preferences first, and the rest as even as can be."""
    firsts = _firsts(nodes, units)
    seconds = _seconds(nodes, units, firsts)
    return _orders(nodes, units, firsts, seconds)


def _firsts(nodes: Sequence[str], units: Sequence[Unit]) -> list[str]:
    firsts = [_known(unit, 0, ()) for unit in units]
    if not any(unit.in_use for unit in units):
        firsts = _built_up(nodes, units, firsts)
    count = Counter(first for first in firsts if first)
    for at, unit in enumerate(units):
        if not firsts[at]:
            firsts[at] = _least(unit.nodes, count, {}, nodes)
            count[firsts[at]] += 1
    return _evened_out(firsts, [() if unit.prefer else unit.nodes for unit in units], count, nodes)


def _built_up(nodes: Sequence[str], units: Sequence[Unit], fixed: Sequence[str]) -> list[str]:
    """Add the nodes one by one: each takes its share from those that have most, and nothing else moves."""
    plain = list(fixed)
    firsts = list(fixed)
    for level, node in enumerate(nodes):
        count: Counter[str] = Counter()
        for at, unit in enumerate(units):
            if node in unit.nodes and not fixed[at] and (not plain[at] or count[node] < count[plain[at]]):
                plain[at] = node
            count[plain[at]] += 1
        choices = [
            (old or node, node) if node in unit.nodes and not known else ()
            for unit, known, old in zip(units, fixed, firsts)
        ]
        firsts = [node if each == node else old for each, old in zip(plain, firsts)]
        firsts = _evened_out(firsts, choices, Counter(filter(None, firsts)), nodes[: level + 1])
    return firsts


def _seconds(nodes: Sequence[str], units: Sequence[Unit], firsts: Sequence[str]) -> list[str]:
    """Choose who takes over: after the loss of any node, what the others have is even."""
    loads: dict[str, Counter[str]] = {lost: Counter() for lost in nodes}
    often: Counter[str] = Counter()
    seconds = []
    for unit, first in zip(units, firsts):
        for lost in nodes:
            loads[lost][first] += lost != first
        others = [node for node in unit.nodes if node != first]
        second = _known(unit, 1, (first,)) or _least(others, loads[first], often, nodes)
        loads[first][second] += 1
        often[second] += 1
        seconds.append(second)
    for lost in nodes:
        left = [node for node in nodes if node != lost]
        choices = [
            tuple(node for node in unit.nodes if node != lost) if first == lost and len(unit.prefer) < 2 else ()
            for unit, first in zip(units, firsts)
        ]
        seconds = _evened_out(seconds, choices, loads[lost], left)
    return seconds


def _orders(
    nodes: Sequence[str], units: Sequence[Unit], firsts: Sequence[str], seconds: Sequence[str]
) -> list[tuple[str, ...]]:
    """Choose who is third by what each has when the first two are lost, and the rest by how often each was fourth."""
    has: Counter[str] = Counter()
    heirs: Counter[tuple[str, str]] = Counter()
    thirds: Counter[tuple[frozenset[str], str]] = Counter()
    fourths: Counter[str] = Counter()
    orders = []
    for unit, first, second in zip(units, firsts, seconds):
        has[first] += 1
        heirs[first, second] += 1
        lost = frozenset((first, second))
        rest = [node for node in unit.nodes if node not in lost]
        load = {node: has[node] + heirs[first, node] + heirs[second, node] + thirds[lost, node] for node in rest}
        third = _known(unit, 2, (first, second)) or _least(rest, load, fourths, nodes)
        thirds[lost, third] += 1
        rest = sorted((node for node in rest if node != third), key=lambda node: (fourths[node], nodes.index(node)))
        fourths.update(rest[:1])
        order = [*unit.prefer, first, second, third, *rest]
        orders.append(tuple(node for node in dict.fromkeys(order) if node != NOBODY))
    return orders


def _known(unit: Unit, place: int, before: Sequence[str]) -> str:
    """Return who comes at this place by preference, or because it is so today."""
    if len(unit.prefer) > place:
        return unit.prefer[place]
    return next((node for node in unit.in_use if node in unit.nodes and node not in before), NOBODY)


def _least(among: Sequence[str], load: Mapping[str, int], often: Mapping[str, int], nodes: Sequence[str]) -> str:
    """Return the node with the least load; among equals the one that was chosen least often."""
    return min(among, key=lambda node: (load[node], often.get(node, 0), nodes.index(node)), default=NOBODY)


def _evened_out(
    held: Sequence[str], choices: Sequence[Sequence[str]], count: Counter[str], nodes: Sequence[str]
) -> list[str]:
    """Move as few units as it takes until no share is more than one above another that it could go to.

    A unit may go where its `choices` say; the last in the list goes first. `count` is what each node has, with what is
    not in `held`; it is kept up to date.
    """
    held = list(held)
    while True:
        ways = (_way_down(most, held, choices, count) for most in sorted(nodes, key=lambda node: -count[node]))
        way = next(filter(None, ways), [])
        if not way:
            return held
        for at, to in way:
            count[held[at]] -= 1
            count[to] += 1
            held[at] = to


def _way_down(
    start: str, held: Sequence[str], choices: Sequence[Sequence[str]], count: Mapping[str, int]
) -> list[tuple[int, str]]:
    """Return the shortest chain of moves from a node to one that has less by two or more."""
    ways: dict[str, list[tuple[int, str]]] = {start: []}
    queue = [start]
    while queue:
        here = queue.pop(0)
        if count[here] < count[start] - EVEN:
            return ways[here]
        for at in reversed(range(len(held))):
            if held[at] == here:
                for to in choices[at]:
                    if to not in ways:
                        ways[to] = [*ways[here], (at, to)]
                        queue.append(to)
    return []

# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of nodes for every unit, so that shares are even without a failure, after one failure, and after two.

A unit is a VIP, or the VIPs of a sync group: what moves together. The result is deterministic, and changes little when
a node or a unit is added:

- with an additional node, only the units of its own share get another first choice;
- an additional unit at the end goes to a node with the fewest. With five nodes or more, a few other units may get
  another first choice: no fixed list of first choices is even for every number of units and nodes.

An order in use is kept before both rules: then only the units move that have to.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Mapping, Sequence

EVEN = 1  # the most by which two shares may differ
NOBODY = ""  # in place of a node that is not yet chosen


@dataclass(frozen=True)
class SpreadUnit:
    """What moves together: the nodes that may hold it, the preferred nodes, and the order in use."""

    nodes: tuple[str, ...]
    prefer: tuple[str, ...] = ()
    in_use: tuple[str, ...] = ()


def spread(nodes: Sequence[str], units: Sequence[SpreadUnit]) -> list[tuple[str, ...]]:
    """Return the order of nodes for every unit: the preferred nodes first, the others so that shares are even."""
    firsts = _firsts(nodes, units)
    seconds = _seconds(nodes, units, firsts)
    return _orders(nodes, units, firsts, seconds)


def _firsts(nodes: Sequence[str], units: Sequence[SpreadUnit]) -> list[str]:
    """Choose the first choices: even shares of all units."""
    firsts = [_known(unit, 0, ()) for unit in units]
    if not any(unit.in_use for unit in units):
        firsts = _built_up(nodes, units, firsts)
    count = Counter(first for first in firsts if first)
    for at, unit in enumerate(units):
        if not firsts[at]:
            firsts[at] = _least(unit.nodes, count, {}, nodes)
            count[firsts[at]] += 1
    return _evened_out(firsts, [() if unit.prefer else unit.nodes for unit in units], count, nodes)


def _built_up(nodes: Sequence[str], units: Sequence[SpreadUnit], fixed: Sequence[str]) -> list[str]:
    """Add the nodes one by one: every node takes its share from those with the most, and nothing else moves."""
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
        firsts = [node if new == node else old for new, old in zip(plain, firsts)]
        firsts = _evened_out(firsts, choices, Counter(filter(None, firsts)), nodes[: level + 1])
    return firsts


def _seconds(nodes: Sequence[str], units: Sequence[SpreadUnit], firsts: Sequence[str]) -> list[str]:
    """Choose the second choices: even shares of the others after the loss of any one node."""
    loads: dict[str, Counter[str]] = {lost: Counter() for lost in nodes}
    chosen: Counter[str] = Counter()
    seconds = []
    for unit, first in zip(units, firsts):
        for lost in nodes:
            loads[lost][first] += lost != first
        others = [node for node in unit.nodes if node != first]
        second = _known(unit, 1, (first,)) or _least(others, loads[first], chosen, nodes)
        loads[first][second] += 1
        chosen[second] += 1
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
    nodes: Sequence[str], units: Sequence[SpreadUnit], firsts: Sequence[str], seconds: Sequence[str]
) -> list[tuple[str, ...]]:
    """Choose the third by the shares after the loss of the first two, and the rest by how often a node was fourth."""
    held: Counter[str] = Counter()
    heirs: Counter[tuple[str, str]] = Counter()
    thirds: Counter[tuple[frozenset[str], str]] = Counter()
    fourths: Counter[str] = Counter()
    orders = []
    for unit, first, second in zip(units, firsts, seconds):
        held[first] += 1
        heirs[first, second] += 1
        lost = frozenset((first, second))
        rest = [node for node in unit.nodes if node not in lost]
        load = {node: held[node] + heirs[first, node] + heirs[second, node] + thirds[lost, node] for node in rest}
        third = _known(unit, 2, (first, second)) or _least(rest, load, fourths, nodes)
        thirds[lost, third] += 1
        rest = sorted((node for node in rest if node != third), key=lambda node: (fourths[node], nodes.index(node)))
        fourths.update(rest[:1])
        order = [*unit.prefer, first, second, third, *rest]
        orders.append(tuple(node for node in dict.fromkeys(order) if node != NOBODY))
    return orders


def _known(unit: SpreadUnit, place: int, before: Sequence[str]) -> str:
    """Return the node of this place by preference, else by the order in use, else NOBODY."""
    if len(unit.prefer) > place:
        return unit.prefer[place]
    return next((node for node in unit.in_use if node in unit.nodes and node not in before), NOBODY)


def _least(among: Sequence[str], load: Mapping[str, int], chosen: Mapping[str, int], nodes: Sequence[str]) -> str:
    """Return the node with the least load; among equals the one that was chosen least often so far."""
    return min(among, key=lambda node: (load[node], chosen.get(node, 0), nodes.index(node)), default=NOBODY)


def _evened_out(
    held: Sequence[str], choices: Sequence[Sequence[str]], count: Counter[str], nodes: Sequence[str]
) -> list[str]:
    """Return `held` with as few units moved as needed: no node has two more than another that could take one.

    `held` is the node of every unit, `choices` the nodes to which it may move; the last unit in the list moves first.
    `count` is the number of units of every node, and is updated in place; it may include units that are not in `held`.
    """
    held = list(held)
    while True:
        chains = (_moves_from(most, held, choices, count) for most in sorted(nodes, key=lambda node: -count[node]))
        moves = next(filter(None, chains), [])
        if not moves:
            return held
        for at, to in moves:
            count[held[at]] -= 1
            count[to] += 1
            held[at] = to


def _moves_from(
    start: str, held: Sequence[str], choices: Sequence[Sequence[str]], count: Mapping[str, int]
) -> list[tuple[int, str]]:
    """Return the shortest chain of moves (unit, new node) from a node to one with at least two units fewer, or []."""
    chains: dict[str, list[tuple[int, str]]] = {start: []}
    queue = [start]
    while queue:
        here = queue.pop(0)
        if count[here] < count[start] - EVEN:
            return chains[here]
        for at in reversed(range(len(held))):
            if held[at] == here:
                for to in choices[at]:
                    if to not in chains:
                        chains[to] = [*chains[here], (at, to)]
                        queue.append(to)
    return []

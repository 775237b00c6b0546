# SPDX-License-Identifier: GPL-3.0-or-later
"""How to load a change that cannot be rolled: the way with the shortest outage and split brain, found by simulation."""

from __future__ import annotations

from typing import Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ...vrrp.simulation.incidents import start_all
from ...vrrp.simulation.machine import Machine
from ...vrrp.simulation.network import Simulation
from ...vrrp.simulation.routers import Router, identity
from ...vrrp.simulation.timeline import seconds_of, spans_of
from .unrolled import UnrolledChange

LATE = 0.05  # seconds by which one node may be later than the others in a simultaneous reload
MARGIN = 0.1  # seconds on top of what the others need to become active
STEP = 10.0  # seconds from the first node of a roll to the last, at least
INSTANT = 0.0001  # seconds


class Cost(NamedTuple):
    """The longest time in which no node holds a VIP (`none`), and more than one node does (`two`), in seconds."""

    none: float
    two: float


class Way(NamedTuple):
    """A simultaneous reload in which the node that holds most VIPs reloads `last_waits` seconds after the others."""

    last_waits: float
    cost: Cost


def best_way(changes: Sequence[UnrolledChange]) -> Way:
    """Return the way with the shortest time without a holder; of equal ones, that with the shortest split brain."""
    after = [part.after for change in changes for part in change.parts]
    takeover = max((Machine(router).full_down_timer() for router in after), default=0.0)
    ways = (Way(wait, cost_of(changes, wait)) for wait in (0.0, takeover + LATE + MARGIN))
    return min(ways, key=lambda way: way.cost)


def cost_of(changes: Sequence[UnrolledChange], last_waits: float) -> Cost:
    """Return the worst cost of a simultaneous reload in which the holder is `last_waits` seconds later."""
    costs = [_cost(unit, {_holder(unit): last_waits}) for unit in _units(changes)]
    return _worst(costs)


def cost_of_a_roll(changes: Sequence[UnrolledChange]) -> Cost:
    """Return the least cost of a roll: node by node, the holder last."""
    return cost_of(changes, STEP)


def _worst(costs: Sequence[Cost]) -> Cost:
    return Cost(max((each.none for each in costs), default=0.0), max((each.two for each in costs), default=0.0))


def _units(changes: Sequence[UnrolledChange]) -> List[List[UnrolledChange]]:
    """Return the sync groups and single instances that change; of those with equal parameters, only one."""
    groups: Dict[str, List[UnrolledChange]] = {}
    for change in changes:
        group = next((part.after.sync_group for part in change.parts if part.after.sync_group), None)
        groups.setdefault(f"group {group}" if group else f"instance {change.instance}", []).append(change)
    alike = {tuple(map(_form, unit)): unit for unit in groups.values() if _nodes(unit)}
    return list(alike.values())


def _form(change: UnrolledChange) -> Tuple[object, ...]:
    ranks = {part.after.node: rank for rank, part in enumerate(change.parts)}
    return tuple(
        (ranks[router.node], router.priority, router.preempt_delay, router.version, router.interval)
        for part in change.parts
        for router in (part.before, part.after)
    ) + tuple(identity(part.before) == identity(part.after) for part in change.parts)


def _nodes(unit: Sequence[UnrolledChange]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys(part.after.node for change in unit for part in change.parts))


def _holder(unit: Sequence[UnrolledChange]) -> str:
    return _first_two(unit)[0]


def _first_two(unit: Sequence[UnrolledChange]) -> List[str]:
    return [part.after.node for part in sorted(unit[0].parts, key=lambda part: -part.before.priority)[:2]]


def _cost(unit: Sequence[UnrolledChange], delays: Mapping[str, float]) -> Cost:
    """Simulate three cases, each from two moments: no node is late, the holder is, and the second node is."""
    parts = [part for change in unit for part in change.parts]
    after = {node: [part.after for part in parts if part.after.node == node] for node in _nodes(unit)}
    costs = []
    for moment in _moments([part.before for part in parts]):
        for late in (None, *_first_two(unit)):
            simulation = moment.copy()
            for node, routers in after.items():
                at = simulation.now + delays.get(node, 0.0) + LATE * (node == late)
                simulation.at(at, Simulation.reload, node, routers)
            costs.append(_run(simulation, max([*delays.values(), 0.0]) + LATE))
    return _worst(costs)


def _moments(routers: Sequence[Router]) -> Iterator[Simulation]:
    """Yield the settled cluster just after an advert and just before the next one: the two extremes."""
    settled = Simulation(routers)
    start_all(settled)
    settled.run(2 * settled.takeover + max(each.interval for each in routers))
    instance = routers[0].instance
    holders = settled.holders(instance)
    for early in (-INSTANT, INSTANT) if holders else (0.0,):
        moment = settled.copy()
        if holders:
            moment.run(moment.next_timeout(holders[0], instance) + moment.delays.timer + moment.delays.message - early)
        yield moment


def _run(simulation: Simulation, busy: float) -> Cost:
    begin = simulation.now
    instances = sorted({each.instance for each in simulation.routers})
    held = {instance: set(simulation.holders(instance)) for instance in instances}
    ending = max(Machine(each).full_down_timer() for each in simulation.routers)
    simulation.run(begin + busy)
    simulation.run(begin + busy + 2 * (simulation.takeover + ending))
    costs = []
    for instance in instances:
        spans = list(spans_of(simulation.changes, instance, held[instance], begin, simulation.now))
        none = seconds_of(span for span in spans if not span.holders)
        costs.append(Cost(none, seconds_of(span for span in spans if len(span.holders) > 1)))
    return _worst(costs)

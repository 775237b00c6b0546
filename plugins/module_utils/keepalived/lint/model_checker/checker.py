# SPDX-License-Identifier: GPL-3.0-or-later
"""Search for failures after which a node with a failed check holds the VIPs although a healthy node could.

It tries every single failure and every pair: every check on every node, and every node as a whole. It assumes that all
nodes hear each other; other rules report where they do not.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from itertools import combinations
from typing import FrozenSet, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ....vrrp.simulation import incidents
from ....vrrp.simulation.election import effective_priority
from ....vrrp.simulation.network import Simulation
from ....vrrp.simulation.routers import Router
from ....vrrp.simulation.succession import Standing, successor
from ....vrrp.weights import FAULT_WEIGHT

MOST_POINTS = 60  # with more failure points, pairs are not tried
FORMS = 1000
MOST_WEIGHT = 253  # keepalived caps the weight of a check here; FAULT_WEIGHT would be FAULT
INSTANCE = "instance"
INTERVAL = 1.0


class Side(NamedTuple):
    """One node in the election for one instance; a check is (weight while healthy, weight when failed)."""

    priority: int
    preempts: bool
    rank: int
    """Rank of its address among the nodes: at equal priority, the higher address wins (RFC 9568 §6.4.3)."""
    checks: Tuple[Tuple[int, int], ...]


class FailurePoint(NamedTuple):
    """What can fail: a check of a side, or with check None the whole node."""

    side: int
    check: Optional[int] = None


class LapseCause(Enum):
    """Why the wrong node is active."""

    STAYS = "the others do not preempt"
    CLAMP = "priorities are kept within 1 and 254"
    DROP = "a failure takes too little away"
    RISE = "health adds too little"


class Lapse(NamedTuple):
    """A failure after which the wrong side is active; `before` is the side that was active before it."""

    cause: LapseCause
    failed: FrozenSet[FailurePoint]
    before: int
    active: int
    better: int
    """The healthy side that should be active."""
    priorities: Tuple[Optional[int], ...]


Form = Tuple[Side, ...]
"""The sides of one instance without any names, so that equal clusters are computed once."""


@lru_cache(maxsize=FORMS)
def lapses(form: Form) -> Tuple[Lapse, ...]:
    """Return the failures after which the wrong side is active, without pairs that one of the two explains.

    They are found by arithmetic on priorities; `simulated` confirms one.
    """
    found: List[Lapse] = []
    explained: Set[Tuple[FailurePoint, int, LapseCause]] = set()
    well = _well(form)
    at_rest = tuple(_at_rest(form, well))
    for failed in _failures(form):
        sums = _sums(form, well, failed)
        routers = _standings(form, sums)
        for before in at_rest:
            lapse = _lapse(form, failed, before, sums, routers)
            if lapse and (
                len(failed) == 1 or not any((part, lapse.active, lapse.cause) in explained for part in failed)
            ):
                found.append(lapse)
                explained |= {(part, lapse.active, lapse.cause) for part in failed if len(failed) == 1}
    return tuple(found)


def _failures(form: Form) -> Iterator[FrozenSet[FailurePoint]]:
    points = [
        FailurePoint(number, check) for number, side in enumerate(form) for check in (None, *range(len(side.checks)))
    ]
    yield from (frozenset([point]) for point in points)
    for one, other in combinations(points, 2) if len(points) <= MOST_POINTS else ():
        if one.side != other.side or None not in (one.check, other.check):
            yield frozenset([one, other])


def _at_rest(form: Form, well: Sequence[int]) -> Iterator[int]:
    """Yield the sides that can be active while nothing has failed: with nopreempt, it may be any of them."""
    routers = _standings(form, well)
    yield from (side for side in range(len(form)) if successor(routers, side) == side)


def _well(form: Form) -> List[int]:
    """Return the sum of the weights of every side while nothing has failed."""
    return [sum(good for good, _bad in side.checks) for side in form]


def _sums(form: Form, well: Sequence[int], failed: FrozenSet[FailurePoint]) -> List[Optional[int]]:
    """Return the sum of the weights of every side after the failures; None for one that is down or in FAULT."""
    sums: List[Optional[int]] = list(well)
    for side, check in failed:
        good, bad = (0, FAULT_WEIGHT) if check is None else form[side].checks[check]
        before = sums[side]
        sums[side] = None if before is None or bad == FAULT_WEIGHT else before + bad - good
    return sums


def _standings(form: Form, sums: Sequence[Optional[int]]) -> List[Standing]:
    return [
        Standing(None if added is None else effective_priority(side.priority, [added]), side.preempts, side.rank)
        for side, added in zip(form, sums)
    ]


def _order(standing: Standing) -> Tuple[int, int]:
    return (standing.priority or 0, standing.rank)


def _lapse(
    form: Form, failed: FrozenSet[FailurePoint], before: int, sums: Sequence[Optional[int]], routers: Sequence[Standing]
) -> Optional[Lapse]:
    active = successor(routers, before)
    failing = {point.side for point in failed}
    healthy = [side for side, each in enumerate(routers) if each.priority is not None and side not in failing]
    if active is None or active not in failing or not healthy:
        return None
    better = max(healthy, key=lambda side: _order(routers[side]))
    totals = [side.priority + (each or 0) for side, each in zip(form, sums)]
    if successor([each._replace(preempts=True) for each in routers], before) not in failing:
        cause = LapseCause.STAYS
    elif totals[active] < totals[better]:
        cause = LapseCause.CLAMP
    else:
        cause = _weakness(form[active], [point.check for point in failed if point.side == active])
    return Lapse(cause, failed, before, active, better, tuple(each.priority for each in routers))


def _weakness(side: Side, failed: Sequence[Optional[int]]) -> LapseCause:
    """Tell whether a positive weight or a negative one is too small."""
    rises = any(side.checks[check][0] > 0 for check in failed if check is not None)
    return LapseCause.RISE if rises else LapseCause.DROP


def tied_by_clamp(form: Form) -> Tuple[int, ...]:
    """Return the sides that tie for first at 254 while nothing has failed, although their sums of weights differ."""
    well = _well(form)
    totals = [side.priority + each for side, each in zip(form, well)]
    shown = [effective_priority(side.priority, [each]) for side, each in zip(form, well)]
    first = [index for index, each in enumerate(shown) if each == max(shown, default=None)]
    return tuple(first) if len({totals[index] for index in first}) > 1 else ()


@lru_cache(maxsize=FORMS)
def simulated(form: Form, lapse: Lapse) -> Optional[int]:
    """Return the side that holds the VIPs after this failure in the simulator; None for none or more than one."""
    simulation = Simulation(_router(index, side) for index, side in enumerate(form))
    for index, side in enumerate(form):
        host = simulation.hosts[str(index)]
        host.trackers.update({str(check): good for check, (good, _bad) in enumerate(side.checks)})
    wait = simulation.takeover + 2 * INTERVAL
    incidents.start(simulation, str(lapse.before))
    simulation.run(wait)
    incidents.start_all(simulation)
    simulation.run(2 * wait)
    for part in sorted(lapse.failed, key=str):
        if part.check is None:
            incidents.power_off(simulation, str(part.side))
        else:
            simulation.track(str(part.side), str(part.check), form[part.side].checks[part.check][1])
    simulation.run(3 * wait)
    holders = simulation.holders(INSTANCE)
    return int(holders[0]) if len(holders) == 1 else None


def _router(index: int, side: Side) -> Router:
    return Router(
        node=str(index),
        instance=INSTANCE,
        vrid=1,
        family="ipv4",
        priority=side.priority,
        addresses=frozenset(),
        address=f"192.0.2.{side.rank + 1}",
        version=2,
        interval=INTERVAL,
        preempt=side.preempts,
    )


def contribution(weight: int, reverse: bool) -> Tuple[int, int]:
    """Return (weight while healthy, weight when failed) of a check, as keepalived.conf(5) defines them.

    With `reverse`, success counts as failure. With weight 0, a failure means FAULT.
    """
    if weight == 0:
        return 0, FAULT_WEIGHT
    weight = max(-MOST_WEIGHT, min(MOST_WEIGHT, weight))
    given = (weight, 0) if weight > 0 else (0, weight)
    if not reverse:
        return given
    return (0, -weight) if weight > 0 else (-weight, 0)

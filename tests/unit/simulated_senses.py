# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent sees of its node in a simulated cluster: late, stale and wrong."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from module_utils.agent.guard import sight as seen
from module_utils.agent.guard.judge import Memory
from module_utils.vrrp.simulation.machine import Machine
from module_utils.vrrp.weights import FAULT_WEIGHT

if TYPE_CHECKING:
    from simulated_guards import Guarded

NOT_FILES = ("carrier", "interface")
"""Trackers of the simulator that are no tracked files."""
LISTENING_SECONDS = 3.0  # of an ear, before it says who is active


@dataclass(frozen=True)
class Senses:
    """How badly the agents see and act; probabilities are per tick, times in seconds."""

    late: float = 0.1
    """Most by which a tick is late."""
    hangs: float = 0.0
    """Probability that it is later than that by up to `hang`."""
    hang: float = 3.0
    slow: float = 0.1
    """Most that an answer of keepalived takes."""
    asked: float = 0.05
    """Probability that somebody else asks keepalived."""
    stale: float = 0.5
    """Most by which what an ear has heard is old."""
    wrong: float = 0.0
    """Probability that one thing that is seen is wrong."""
    ear: str = "hears"
    """Or `none`, `deaf` (nobody is active, ever), `lies` (a peer of priority 255 is active, always)."""
    frozen: str = seen.STOPPED
    """What it sees of a frozen keepalived: STOPPED or SILENT."""
    locked: float = 0.0
    """Probability that it must not act."""


class Agent(NamedTuple):
    """What one agent keeps between ticks."""

    memory: Memory = Memory()
    answers: Mapping[str, seen.Answer] = MappingProxyType({})
    """Of keepalived, by instance."""
    daemon: int = -1
    booted: float = 0.0
    well_since: float = float("inf")


def observe(simulation: Guarded, node: str, agent: Agent, senses: Senses) -> seen.Observation:
    """Return what an agent sees now, which may be wrong."""
    host, chance = simulation.hosts[node], simulation.random
    process = seen.RUNS if host.groups else seen.GONE
    if host.frozen and node not in simulation.starved:
        process = senses.frozen
    files = [value for name, value in host.trackers.items() if name not in NOT_FILES]
    observation = seen.Observation(
        process=process,
        daemon=str(agent.daemon),
        sights=tuple(_sight(simulation, node, agent, router, senses) for router in host.routers),
        may_act=not host.letting_go and "keepalived" not in host.trackers and chance.random() >= senses.locked,
        fit=host.proxy and all(value > FAULT_WEIGHT for value in files),
        weight=sum(files),
    )
    return _wrong(observation, chance) if chance.random() < senses.wrong else observation


def _sight(simulation: Guarded, node: str, agent: Agent, router: Any, senses: Senses) -> seen.Sight:
    host = simulation.hosts[node]
    loaded, addresses = _loaded(router)
    held = router.instance in host.held
    made, at_start = simulation.nics[node]
    return seen.Sight(
        loaded=loaded,
        answer=agent.answers.get(router.instance),
        here=addresses if held else (),
        missing=() if held else addresses,
        ready=host.interface and not host.trackers.get("carrier"),
        made_anew=made != at_start,
        heard=_heard(simulation, node, agent, router, senses),
    )


@cache
def _loaded(router: Any) -> tuple[seen.Loaded, tuple[str, ...]]:
    """Return an instance as the judge knows it, and its addresses."""
    loaded = seen.Loaded(
        name=router.instance,
        priority=router.priority,
        interval=router.interval,
        down_seconds=Machine(router, priority=1).full_down_timer(),
        preempts=router.preempt,
        preempt_delay=router.preempt_delay,
        grouped=router.sync_group is not None,
    )
    return loaded, tuple(sorted(router.addresses))


def _heard(simulation: Guarded, node: str, agent: Agent, router: Any, senses: Senses) -> seen.Heard | None:
    """Return what an ear heard a moment ago."""
    when = simulation.now - simulation.random.uniform(0, senses.stale)
    if senses.ear == "none" or when < agent.booted + LISTENING_SECONDS:
        return None
    if senses.ear == "deaf":
        return seen.Heard(0, own=False)
    down = _loaded(router)[0].down_seconds
    last = simulation.wire.get((node, router.instance), {})
    active = {sender: priority for sender, (at, priority) in last.items() if at > when - down and priority}
    own = active.pop(node, 0)
    peer = 255 if senses.ear == "lies" else max(active.values(), default=0)
    return seen.Heard(peer, own > 0)


def _wrong(observation: seen.Observation, chance: random.Random) -> seen.Observation:
    """Return an observation of which one thing is wrong."""
    what = chance.choice(["process", "may_act", "fit", "weight", *["sight"] * 6])
    if what == "process":
        return observation._replace(process=chance.choice([seen.RUNS, seen.STOPPED, seen.SILENT, seen.GONE]))
    if what == "weight":
        return observation._replace(weight=chance.choice([0, -20, -253, -254]))
    if what != "sight":
        return observation._replace(**{what: not getattr(observation, what)})
    number = chance.randrange(len(observation.sights))
    wrong = _wrong_sight(observation.sights[number], chance)
    sights = (*observation.sights[:number], wrong, *observation.sights[number + 1 :])
    return observation._replace(sights=sights)


def _wrong_sight(sight: seen.Sight, chance: random.Random) -> seen.Sight:
    peer = seen.Heard(chance.randrange(1, 256), own=False)
    heard = chance.choice([None, seen.Heard(0, own=False), seen.Heard(0, own=True), peer])
    return sight._replace(
        **chance.choice(
            [
                {"here": sight.missing, "missing": sight.here},
                {"ready": not sight.ready},
                {"made_anew": not sight.made_anew},
                {"heard": heard},
                {"heard": heard},
                {"answer": None},
            ]
        )
    )

# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard's judge as an agent on every node of a simulated cluster.

What it sees comes from the simulated network: what keepalived would answer, what an ear would hear, the VIPs that are
on the node. What it decides goes back as incidents.
"""

from __future__ import annotations

import random
from copy import copy
from typing import Any, NamedTuple

from module_utils.agent.guard import sight as seen
from module_utils.agent.guard.judge import judge
from module_utils.vrrp.simulation import incidents
from module_utils.vrrp.simulation.machine import State
from module_utils.vrrp.simulation.network import Delays, Simulation
from simulated_senses import Agent, Senses, observe

TICK = 0.25
WORDS = {State.INITIALIZE: "INIT", State.BACKUP: "BACKUP", State.ACTIVE: "MASTER", State.FAULT: "FAULT"}
ACTING_SECONDS = 0.05
SEEN_SECONDS = 0.7  # after which an agent can have seen that keepalived is well


class Act(NamedTuple):
    """What an agent did at once, and the cluster just before."""

    at: float
    node: str
    acts: tuple[seen.Act, ...]
    """Of one kind."""
    well: bool
    """Whether its keepalived had been well for a while when that was decided."""
    restarting: frozenset[str]
    """Other nodes whose keepalived is down by an agent."""
    before: Guarded


class Guarded(Simulation):
    """A cluster with an agent on every node; without `senses`, with none."""

    def __init__(self, routers: Any, senses: Senses | None, seed: int, delays: Delays = Delays()) -> None:
        super().__init__(routers, delays)
        self.senses = senses
        self.random = random.Random(seed)
        self.agents = {node: Agent() for node in self.hosts}
        self.starts = dict.fromkeys(self.hosts, 0)
        self.nics = dict.fromkeys(self.hosts, (0, 0))
        """How often the interface was made again, in all and until keepalived was started."""
        self.sent: dict[tuple[str, str], int] = {}
        self.received: dict[tuple[str, str], int] = {}
        self.wire: dict[tuple[str, str], dict[str, tuple[float, int]]] = {}
        """By hearing node and instance, the last advert of every sender: its time and priority."""
        self.acts: list[Act] = []
        self.restarted: frozenset[str] = frozenset()
        """Nodes whose keepalived an agent has stopped, and which may still be down."""
        self.by_hand: frozenset[tuple[str, str]] = frozenset()
        """VIPs that were added by hand, as node and instance."""
        self.starved: frozenset[str] = frozenset()
        self.quiet = self.asleep = False
        """Whether no more faults occur; whether the agents do nothing."""
        for node in self.hosts if senses else ():
            self.at(self.random.uniform(0, TICK), tick, node)

    def copy(self) -> Guarded:
        twin = super().copy()
        for name in ("agents", "starts", "nics", "sent", "received"):
            setattr(twin, name, dict(getattr(self, name)))
        twin.wire = {ear: dict(heard) for ear, heard in self.wire.items()}
        twin.random = copy(self.random)
        twin.random.setstate(self.random.getstate())
        twin.acts = []
        return twin

    def state(self, node: str, instance: str) -> State:
        """Return the state of an instance on a node."""
        group = self.hosts[node].groups.get(instance)
        return group.machines[instance].state if group else State.INITIALIZE

    def launch(self, node: str) -> None:
        self.starts[node] += 1
        self.nics[node] = (self.nics[node][0],) * 2
        self.hosts[node].trackers.pop("guard", None)
        super().launch(node)

    def _send(self, node: str, instance: str, priority: int) -> None:
        if instance not in self.hosts[node].deaf:
            self.sent[node, instance] = self.sent.get((node, instance), 0) + 1
            self.wire.setdefault((node, instance), {})[node] = (self.now, priority)
        super()._send(node, instance, priority)

    def _deliver(self, node: str, instance: str, advert: Any) -> None:
        host = self.hosts[node]
        self.wire.setdefault((node, instance), {})[advert.sender.node] = (self.now, advert.priority)
        if host.groups and not host.frozen and instance not in host.deaf:
            self.received[node, instance] = self.received.get((node, instance), 0) + 1
        super()._deliver(node, instance, advert)

    def thaw(self, node: str) -> None:
        wire = {ear: dict(heard) for ear, heard in self.wire.items()}
        super().thaw(node)
        # The ear was not frozen
        self.wire.update({ear: heard for ear, heard in wire.items() if ear[0] == node})


def starve(simulation: Guarded, node: str, seconds: float) -> None:
    """Let keepalived not be scheduled for a while; nobody has stopped it."""
    if not simulation.hosts[node].frozen:
        incidents.freeze(simulation, node)
        simulation.starved |= {node}
        simulation.at(simulation.now + seconds, _feed, node)


def _feed(simulation: Guarded, node: str) -> None:
    simulation.starved -= {node}
    incidents.thaw(simulation, node)


def fault(simulation: Guarded, name: str, *arguments: str) -> None:
    """Let a fault occur, unless it is quiet."""
    if not simulation.quiet:
        FAULTS[name](simulation, *arguments)


def remake(simulation: Guarded, node: str) -> None:
    """Make the interface again, and count that."""
    if not simulation.hosts[node].interface:
        made, at_start = simulation.nics[node]
        simulation.nics[node] = made + 1, at_start
    incidents.remake(simulation, node)


def strip(simulation: Guarded, node: str) -> None:
    """Remove the VIPs of a node by hand."""
    simulation.release(node)


def add(simulation: Guarded, node: str) -> None:
    """Add all VIPs to a node by hand."""
    host = simulation.hosts[node]
    if host.powered:
        simulation.by_hand |= {(node, router.instance) for router in host.routers if router.instance not in host.held}
        host.held = frozenset(router.instance for router in host.routers)
        for instance in sorted(host.held):
            simulation._note(node, instance)


def power_off(simulation: Guarded, node: str) -> None:
    """Cut the power, also of the agent."""
    incidents.power_off(simulation, node)
    simulation.agents[node] = Agent(booted=float("inf"))


def power_on(simulation: Guarded, node: str) -> None:
    """Switch the node on, and let its agent begin anew."""
    if not simulation.hosts[node].powered:
        simulation.agents[node] = Agent(booted=simulation.now)
    incidents.power_on(simulation, node)


FAULTS = {**incidents.INCIDENTS, **{each.__name__: each for each in (remake, strip, add, power_off, power_on)}}


def tick(simulation: Guarded, node: str) -> None:
    """Let the agent of a node look and judge; schedule what it does, and its next tick."""
    senses, chance = simulation.senses, simulation.random
    assert senses is not None
    late = chance.uniform(0, senses.late)
    if chance.random() < senses.hangs:
        late += chance.uniform(0, senses.hang)
    simulation.at(simulation.now + TICK + late, tick, node)
    if simulation.asleep or not simulation.hosts[node].powered:
        return
    agent = simulation.agents[node]
    if agent.daemon != simulation.starts[node]:
        agent = agent._replace(answers={}, daemon=simulation.starts[node])
    observation = observe(simulation, node, agent, senses)
    memory, acts = judge(agent.memory, observation, simulation.now)
    well_since = min(agent.well_since, simulation.now) if is_well(simulation, node) else float("inf")
    simulation.agents[node] = agent._replace(memory=memory, well_since=well_since)
    # keepalived tells of a change of its state by its FIFO
    states = {name: WORDS[simulation.state(node, name)] for name in simulation.hosts[node].groups}
    tells = any(answer.state != states.get(name) for name, answer in agent.answers.items())
    if seen.Act(seen.ASK) in acts or tells or not agent.answers or chance.random() < senses.asked:
        simulation.at(simulation.now + chance.uniform(0, senses.slow), ask, node)
    deeds = tuple(act for act in acts if act.kind != seen.ASK)
    if deeds:
        well = simulation.now - well_since > SEEN_SECONDS
        simulation.at(simulation.now + chance.uniform(0, ACTING_SECONDS), do, node, deeds, well)


def is_well(simulation: Guarded, node: str) -> bool:
    """Tell whether the keepalived of a node is one that nobody should restart."""
    host = simulation.hosts[node]
    states = {name: group.machines[name].state for name, group in host.groups.items()}
    right = [(state is State.ACTIVE) is (name in host.held) for name, state in states.items()]
    return bool(right) and all(right) and not (host.frozen or host.deaf or State.FAULT in states.values())


def ask(simulation: Guarded, node: str) -> None:
    """Let keepalived answer."""
    host = simulation.hosts[node]
    if not simulation.asleep and host.groups and not host.frozen:
        simulation.agents[node] = simulation.agents[node]._replace(answers=_answers(simulation, node))


def do(simulation: Guarded, node: str, acts: tuple[seen.Act, ...], well: bool) -> None:
    """Do what an agent has decided, a little later."""
    if simulation.asleep or not simulation.hosts[node].powered:
        return
    down = {other for other in simulation.restarted - {node} if not simulation.hosts[other].groups}
    simulation.acts.append(Act(simulation.now, node, acts, well, frozenset(down), simulation.copy()))
    simulation.restarted = frozenset(down | {node} if acts[0].kind in (seen.KILL, seen.RESTART) else down)
    carry_out(simulation, node, acts)


def carry_out(simulation: Guarded, node: str, acts: tuple[seen.Act, ...]) -> None:
    """Let the acts have their effect."""
    for act in acts:
        DEEDS[act.kind](simulation, node, act)


def _answers(simulation: Guarded, node: str) -> dict[str, seen.Answer]:
    """Return what keepalived says of its instances."""
    found = {}
    for instance, group in simulation.hosts[node].groups.items():
        machine = group.machines[instance]
        counts = [counter.get((node, instance), 0) for counter in (simulation.received, simulation.sent)]
        found[instance] = seen.Answer(simulation.now, WORDS[machine.state], machine.priority, *counts)
    return found


def _kill(simulation: Guarded, node: str, _act: seen.Act) -> None:
    incidents.kill(simulation, node)


def _remove(simulation: Guarded, node: str, act: seen.Act) -> None:
    host = simulation.hosts[node]
    if act.instance in host.held:
        host.held -= {act.instance}
        simulation._note(node, act.instance)


def _hand_over(simulation: Guarded, node: str, _act: seen.Act) -> None:
    simulation.track(node, "guard", incidents._leave(simulation, node))


def _take_back(simulation: Guarded, node: str, _act: seen.Act) -> None:
    simulation.track(node, "guard", 0)


def _restart(simulation: Guarded, node: str, _act: seen.Act) -> None:
    incidents.restart(simulation, node)


def _reload(simulation: Guarded, node: str, _act: seen.Act) -> None:
    host = simulation.hosts[node]
    if host.groups and not host.frozen:
        simulation.nics[node] = (simulation.nics[node][0],) * 2
        incidents.reload(simulation, node)


DEEDS = {
    seen.KILL: _kill,
    seen.REMOVE: _remove,
    seen.HAND_OVER: _hand_over,
    seen.TAKE_BACK: _take_back,
    seen.RESTART: _restart,
    seen.RELOAD: _reload,
}

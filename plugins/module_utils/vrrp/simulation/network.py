# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster on a virtual clock: the routers of its nodes, and the network between them."""

from __future__ import annotations

import heapq
from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from typing import Any, Callable, DefaultDict, Iterable, List, Optional, Tuple

from .election import weigh
from .events import Advert, Arm, Event, Reload, Send, Shutdown, Start, TakeVips, Timeout, Weighted
from .machine import Machine, State
from .routers import Router, audience_of, identity
from .sync_group import Deeds, SyncGroup


@dataclass(frozen=True)
class Delays:
    """How long things take that are not the election's, in seconds."""

    message: float = 0.0002
    timer: float = 0.0002
    """A timer is never early, and always a little late: so adverts drift."""
    proxy_noticed: float = 0.005
    """Until keepalived knows that the proxy is gone."""
    let_go_margin: float = 0.1
    """On top of the takeover time, until the unit removes the VIPs that a killed keepalived left."""
    restart: float = 0.1
    look: float = 0.02
    """Between two looks whether the VIPs have gone, at a planned stop."""
    patience: float = 0.5
    """On top of the takeover time, until a planned stop no longer waits for that."""


@dataclass(frozen=True)
class Change:
    """One instance on one node, from one moment on."""

    at: float
    node: str
    instance: str
    state: State
    held: bool


Inbox = Tuple[Tuple[str, Advert], ...]


class Host:
    """One node: its keepalived, and what it has apart from it."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self.routers = tuple(routers)
        self.groups: dict[str, SyncGroup] = {}
        """By instance; empty while keepalived does not run."""
        self.powered = self.linked = self.proxy = True
        self.frozen = False
        self.letting_go = self.comes_back = False
        """keepalived was killed, and its unit has yet to remove the VIPs; and it will be started again then."""
        self.inbox: Inbox = ()
        self.trackers: dict[str, int] = {}
        self.held: frozenset[str] = frozenset()

    def copy(self) -> Host:
        """Return a host that goes its own way from here."""
        twin = copy(self)
        twins = {id(group): group.copy() for group in self.groups.values()}
        twin.groups = {name: twins[id(group)] for name, group in self.groups.items()}
        twin.trackers = dict(self.trackers)
        return twin

    def launch(self) -> None:
        """Make the machines of a keepalived that has just been started."""
        members: DefaultDict[str, list[Router]] = defaultdict(list)
        for router in self.routers:
            members[router.sync_group or f"instance {router.instance}"].append(router)
        groups = [SyncGroup(routers) for routers in members.values()]
        self.groups = {name: group for group in groups for name in group.machines}

    @property
    def serves(self) -> bool:
        """Whether a client that finds a VIP here is answered."""
        return self.powered and self.linked and self.proxy


Step = Callable[..., None]
BEFORE = (State.INITIALIZE, False)


class Simulation:
    """The cluster; `changes` is what has happened in it so far."""

    def __init__(self, routers: Iterable[Router], delays: Delays = Delays()) -> None:
        self.routers = tuple(routers)
        self.now = 0.0
        self.delays = delays
        self.changes: list[Change] = []
        self.hosts = {
            node: Host(each for each in self.routers if each.node == node)
            for node in dict.fromkeys(each.node for each in self.routers)
        }
        self.takeover = max(Machine(each).full_down_timer() for each in self.routers)
        self._audience = audience_of(self.routers)
        self.lost: frozenset[tuple[str, str]] = frozenset()
        self._queue: List[Tuple[float, int, Step, Tuple[Any, ...]]] = []
        self._count = 0
        self._timers: dict[tuple[str, str], float] = {}
        self._noted: dict[tuple[str, str], tuple[State, bool]] = {}

    def copy(self) -> Simulation:
        """Return a simulation that goes its own way from here, with a timeline of its own."""
        twin = copy(self)
        twin.hosts = {node: host.copy() for node, host in self.hosts.items()}
        twin._queue, twin._timers, twin._noted = list(self._queue), dict(self._timers), dict(self._noted)
        twin.changes = []
        return twin

    def at(self, time: float, step: Step, *arguments: Any) -> None:
        """Let something happen: a function of a simulation, and what it is called with besides."""
        self._count += 1
        heapq.heappush(self._queue, (time, self._count, step, arguments))

    def run(self, until: float) -> None:
        """Let the time pass."""
        while self._queue and self._queue[0][0] <= until:
            self.now, _number, step, arguments = heapq.heappop(self._queue)
            step(self, *arguments)
        self.now = until

    def holders(self, instance: str) -> list[str]:
        """Return the nodes that hold the VIPs of an instance."""
        return [node for node, host in self.hosts.items() if instance in host.held]

    def next_timeout(self, node: str, instance: str) -> float:
        """Return when the timer of an instance runs out.

        Raises ValueError when none is armed.
        """
        deadline = self.hosts[node].groups[instance].machines[instance].deadline
        if deadline is None:
            raise ValueError(f"{instance} on {node} waits for nothing")
        return deadline

    def launch(self, node: str) -> None:
        """Let keepalived begin."""
        host = self.hosts[node]
        host.launch()
        for instance, group in host.groups.items():
            machine = group.machines[instance]
            if machine.state is State.INITIALIZE and not group.failed:
                priority = weigh(machine.router.priority, host.trackers.values())
                if priority is None:
                    self._do(node, group.fail(instance, self.now))
                else:
                    self._do(node, group.handle(instance, Weighted(priority), self.now))
                    self._do(node, group.handle(instance, Start(), self.now))

    def reload(self, node: str, routers: Iterable[Router]) -> None:
        """Let keepalived load another configuration of its instances; one that is not the same any more begins anew."""
        host = self.hosts[node]
        loaded = {each.instance: each for each in routers}
        begun = [name for name, each in loaded.items() if identity(each) != identity(self._machine(node, name).router)]
        for name in begun:
            self._do(node, host.groups[name].handle(name, Shutdown(), self.now))
            host.groups[name].machines[name] = Machine(loaded[name])
        host.routers = tuple(loaded.get(each.instance, each) for each in host.routers)
        self.routers = tuple(router for each in self.hosts.values() for router in each.routers)
        self._audience = audience_of(self.routers)
        for name, router in loaded.items():
            event = Start() if name in begun else Reload(router)
            self._do(node, host.groups[name].handle(name, event, self.now))

    def _machine(self, node: str, instance: str) -> Machine:
        return self.hosts[node].groups[instance].machines[instance]

    def tell(self, node: str, event: Event) -> None:
        """Let something happen to all instances of a node."""
        for instance, group in self.hosts[node].groups.items():
            self._do(node, group.handle(instance, event, self.now))

    def track(self, node: str, tracker: str, value: int) -> None:
        """Let a tracker add something to the priority of a node."""
        self.hosts[node].trackers[tracker] = value
        self.weigh(node)

    def weigh(self, node: str) -> None:
        """Let keepalived look at its trackers."""
        host = self.hosts[node]
        for instance, group in () if host.frozen else host.groups.items():
            priority = weigh(group.machines[instance].router.priority, host.trackers.values())
            if priority is None:
                if instance not in group.failed:
                    self._do(node, group.fail(instance, self.now))
                continue
            self._do(node, group.handle(instance, Weighted(priority), self.now))
            if instance in group.failed:
                self._do(node, group.recover(instance, self.now))

    def end(self, node: str) -> None:
        """Let keepalived be gone."""
        host = self.hosts[node]
        ended, host.groups = host.groups, {}
        host.frozen, host.inbox = False, ()
        for instance in ended:
            self._timers.pop((node, instance), None)
            self._note(node, instance)

    def release(self, node: str) -> None:
        """Remove the VIPs, whoever put them there."""
        host = self.hosts[node]
        released, host.held = host.held, frozenset()
        for instance in sorted(released):
            self._note(node, instance)

    def thaw(self, node: str) -> None:
        """Let keepalived go on after it stood still: it looks at the clock when it has read everything."""
        host = self.hosts[node]
        host.frozen = False
        came, host.inbox = host.inbox, ()
        first, rest = _read(came)
        for instance, advert in first:
            self._do(node, host.groups[instance].handle(instance, advert, self.now))
        self.weigh(node)
        for instance, advert in rest:
            self._do(node, host.groups[instance].handle(instance, advert, self.now))
        for instance, group in host.groups.items():
            self._arm(node, instance, group.machines[instance].deadline)

    def _do(self, node: str, deeds: Deeds) -> None:
        host = self.hosts[node]
        for instance, action in deeds:
            if isinstance(action, Arm):
                self._arm(node, instance, action.at)
            elif isinstance(action, Send):
                self._send(node, instance, action.priority)
            elif isinstance(action, TakeVips):
                host.held |= {instance}
            else:
                host.held -= {instance}
        for instance in dict.fromkeys(deed[0] for deed in deeds):
            self._note(node, instance)

    def _note(self, node: str, instance: str) -> None:
        """Add to the timeline, if there is anything new."""
        host = self.hosts[node]
        group = host.groups.get(instance)
        state = group.machines[instance].state if group else State.INITIALIZE
        new = (state, instance in host.held)
        if self._noted.get((node, instance), BEFORE) != new:
            self._noted[node, instance] = new
            self.changes.append(Change(self.now, node, instance, *new))

    def _send(self, node: str, instance: str, priority: int) -> None:
        host = self.hosts[node]
        advert = Advert(host.groups[instance].machines[instance].router, priority)
        for receiver, to in self._audience[node, instance]:
            if host.linked and self.hosts[receiver].linked and (node, receiver) not in self.lost:
                self.at(self.now + self.delays.message, Simulation._deliver, receiver, to, advert)

    def _deliver(self, node: str, instance: str, advert: Advert) -> None:
        host = self.hosts[node]
        if host.frozen:
            host.inbox += ((instance, advert),)
        elif host.groups:
            self._do(node, host.groups[instance].handle(instance, advert, self.now))

    def _arm(self, node: str, instance: str, at: Optional[float]) -> None:
        """See to it that the clock is looked at then; a look that is planned for earlier will be repeated."""
        planned = self._timers.get((node, instance))
        if at is not None and (planned is None or planned > at):
            self._timers[node, instance] = at
            self.at(max(at, self.now) + self.delays.timer, Simulation._look, node, instance, at)

    def _look(self, node: str, instance: str, planned: float) -> None:
        if self._timers.get((node, instance)) != planned:
            return
        del self._timers[node, instance]
        host = self.hosts[node]
        if host.frozen:
            return
        deadline = host.groups[instance].machines[instance].deadline
        if deadline is not None and deadline > self.now:
            self._arm(node, instance, deadline)
        elif deadline is not None:
            self._do(node, host.groups[instance].handle(instance, Timeout(), self.now))


def _read(came: Inbox) -> tuple[Inbox, Inbox]:
    """Divide adverts as keepalived does: it reads a socket up to the second of an instance, and looks around."""
    first: list[tuple[str, Advert]] = []
    rest: list[tuple[str, Advert]] = []
    read: set[str] = set()
    done: set[str] = set()
    for instance, advert in came:
        family = advert.sender.family
        (rest if family in done else first).append((instance, advert))
        if instance in read:
            done.add(family)
        read.add(instance)
    return tuple(first), tuple(rest)

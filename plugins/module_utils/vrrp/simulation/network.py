# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster on a simulated clock: its nodes, and the network between them. Times are in seconds."""

from __future__ import annotations

import heapq
from copy import copy
from dataclasses import dataclass
from typing import Any, Callable, Iterable, List, Optional, Tuple

from .election import weigh
from .events import Advert, Arm, Event, Reload, Send, Shutdown, Start, TakeVips, Timeout, Weighted
from .machine import Machine, State
from .routers import Router, audience_of, identity
from .simulated_host import SimulatedHost, read_before_timers
from .sync_group import Deeds
from .timeline import Transition


@dataclass(frozen=True)
class Delays:
    """How long everything other than the election takes."""

    message: float = 0.0002
    timer: float = 0.0002
    """By which a timer runs out late; so adverts drift."""
    proxy_noticed: float = 0.005
    """From the end of the proxy until keepalived has noticed it."""
    let_go_margin: float = 0.1
    """After the takeover time, until the unit removes the VIPs of a killed keepalived."""
    restart: float = 0.1
    """After that, until the unit starts keepalived again."""
    look: float = 0.02
    """Between two checks of a planned stop whether the VIPs have moved."""
    uplinks_noticed: float = 0.0
    """From the loss of all uplinks of a node until it lowers its priority."""
    patience: float = 0.5
    """After the takeover time, until a planned stop no longer waits for that."""


Step = Callable[..., None]
BEFORE = (State.INITIALIZE, False)  # state and held of an instance without a transition


class Simulation:
    """The cluster; `changes` are the transitions so far, in the order of time."""

    def __init__(self, routers: Iterable[Router], delays: Delays = Delays()) -> None:
        self.routers = tuple(routers)
        self.now = 0.0
        self.delays = delays
        self.changes: list[Transition] = []
        self.hosts = {
            node: SimulatedHost(router for router in self.routers if router.node == node)
            for node in dict.fromkeys(router.node for router in self.routers)
        }
        self.takeover = max(Machine(router).full_down_timer() for router in self.routers)
        """The longest Active_Down_Interval."""
        self.lost: frozenset[tuple[str, str]] = frozenset()
        """Pairs of sender and receiver between which packets are lost."""
        self._audience = audience_of(self.routers)
        self._queue: List[Tuple[float, int, Step, Tuple[Any, ...]]] = []
        self._count = 0
        self._timers: dict[tuple[str, str], float] = {}
        self._noted: dict[tuple[str, str], tuple[State, bool]] = {}

    def copy(self) -> Simulation:
        """Return an independent copy, with no transitions yet."""
        twin = copy(self)
        twin.hosts = {node: host.copy() for node, host in self.hosts.items()}
        twin._queue, twin._timers, twin._noted = list(self._queue), dict(self._timers), dict(self._noted)
        twin.changes = []
        return twin

    def at(self, time: float, step: Step, *arguments: Any) -> None:
        """Schedule `step(simulation, *arguments)`."""
        self._count += 1
        heapq.heappush(self._queue, (time, self._count, step, arguments))

    def run(self, until: float) -> None:
        """Advance the clock, and run all steps that are due."""
        while self._queue and self._queue[0][0] <= until:
            self.now, _number, step, arguments = heapq.heappop(self._queue)
            step(self, *arguments)
        self.now = until

    def holders(self, instance: str) -> list[str]:
        """Return the nodes that hold the VIPs of an instance."""
        return [node for node, host in self.hosts.items() if instance in host.held]

    def next_timeout(self, node: str, instance: str) -> float:
        """Return the time at which the timer of an instance runs out.

        Raises ValueError when none is armed.
        """
        deadline = self.hosts[node].groups[instance].machines[instance].deadline
        if deadline is None:
            raise ValueError(f"{instance} on {node} waits for nothing")
        return deadline

    def launch(self, node: str) -> None:
        """Start keepalived."""
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
        """Let keepalived load another configuration, and open all sockets anew.

        An instance whose identity changes starts anew.
        """
        host = self.hosts[node]
        host.deaf = frozenset()
        loaded = {router.instance: router for router in routers}
        restarted = [
            name for name, router in loaded.items() if identity(router) != identity(self._machine(node, name).router)
        ]
        for name in restarted:
            self._do(node, host.groups[name].handle(name, Shutdown(), self.now))
            host.groups[name].machines[name] = Machine(loaded[name])
        host.routers = tuple(loaded.get(router.instance, router) for router in host.routers)
        self.routers = tuple(router for other in self.hosts.values() for router in other.routers)
        self._audience = audience_of(self.routers)
        for name, router in loaded.items():
            event = Start() if name in restarted else Reload(router)
            self._do(node, host.groups[name].handle(name, event, self.now))

    def _machine(self, node: str, instance: str) -> Machine:
        return self.hosts[node].groups[instance].machines[instance]

    def handle(self, node: str, event: Event) -> None:
        """Pass an event to all instances of a node."""
        for instance, group in self.hosts[node].groups.items():
            self._do(node, group.handle(instance, event, self.now))

    def track(self, node: str, tracker: str, value: int) -> None:
        """Set what a tracker adds to the priority of a node."""
        self.hosts[node].trackers[tracker] = value
        self.weigh(node)

    def weigh(self, node: str) -> None:
        """Let keepalived compute the effective priorities from its trackers."""
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
        """End keepalived without a goodbye; the VIPs stay on the interface."""
        host = self.hosts[node]
        ended, host.groups = host.groups, {}
        host.frozen, host.inbox, host.deaf, host.renewed = False, (), frozenset(), False
        for instance in ended:
            self._timers.pop((node, instance), None)
            self._note(node, instance)

    def release(self, node: str) -> None:
        """Remove all VIPs from a node."""
        host = self.hosts[node]
        released, host.held = host.held, frozenset()
        for instance in sorted(released):
            self._note(node, instance)

    def thaw(self, node: str) -> None:
        """Continue a frozen keepalived: it reads the adverts that wait before it handles its timers."""
        host = self.hosts[node]
        host.frozen = False
        waiting, host.inbox = host.inbox, ()
        if host.renewed:
            # It closes its sockets, with all that waits there
            host.renewed, waiting = False, ()
            host.deafen()
            for instance, group in host.groups.items():
                self._do(node, group.fail(instance, self.now))
        before, after = read_before_timers(waiting)
        for instance, advert in before:
            self._deliver(node, instance, advert)
        self.weigh(node)
        for instance, advert in after:
            self._deliver(node, instance, advert)
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
        """Append a transition when the state or the holder of an instance has changed."""
        host = self.hosts[node]
        group = host.groups.get(instance)
        state = group.machines[instance].state if group else State.INITIALIZE
        new = (state, instance in host.held)
        if self._noted.get((node, instance), BEFORE) != new:
            self._noted[node, instance] = new
            self.changes.append(Transition(self.now, node, instance, *new))

    def _send(self, node: str, instance: str, priority: int) -> None:
        host = self.hosts[node]
        advert = Advert(host.groups[instance].machines[instance].router, priority)
        for receiver, to in () if instance in host.deaf else self._audience[node, instance]:
            if host.connected and self.hosts[receiver].connected and (node, receiver) not in self.lost:
                self.at(self.now + self.delays.message, type(self)._deliver, receiver, to, advert)

    def _deliver(self, node: str, instance: str, advert: Advert) -> None:
        host = self.hosts[node]
        if host.frozen:
            host.inbox += ((instance, advert),)
        elif host.groups and instance not in host.deaf:
            self._do(node, host.groups[instance].handle(instance, advert, self.now))

    def _arm(self, node: str, instance: str, at: Optional[float]) -> None:
        """Schedule a check of the timer, unless an earlier check is scheduled: that one schedules the next."""
        planned = self._timers.get((node, instance))
        if at is not None and (planned is None or planned > at):
            self._timers[node, instance] = at
            self.at(max(at, self.now) + self.delays.timer, Simulation._check_timer, node, instance, at)

    def _check_timer(self, node: str, instance: str, planned: float) -> None:
        if self._timers.get((node, instance)) != planned:
            return
        del self._timers[node, instance]
        host = self.hosts[node]
        if host.frozen or instance in host.deaf:
            return
        deadline = host.groups[instance].machines[instance].deadline
        if deadline is not None and deadline > self.now:
            self._arm(node, instance, deadline)
        elif deadline is not None:
            self._do(node, host.groups[instance].handle(instance, Timeout(), self.now))

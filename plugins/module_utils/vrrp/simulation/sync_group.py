# SPDX-License-Identifier: GPL-3.0-or-later
"""A sync group on one node: its instances become active and backup together, as in keepalived (vrrp_sync.c)."""

from __future__ import annotations

from copy import copy
from typing import Iterable, List, Tuple

from .events import Action, Demote, Event, Fail, HoldBack, Promote, Recover, Timeout
from .machine import Machine, State
from .routers import Router

Deeds = List[Tuple[str, Action]]  # the name of an instance, and its action


class SyncGroup:
    """A sync group on one node, or a single instance; `failed` are the instances in FAULT for their own trackers."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self.machines = {router.instance: Machine(router) for router in routers}
        self.failed: frozenset[str] = frozenset()

    def copy(self) -> SyncGroup:
        """Return an independent copy."""
        twin = SyncGroup(())
        twin.machines = {name: copy(machine) for name, machine in self.machines.items()}
        twin.failed = self.failed
        return twin

    def handle(self, instance: str, event: Event, now: float) -> Deeds:
        """Pass an event to an instance, and its change of state to the others; return all actions in their order.

        Raises IllegalEvent.
        """
        machine = self.machines[instance]
        before = machine.state
        if isinstance(event, Timeout) and before is State.BACKUP and not self._may_take_over(instance):
            event = HoldBack()
        deeds: Deeds = [(instance, action) for action in machine.handle(event, now)]
        if machine.state is State.ACTIVE and before is not State.ACTIVE:
            deeds += self._handle_in_state(State.BACKUP, Promote(), now)
        elif machine.state is State.BACKUP and before is State.ACTIVE:
            deeds += self._handle_in_state(State.ACTIVE, Demote(), now)
        return deeds

    def fail(self, instance: str, now: float) -> Deeds:
        """Put all instances into FAULT because of the trackers of this one."""
        self.failed |= {instance}
        deeds: Deeds = []
        for name, machine in self.machines.items():
            if machine.state is not State.FAULT:
                deeds += [(name, action) for action in machine.handle(Fail(), now)]
        return deeds

    def recover(self, instance: str, now: float) -> Deeds:
        """Note that the trackers of this instance no longer fail; let all out of FAULT when it was the last."""
        self.failed -= {instance}
        return [] if self.failed else self._handle_in_state(State.FAULT, Recover(), now)

    def _may_take_over(self, instance: str) -> bool:
        return all(machine.wants_active for name, machine in self.machines.items() if name != instance)

    def _handle_in_state(self, state: State, event: Event, now: float) -> Deeds:
        deeds: Deeds = []
        for name, machine in self.machines.items():
            if machine.state is state:
                deeds += [(name, action) for action in machine.handle(event, now)]
        return deeds

# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances of one node that are active together, as keepalived keeps them together."""

from __future__ import annotations

from copy import copy
from typing import Iterable, List, Tuple

from .events import Action, Demote, Event, Fail, HoldBack, Promote, Recover, Timeout
from .machine import Machine, State
from .routers import Router

Deeds = List[Tuple[str, Action]]  # the instance that is to do it


class SyncGroup:
    """A sync group on one node; an instance without one is a group of its own."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self.machines = {router.instance: Machine(router) for router in routers}
        self.failed: frozenset[str] = frozenset()

    def copy(self) -> SyncGroup:
        """Return a group that goes its own way from here."""
        twin = SyncGroup(())
        twin.machines = {name: copy(machine) for name, machine in self.machines.items()}
        twin.failed = self.failed
        return twin

    def handle(self, instance: str, event: Event, now: float) -> Deeds:
        """Return what is to be done, by which instance, for an event of one of them and for what follows from it.

        Raises IllegalEvent.
        """
        machine = self.machines[instance]
        before = machine.state
        if isinstance(event, Timeout) and before is State.BACKUP and not self._may_take_over(instance):
            event = HoldBack()
        done: Deeds = [(instance, action) for action in machine.handle(event, now)]
        if machine.state is State.ACTIVE and before is not State.ACTIVE:
            done += self._follow(State.BACKUP, Promote(), now)
        elif machine.state is State.BACKUP and before is State.ACTIVE:
            done += self._follow(State.ACTIVE, Demote(), now)
        return done

    def fail(self, instance: str, now: float) -> Deeds:
        """Put all of them into FAULT because of one."""
        self.failed |= {instance}
        done: Deeds = []
        for name, machine in self.machines.items():
            if machine.state is not State.FAULT:
                done += [(name, action) for action in machine.handle(Fail(), now)]
        return done

    def recover(self, instance: str, now: float) -> Deeds:
        """Let them out of FAULT, if this one was the last to be in it for a reason of its own."""
        self.failed -= {instance}
        return [] if self.failed else self._follow(State.FAULT, Recover(), now)

    def _may_take_over(self, instance: str) -> bool:
        return all(machine.wants_active for name, machine in self.machines.items() if name != instance)

    def _follow(self, state: State, event: Event, now: float) -> Deeds:
        done: Deeds = []
        for name, machine in self.machines.items():
            if machine.state is state:
                done += [(name, action) for action in machine.handle(event, now)]
        return done

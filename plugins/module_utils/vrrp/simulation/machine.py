# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine of one VRRP instance on one node, as keepalived has it.

RFC 9568 §6.4; for version 2, RFC 3768 §6.4. TABLE gives the next state for every state and event. The machine has no
clock and no network: the time (seconds) is an argument, and the actions are returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable, Mapping, NamedTuple, Optional, Tuple

from ...basics.errors import HaLbError
from .election import active_down_interval, skew
from .events import (
    Actions,
    Advert,
    Arm,
    Demote,
    DropVips,
    Event,
    Fail,
    HoldBack,
    Promote,
    Recover,
    Reload,
    Send,
    Shutdown,
    Start,
    SuperiorAdvert,
    TakeVips,
    Timeout,
    Weighted,
)
from .routers import Router, accepts, has_higher_address

GOODBYE = 0  # the priority of the last advert of a router that stops (RFC 9568 §5.2.4)


class State(Enum):
    """The states of RFC 9568 §6.3, and keepalived's FAULT."""

    INITIALIZE = "initialize"
    BACKUP = "backup"
    ACTIVE = "active"
    FAULT = "fault"


class IllegalEvent(HaLbError):
    """TABLE has no row for this state and event: a bug in the caller."""


@dataclass
class Machine:
    """One instance on one node; times and intervals are in seconds."""

    router: Router
    state: State = State.INITIALIZE
    priority: int = 0
    """The effective priority."""
    interval: float = 0.0
    """Active_Adver_Interval: version 3 learns it from the adverts of the active router."""
    down_timer: float = 0.0
    deadline: Optional[float] = None
    preempts_at: Optional[float] = None
    """The end of preempt_delay; None while it does not run."""
    wants_active: bool = False
    """Whether the Active_Down_Timer has run out; in a sync group, all members must want to be active."""

    def __post_init__(self) -> None:
        self.priority = self.priority or self.router.priority
        self.interval = self.interval or self.router.interval

    def handle(self, event: Event, now: float) -> Actions:
        """Enter the next state, and return the actions in their order.

        Raises IllegalEvent, and changes nothing, when TABLE has no row for this state and event.
        """
        row = TABLE.get((self.state, self.kind_of(event)))
        if row is None:
            raise IllegalEvent(f"{type(event).__name__} cannot happen in state {self.state.value}")
        actions = row.act(self, event, now)
        self.state = row.after
        return actions

    def kind_of(self, event: Event) -> type:
        """Return the key of an event in TABLE: its type, or SuperiorAdvert."""
        if self.state is State.ACTIVE and isinstance(event, Advert) and self._yields_to(event):
            return SuperiorAdvert
        return type(event)

    def full_down_timer(self) -> float:
        """Return the Active_Down_Interval: the seconds after an advert at which this backup becomes active."""
        return active_down_interval(self.router.version, self.priority, self.interval, self.router.down_timer_adverts)

    def _arm(self, at: Optional[float]) -> Actions:
        self.deadline = at
        return (Arm(at),)

    def _arm_down_timer(self, now: float) -> Actions:
        self.down_timer = self.full_down_timer()
        return self._arm(now + self.down_timer)

    def _begin_as_backup(self, event: Event, now: float) -> Actions:
        self.wants_active, self.preempts_at = False, None
        self.interval = self.router.interval
        return self._arm_down_timer(now)

    def _take_over(self, event: Event, now: float) -> Actions:
        self.wants_active = True
        self.interval = self.router.interval
        # The advert first: the router that was active drops the addresses when it arrives
        return (Send(self.priority), TakeVips(), *self._arm(now + self.interval))

    def _hold_back(self, event: Event, now: float) -> Actions:
        self.wants_active = True
        return self._arm_down_timer(now)

    def _hear_as_backup(self, event: Advert, now: float) -> Actions:
        if not accepts(self.router, event.sender):
            return self._discard(event, now)
        if event.priority == GOODBYE:
            self.down_timer = skew(self.router.version, self.priority, self.interval)
            return self._arm(now + self.down_timer)
        if not self._stays_backup(event.priority, now):
            return self._discard(event, now)
        self._learn_interval(event.sender)
        self.wants_active = False
        if event.priority >= self.priority:
            self.preempts_at = None
        elif self.router.preempt_delay and self.preempts_at is None:
            self.preempts_at = now + self.router.preempt_delay
        return self._arm_down_timer(now)

    def _stays_backup(self, priority: int, now: float) -> bool:
        """Tell whether an advert of this priority resets the Active_Down_Timer (RFC 9568 §6.4.2)."""
        delayed = self.router.preempt_delay and (self.preempts_at is None or self.preempts_at > now)
        return bool(not self.router.preempt or priority >= self.priority or delayed)

    def _learn_interval(self, sender: Router) -> None:
        if self.router.version == 3:
            self.interval = sender.interval

    def _discard(self, event: Event, now: float) -> Actions:
        """Leave the timer as it is; keepalived stores what is left of it as its length."""
        self.down_timer = max(0.0, (self.deadline or now) - now)
        return self._arm(now + self.down_timer)

    def _yields_to(self, advert: Advert) -> bool:
        """Tell whether the sender wins: by its priority or, between equal ones, by its address (RFC 9568 §6.4.3)."""
        return accepts(self.router, advert.sender) and (
            advert.priority > self.priority
            or (advert.priority == self.priority and has_higher_address(advert.sender, self.router))
        )

    def _hear_as_active(self, event: Advert, now: float) -> Actions:
        # keepalived restarts its Adver_Timer after any advert, also after one that it discards
        restart = self._arm(now + self.router.interval)
        if not accepts(self.router, event.sender):
            return restart
        if event.priority == self.priority and not has_higher_address(self.router, event.sender):
            return restart
        return (Send(self.priority), *restart)

    def _yield(self, event: Advert, now: float) -> Actions:
        self._learn_interval(event.sender)
        return self._step_down(event, now)

    def _step_down(self, event: Event, now: float) -> Actions:
        self.wants_active, self.preempts_at = False, None
        return (DropVips(), *self._arm_down_timer(now))

    def _advertise(self, event: Event, now: float) -> Actions:
        return (Send(self.priority), *self._arm(now + self.router.interval))

    def _weigh_as_backup(self, event: Weighted, now: float) -> Actions:
        if event.priority == self.priority:
            return ()
        before = self.down_timer
        self._weigh(event, now)
        return self._arm((self.deadline or now) + self.down_timer - before)

    def _weigh(self, event: Weighted, now: float) -> Actions:
        """Keep the priority for the next advert, and leave the timer as it is."""
        self.priority = event.priority
        self.down_timer = self.full_down_timer()
        return ()

    def _load(self, event: Reload, now: float) -> Actions:
        self.priority += event.router.priority - self.router.priority
        self.router, self.interval = event.router, event.router.interval
        return ()

    def _load_as_backup(self, event: Reload, now: float) -> Actions:
        return (*self._load(event, now), *self._arm_down_timer(now))

    def _load_as_active(self, event: Reload, now: float) -> Actions:
        return (*self._load(event, now), *self._advertise(event, now))

    def _disarm(self, event: Event, now: float) -> Actions:
        self.wants_active = False
        return self._arm(None)

    def _say_goodbye(self, event: Event, now: float) -> Actions:
        return (Send(GOODBYE), DropVips(), *self._disarm(event, now))

    def _ignore(self, event: Event, now: float) -> Actions:
        return ()


class Row(NamedTuple):
    """The next state, and the method of Machine that returns the actions."""

    after: State
    act: Callable[[Machine, Any, float], Actions]


TABLE: Mapping[Tuple[State, type], Row] = {
    (State.INITIALIZE, Start): Row(State.BACKUP, Machine._begin_as_backup),
    (State.INITIALIZE, Weighted): Row(State.INITIALIZE, Machine._weigh),
    (State.INITIALIZE, Fail): Row(State.FAULT, Machine._disarm),
    (State.BACKUP, Timeout): Row(State.ACTIVE, Machine._take_over),
    (State.BACKUP, Promote): Row(State.ACTIVE, Machine._take_over),
    (State.BACKUP, HoldBack): Row(State.BACKUP, Machine._hold_back),
    (State.BACKUP, Advert): Row(State.BACKUP, Machine._hear_as_backup),
    (State.BACKUP, Weighted): Row(State.BACKUP, Machine._weigh_as_backup),
    (State.BACKUP, Fail): Row(State.FAULT, Machine._disarm),
    (State.BACKUP, Reload): Row(State.BACKUP, Machine._load_as_backup),
    (State.BACKUP, Shutdown): Row(State.INITIALIZE, Machine._disarm),
    (State.ACTIVE, Timeout): Row(State.ACTIVE, Machine._advertise),
    (State.ACTIVE, Advert): Row(State.ACTIVE, Machine._hear_as_active),
    (State.ACTIVE, SuperiorAdvert): Row(State.BACKUP, Machine._yield),
    (State.ACTIVE, Weighted): Row(State.ACTIVE, Machine._weigh),
    (State.ACTIVE, Demote): Row(State.BACKUP, Machine._step_down),
    (State.ACTIVE, Fail): Row(State.FAULT, Machine._say_goodbye),
    (State.ACTIVE, Reload): Row(State.ACTIVE, Machine._load_as_active),
    (State.ACTIVE, Shutdown): Row(State.INITIALIZE, Machine._say_goodbye),
    (State.FAULT, Advert): Row(State.FAULT, Machine._ignore),
    (State.FAULT, Weighted): Row(State.FAULT, Machine._weigh),
    (State.FAULT, Recover): Row(State.BACKUP, Machine._begin_as_backup),
    (State.FAULT, Reload): Row(State.FAULT, Machine._load),
    (State.FAULT, Shutdown): Row(State.INITIALIZE, Machine._disarm),
}

# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine of one instance on one node, as keepalived has it (RFC 9568 §6.4, RFC 3768 §6.4 for version 2).

It knows no clock and no network: the time is an argument, and what is to be done is returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable, Mapping, NamedTuple, Optional, Tuple, Union

from ...basics.errors import HaLbError
from .election import active_down_interval, skew
from .routers import Router, accepts, has_higher_address

GOODBYE = 0


class State(Enum):
    """RFC 9568 §6.3, and keepalived's FAULT."""

    INITIALIZE = "initialize"
    BACKUP = "backup"
    ACTIVE = "active"
    FAULT = "fault"


class Start(NamedTuple):
    """keepalived starts, and nothing speaks against this instance."""


class Shutdown(NamedTuple):
    """keepalived stops in an orderly way."""


class Timeout(NamedTuple):
    """The timer that was armed last has run out."""


class Advert(NamedTuple):
    """An advert has come; all it says but the priority is in the configuration of its sender."""

    sender: Router
    priority: int


class Weighted(NamedTuple):
    """The trackers give this node another effective priority."""

    priority: int


class Fail(NamedTuple):
    """A tracker says FAULT."""


class Recover(NamedTuple):
    """No tracker says FAULT any longer."""


class Reload(NamedTuple):
    """keepalived has loaded another configuration of this instance, which stays what it is."""

    router: Router


class HoldBack(NamedTuple):
    """The timer has run out, but other members of the sync group do not want to be active yet."""


class Promote(NamedTuple):
    """Another member of the sync group has become active."""


class Demote(NamedTuple):
    """Another member of the sync group has become a backup."""


class Send(NamedTuple):
    """Send an advert with this priority."""

    priority: int


class TakeVips(NamedTuple):
    """Put the addresses on the interface and announce them."""


class DropVips(NamedTuple):
    """Remove the addresses from the interface."""


class Arm(NamedTuple):
    """Let a Timeout come at this moment and no other; None: no Timeout."""

    at: Optional[float]


Event = Union[Start, Shutdown, Reload, Timeout, Advert, Weighted, Fail, Recover, HoldBack, Promote, Demote]
Action = Union[Send, TakeVips, DropVips, Arm]
Actions = Tuple[Action, ...]


class IllegalEvent(HaLbError):
    """The event cannot happen in this state: whoever drives the machine is wrong."""


@dataclass
class Machine:
    """The state of one instance on one node."""

    router: Router
    state: State = State.INITIALIZE
    priority: int = 0
    interval: float = 0.0
    """Of the adverts of the active router; version 3 learns it from them."""
    down_timer: float = 0.0
    deadline: Optional[float] = None
    preempts_at: Optional[float] = None
    wants_active: bool = False

    def __post_init__(self) -> None:
        self.priority = self.priority or self.router.priority
        self.interval = self.interval or self.router.interval

    def handle(self, event: Event, now: float) -> Actions:
        """Return what is to be done, in this order.

        Raises IllegalEvent, and stays as it is, when the table has no row for this state and event.
        """
        handler = TABLE.get((self.state, type(event)))
        if handler is None:
            raise IllegalEvent(f"{type(event).__name__} cannot happen in state {self.state.value}")
        return handler(self, event, now)

    def full_down_timer(self) -> float:
        """Return the seconds after an advert at which this backup becomes active."""
        return active_down_interval(self.router.version, self.priority, self.interval, self.router.down_timer_adverts)

    def _arm(self, at: Optional[float]) -> Actions:
        self.deadline = at
        return (Arm(at),)

    def _arm_down_timer(self, now: float) -> Actions:
        self.down_timer = self.full_down_timer()
        return self._arm(now + self.down_timer)

    def _enter_backup(self, event: Event, now: float) -> Actions:
        self.state, self.wants_active, self.preempts_at = State.BACKUP, False, None
        self.interval = self.router.interval
        return self._arm_down_timer(now)

    def _enter_active(self, event: Event, now: float) -> Actions:
        self.state, self.wants_active = State.ACTIVE, True
        self.interval = self.router.interval
        # First the advert: the old one drops the addresses when it comes
        return (Send(self.priority), TakeVips(), *self._arm(now + self.interval))

    def _hold_back(self, event: Event, now: float) -> Actions:
        self.wants_active = True
        return self._arm_down_timer(now)

    def _hear_as_backup(self, event: Advert, now: float) -> Actions:
        if not accepts(self.router, event.sender):
            return self._hear_nothing(event, now)
        if event.priority == GOODBYE:
            self.down_timer = skew(self.router.version, self.priority, self.interval)
            return self._arm(now + self.down_timer)
        if not self._submits_to(event.priority, now):
            return self._hear_nothing(event, now)
        self._learn_interval(event.sender)
        self.wants_active = False
        if event.priority >= self.priority:
            self.preempts_at = None
        elif self.router.preempt_delay and self.preempts_at is None:
            self.preempts_at = now + self.router.preempt_delay
        return self._arm_down_timer(now)

    def _submits_to(self, priority: int, now: float) -> bool:
        waits = self.router.preempt_delay and (self.preempts_at is None or self.preempts_at > now)
        return bool(not self.router.preempt or priority >= self.priority or waits)

    def _learn_interval(self, sender: Router) -> None:
        if self.router.version == 3:
            self.interval = sender.interval

    def _hear_nothing(self, event: Event, now: float) -> Actions:
        """Let the timer run on; keepalived remembers what is left of it as its length."""
        self.down_timer = max(0.0, (self.deadline or now) - now)
        return self._arm(now + self.down_timer)

    def _hear_as_active(self, event: Advert, now: float) -> Actions:
        # keepalived begins its interval anew after whatever it has read
        again = self._arm(now + self.router.interval)
        if not accepts(self.router, event.sender):
            return again
        equal = event.priority == self.priority
        if event.priority > self.priority or (equal and has_higher_address(event.sender, self.router)):
            self._learn_interval(event.sender)
            return self._step_down(event, now)
        if equal and not has_higher_address(self.router, event.sender):
            return again
        return (Send(self.priority), *again)

    def _step_down(self, event: Event, now: float) -> Actions:
        self.state, self.wants_active, self.preempts_at = State.BACKUP, False, None
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
        """Keep the priority for the next advert, which comes when it would have come anyway."""
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

    def _enter_fault(self, event: Event, now: float) -> Actions:
        self.state, self.wants_active = State.FAULT, False
        return self._arm(None)

    def _leave_to_fault(self, event: Event, now: float) -> Actions:
        return (Send(GOODBYE), DropVips(), *self._enter_fault(event, now))

    def _stop(self, event: Event, now: float) -> Actions:
        self.state, self.wants_active = State.INITIALIZE, False
        return self._arm(None)

    def _leave(self, event: Event, now: float) -> Actions:
        return (Send(GOODBYE), DropVips(), *self._stop(event, now))

    def _ignore(self, event: Event, now: float) -> Actions:
        return ()


Handler = Callable[[Machine, Any, float], Actions]
TABLE: Mapping[Tuple[State, type], Handler] = {
    (State.INITIALIZE, Start): Machine._enter_backup,
    (State.INITIALIZE, Weighted): Machine._weigh,
    (State.INITIALIZE, Fail): Machine._enter_fault,
    (State.BACKUP, Timeout): Machine._enter_active,
    (State.BACKUP, Promote): Machine._enter_active,
    (State.BACKUP, HoldBack): Machine._hold_back,
    (State.BACKUP, Advert): Machine._hear_as_backup,
    (State.BACKUP, Weighted): Machine._weigh_as_backup,
    (State.BACKUP, Fail): Machine._enter_fault,
    (State.BACKUP, Reload): Machine._load_as_backup,
    (State.BACKUP, Shutdown): Machine._stop,
    (State.ACTIVE, Timeout): Machine._advertise,
    (State.ACTIVE, Advert): Machine._hear_as_active,
    (State.ACTIVE, Weighted): Machine._weigh,
    (State.ACTIVE, Demote): Machine._step_down,
    (State.ACTIVE, Fail): Machine._leave_to_fault,
    (State.ACTIVE, Reload): Machine._load_as_active,
    (State.ACTIVE, Shutdown): Machine._leave,
    (State.FAULT, Advert): Machine._ignore,
    (State.FAULT, Weighted): Machine._weigh,
    (State.FAULT, Recover): Machine._enter_backup,
    (State.FAULT, Reload): Machine._load,
    (State.FAULT, Shutdown): Machine._stop,
}

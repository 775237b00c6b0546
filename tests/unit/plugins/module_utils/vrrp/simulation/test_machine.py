# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the table, and every way through it that depends on more than state and event."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import pytest
from module_utils.vrrp.simulation.events import (
    Advert,
    Arm,
    Demote,
    DropVips,
    Fail,
    HoldBack,
    Promote,
    Recover,
    Reload,
    Send,
    Shutdown,
    Start,
    TakeVips,
    Timeout,
    Weighted,
)
from module_utils.vrrp.simulation.machine import TABLE, IllegalEvent, Machine, State
from module_utils.vrrp.simulation.routers import Generation, Router

NOW = 100.0
FULL = 0.3 + 0.1 * 56 / 256  # at priority 200
SKEW = 0.1 * 56 / 256
MINE = Router("lb2", "web", 10, "ipv4", 200, frozenset({"192.0.2.10"}), "192.0.2.12", frozenset({"192.0.2.11"}))
PEER = replace(MINE, node="lb1", address="192.0.2.11", peers=frozenset({"192.0.2.12"}))
OLD = Generation.BEFORE_2_3_3
LOWER, EQUAL, HIGHER, GOODBYE = Advert(PEER, 100), Advert(PEER, 200), Advert(PEER, 254), Advert(PEER, 0)
LOADED = Reload(replace(MINE, priority=210, interval=0.2))
EVENTS = (
    Start(), Shutdown(), LOADED, Timeout(), HIGHER, Weighted(100), Fail(), Recover(), HoldBack(), Promote(), Demote(),
)  # fmt: skip


def machine(state, router=MINE, **fields):
    armed = {State.BACKUP: NOW + 0.05, State.ACTIVE: NOW + 0.02}.get(state)
    return Machine(router, state, **{"deadline": armed, "down_timer": FULL, **fields})


def arm(seconds):
    return Arm(pytest.approx(NOW + seconds))


@pytest.mark.parametrize(
    ("state", "event", "after", "actions"),
    [
        (State.INITIALIZE, Start(), State.BACKUP, [arm(FULL)]),
        (State.INITIALIZE, Weighted(100), State.INITIALIZE, []),
        (State.INITIALIZE, Fail(), State.FAULT, [Arm(None)]),
        (State.BACKUP, Timeout(), State.ACTIVE, [Send(200), TakeVips(), arm(0.1)]),
        (State.BACKUP, Promote(), State.ACTIVE, [Send(200), TakeVips(), arm(0.1)]),
        (State.BACKUP, HoldBack(), State.BACKUP, [arm(FULL)]),
        (State.BACKUP, HIGHER, State.BACKUP, [arm(FULL)]),
        (State.BACKUP, EQUAL, State.BACKUP, [arm(FULL)]),
        (State.BACKUP, LOWER, State.BACKUP, [arm(0.05)]),  # the timer runs on
        (State.BACKUP, GOODBYE, State.BACKUP, [arm(SKEW)]),
        (State.BACKUP, Weighted(200), State.BACKUP, []),
        (State.BACKUP, Weighted(100), State.BACKUP, [arm(0.05 + 0.1 * 100 / 256)]),
        (State.BACKUP, Fail(), State.FAULT, [Arm(None)]),
        (State.BACKUP, Shutdown(), State.INITIALIZE, [Arm(None)]),
        (State.ACTIVE, Timeout(), State.ACTIVE, [Send(200), arm(0.1)]),
        (State.ACTIVE, HIGHER, State.BACKUP, [DropVips(), arm(FULL)]),
        (State.ACTIVE, EQUAL, State.ACTIVE, [Send(200), arm(0.1)]),  # 192.0.2.12 is higher than 192.0.2.11
        (State.ACTIVE, LOWER, State.ACTIVE, [Send(200), arm(0.1)]),
        (State.ACTIVE, GOODBYE, State.ACTIVE, [Send(200), arm(0.1)]),
        (State.ACTIVE, Weighted(100), State.ACTIVE, []),  # the next advert says so, when it is due
        (State.ACTIVE, Demote(), State.BACKUP, [DropVips(), arm(FULL)]),
        (State.ACTIVE, Fail(), State.FAULT, [Send(0), DropVips(), Arm(None)]),
        (State.ACTIVE, Shutdown(), State.INITIALIZE, [Send(0), DropVips(), Arm(None)]),
        (State.FAULT, HIGHER, State.FAULT, []),
        (State.BACKUP, LOADED, State.BACKUP, [arm(0.6 + 0.2 * 46 / 256)]),
        (State.ACTIVE, LOADED, State.ACTIVE, [Send(210), arm(0.2)]),
        (State.FAULT, LOADED, State.FAULT, []),
        (State.FAULT, GOODBYE, State.FAULT, []),
        (State.FAULT, Weighted(100), State.FAULT, []),
        (State.FAULT, Recover(), State.BACKUP, [arm(FULL)]),
        (State.FAULT, Shutdown(), State.INITIALIZE, [Arm(None)]),
    ],
)
def test_handle_every_row(state, event, after, actions):
    subject = machine(state)
    assert list(subject.handle(event, NOW)) == actions
    assert subject.state is after


def test_handle_every_row_is_complete():
    rows = next(mark for mark in test_handle_every_row.pytestmark if mark.name == "parametrize").args[1]
    assert {(state, machine(state).kind_of(event)): after for state, event, after, _actions in rows} == {
        key: row.after for key, row in TABLE.items()
    }


ILLEGAL = [(state, event) for state in State for event in EVENTS if (state, type(event)) not in TABLE]


@pytest.mark.parametrize(("state", "event"), ILLEGAL)
def test_what_cannot_happen_raises_and_changes_nothing(state, event):
    subject = machine(state)
    before = copy(subject)
    with pytest.raises(IllegalEvent, match=f"{type(event).__name__} cannot happen in state {state.value}"):
        subject.handle(event, NOW)
    assert subject == before


def test_equal_priorities_go_to_the_higher_address():
    lower = machine(State.ACTIVE, replace(PEER, priority=200))
    assert list(lower.handle(Advert(MINE, 200), NOW)) == [DropVips(), arm(FULL)]


def test_between_equal_priorities_of_unknown_addresses_nobody_yields():
    subject = machine(State.ACTIVE, replace(MINE, address="", peers=None))
    assert list(subject.handle(Advert(replace(PEER, address="", peers=None), 200), NOW)) == [arm(0.1)]


# Preempting


@pytest.mark.parametrize(
    ("router", "advert", "seconds"),
    [
        (replace(MINE, preempt=False), LOWER, FULL),
        (replace(MINE, preempt=False), GOODBYE, SKEW),
        (replace(MINE, preempt_delay=5.0), LOWER, FULL),
        (replace(MINE, preempt_delay=5.0), GOODBYE, SKEW),  # the delay does not apply where nobody is active
    ],
)
def test_who_does_not_preempt_takes_a_lower_advert(router, advert, seconds):
    assert list(machine(State.BACKUP, router).handle(advert, NOW)) == [arm(seconds)]


def test_the_delay_runs_from_the_first_lower_advert_and_ends_with_a_higher_one():
    subject = machine(State.BACKUP, replace(MINE, preempt_delay=5.0))
    subject.handle(LOWER, NOW)
    subject.handle(LOWER, NOW + 4.9)
    assert subject.preempts_at == NOW + 5
    subject.handle(LOWER, NOW + 5.1)
    assert subject.deadline == pytest.approx(NOW + 4.9 + FULL)  # not put off any longer
    subject.handle(HIGHER, NOW + 5.2)
    assert subject.preempts_at is None


@pytest.mark.parametrize("leave", [Demote(), HIGHER])
def test_the_delay_begins_anew_after_being_active(leave):
    subject = machine(State.ACTIVE, replace(MINE, preempt_delay=5.0), preempts_at=NOW - 1)
    subject.handle(leave, NOW)
    assert subject.preempts_at is None


def test_even_without_preempting_the_higher_one_of_two_active_ones_stays():
    subject = machine(State.ACTIVE, replace(MINE, preempt=False))
    assert Send(200) in subject.handle(LOWER, NOW)


# Versions, generations, and nodes that disagree


def test_version_2_counts_skew_in_seconds_and_version_3_in_intervals():
    slow = {"interval": 5.0}
    assert list(machine(State.FAULT, replace(MINE, version=2, **slow)).handle(Recover(), NOW)) == [arm(15 + 56 / 256)]
    assert list(machine(State.FAULT, replace(MINE, **slow)).handle(Recover(), NOW)) == [arm(15 + 5 * 56 / 256)]


def test_version_3_learns_the_interval_of_the_active_router():
    subject = machine(State.BACKUP)
    assert list(subject.handle(Advert(replace(PEER, interval=1.0), 254), NOW)) == [arm(3 + 56 / 256)]
    assert list(subject.handle(Timeout(), NOW)) == [Send(200), TakeVips(), arm(0.1)]  # its own, as soon as it is active


REFUSED = {
    "version": (MINE, replace(PEER, version=2)),
    "interval": (replace(MINE, version=2), replace(PEER, version=2, interval=1.0)),
    "auth": (replace(MINE, version=2, auth="one"), replace(PEER, version=2, auth="other")),
    "addresses": (replace(MINE, generation=OLD), replace(PEER, addresses=frozenset())),
    "source": (MINE, replace(PEER, address="192.0.2.13")),
}


@pytest.mark.parametrize(("mine", "peer"), REFUSED.values(), ids=REFUSED)
def test_a_backup_does_not_listen_to_who_disagrees(mine, peer):
    assert list(machine(State.BACKUP, mine).handle(Advert(peer, 254), NOW)) == [arm(0.05)]


@pytest.mark.parametrize(("mine", "peer"), REFUSED.values(), ids=REFUSED)
def test_an_active_router_does_not_yield_to_who_disagrees_but_begins_its_interval_anew(mine, peer):
    assert list(machine(State.ACTIVE, mine).handle(Advert(peer, 254), NOW)) == [arm(mine.interval)]


def test_since_2_3_3_other_addresses_are_taken():
    other = Advert(replace(PEER, addresses=frozenset()), 254)
    assert list(machine(State.BACKUP).handle(other, NOW)) == [arm(FULL)]


# The timer of a backup


def test_another_priority_moves_the_timer_by_the_difference():
    subject = machine(State.BACKUP)
    subject.handle(HIGHER, NOW)
    subject.handle(Weighted(1), NOW + 0.1)
    assert subject.deadline == pytest.approx(NOW + 0.3 + 0.1 * 255 / 256)


def test_a_timer_that_is_overdue_runs_out_at_once():
    subject = machine(State.BACKUP)
    assert list(subject.handle(LOWER, NOW + 1)) == [Arm(NOW + 1)]

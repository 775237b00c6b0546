# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of TABLE, and every action that depends on more than state and event."""

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
        (State.ACTIVE, Weighted(100), State.ACTIVE, []),  # the next advert has the new priority
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
def test_handle_illegal_event(state, event):
    subject = machine(state)
    before = copy(subject)
    with pytest.raises(IllegalEvent, match=f"{type(event).__name__} cannot happen in state {state.value}"):
        subject.handle(event, NOW)
    assert subject == before


def test_handle_equal_priority_from_a_higher_address():
    lower = machine(State.ACTIVE, replace(PEER, priority=200))
    assert list(lower.handle(Advert(MINE, 200), NOW)) == [DropVips(), arm(FULL)]


def test_handle_equal_priority_from_an_unknown_address():
    subject = machine(State.ACTIVE, replace(MINE, address="", peers=None))
    assert list(subject.handle(Advert(replace(PEER, address="", peers=None), 200), NOW)) == [arm(0.1)]


# Preemption


@pytest.mark.parametrize(
    ("router", "advert", "seconds"),
    [
        (replace(MINE, preempt=False), LOWER, FULL),
        (replace(MINE, preempt=False), GOODBYE, SKEW),
        (replace(MINE, preempt_delay=5.0), LOWER, FULL),
        (replace(MINE, preempt_delay=5.0), GOODBYE, SKEW),  # the delay applies only while a router is active
    ],
)
def test_handle_lower_priority_without_preempting(router, advert, seconds):
    assert list(machine(State.BACKUP, router).handle(advert, NOW)) == [arm(seconds)]


def test_preempt_delay_from_the_first_lower_advert_to_a_higher_one():
    subject = machine(State.BACKUP, replace(MINE, preempt_delay=5.0))
    subject.handle(LOWER, NOW)
    subject.handle(LOWER, NOW + 4.9)
    assert subject.preempts_at == NOW + 5
    subject.handle(LOWER, NOW + 5.1)
    assert subject.deadline == pytest.approx(NOW + 4.9 + FULL)  # the delay is over: the advert has not reset the timer
    subject.handle(HIGHER, NOW + 5.2)
    assert subject.preempts_at is None


@pytest.mark.parametrize("leave", [Demote(), HIGHER])
def test_preempt_delay_is_reset_by_leaving_active(leave):
    subject = machine(State.ACTIVE, replace(MINE, preempt_delay=5.0), preempts_at=NOW - 1)
    subject.handle(leave, NOW)
    assert subject.preempts_at is None


def test_handle_lower_priority_as_active_without_preempting():
    subject = machine(State.ACTIVE, replace(MINE, preempt=False))
    assert Send(200) in subject.handle(LOWER, NOW)


# Versions, generations, and nodes with other configurations


def test_handle_recover_skew_of_both_versions():
    slow = {"interval": 5.0}
    assert list(machine(State.FAULT, replace(MINE, version=2, **slow)).handle(Recover(), NOW)) == [arm(15 + 56 / 256)]
    assert list(machine(State.FAULT, replace(MINE, **slow)).handle(Recover(), NOW)) == [arm(15 + 5 * 56 / 256)]


def test_handle_advert_learns_the_interval_in_version_3():
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
def test_handle_advert_discarded_by_a_backup(mine, peer):
    assert list(machine(State.BACKUP, mine).handle(Advert(peer, 254), NOW)) == [arm(0.05)]


@pytest.mark.parametrize(("mine", "peer"), REFUSED.values(), ids=REFUSED)
def test_handle_advert_discarded_by_an_active_router_restarts_its_timer(mine, peer):
    assert list(machine(State.ACTIVE, mine).handle(Advert(peer, 254), NOW)) == [arm(mine.interval)]


def test_handle_advert_with_other_addresses_since_2_3_3():
    other = Advert(replace(PEER, addresses=frozenset()), 254)
    assert list(machine(State.BACKUP).handle(other, NOW)) == [arm(FULL)]


# The timer of a backup


def test_handle_weighted_moves_the_timer():
    subject = machine(State.BACKUP)
    subject.handle(HIGHER, NOW)
    subject.handle(Weighted(1), NOW + 0.1)
    assert subject.deadline == pytest.approx(NOW + 0.3 + 0.1 * 255 / 256)


def test_handle_advert_with_an_overdue_timer():
    subject = machine(State.BACKUP)
    assert list(subject.handle(LOWER, NOW + 1)) == [Arm(NOW + 1)]

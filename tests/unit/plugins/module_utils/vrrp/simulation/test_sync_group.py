# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of state of one instance changes the other members of its sync group."""

from __future__ import annotations

from dataclasses import replace

import pytest
from module_utils.vrrp.simulation.events import Advert, Arm, DropVips, Send, Start, TakeVips, Timeout
from module_utils.vrrp.simulation.machine import State
from module_utils.vrrp.simulation.routers import Router
from module_utils.vrrp.simulation.sync_group import SyncGroup

FOUR = Router("lb2", "v4", 10, "ipv4", 200, frozenset(), "192.0.2.12", sync_group="dual")
SIX = replace(FOUR, instance="v6", family="ipv6", address="2001:db8::12")
NOW = 100.0


def group(state):
    subject = SyncGroup([FOUR, SIX])
    for instance, machine in subject.machines.items():
        machine.handle(Start(), NOW)
        if state is State.ACTIVE:
            machine.handle(Timeout(), NOW)
        assert machine.state is state, instance
    return subject


def states(subject):
    return [machine.state for machine in subject.machines.values()]


def deeds(done, *kinds):
    return [(instance, type(action)) for instance, action in done if isinstance(action, kinds)]


def test_handle_timeout_of_one_member():
    subject = group(State.BACKUP)
    assert subject.handle("v4", Timeout(), NOW) == [("v4", Arm(pytest.approx(NOW + 0.3 + 0.1 * 56 / 256)))]
    assert states(subject) == [State.BACKUP, State.BACKUP]


def test_handle_timeout_of_the_last_member():
    subject = group(State.BACKUP)
    subject.handle("v4", Timeout(), NOW)
    done = subject.handle("v6", Timeout(), NOW + 0.01)
    assert deeds(done, Send, TakeVips) == [("v6", Send), ("v6", TakeVips), ("v4", Send), ("v4", TakeVips)]
    assert states(subject) == [State.ACTIVE, State.ACTIVE]


def test_handle_advert_after_a_timeout():
    subject = group(State.BACKUP)
    subject.handle("v4", Timeout(), NOW)
    subject.handle("v4", Advert(replace(FOUR, node="lb1"), 254), NOW)
    subject.handle("v6", Timeout(), NOW)
    assert states(subject) == [State.BACKUP, State.BACKUP]


def test_handle_advert_demotes_all_members():
    subject = group(State.ACTIVE)
    done = subject.handle("v6", Advert(replace(SIX, node="lb1"), 254), NOW)
    assert deeds(done, DropVips) == [("v6", DropVips), ("v4", DropVips)]
    assert states(subject) == [State.BACKUP, State.BACKUP]


def test_fail_and_recover():
    subject = group(State.ACTIVE)
    assert deeds(subject.fail("v4", NOW), Send) == [("v4", Send), ("v6", Send)]
    assert subject.fail("v6", NOW) == []
    assert subject.recover("v4", NOW) == []
    assert states(subject) == [State.FAULT, State.FAULT]
    subject.recover("v6", NOW)
    assert states(subject) == [State.BACKUP, State.BACKUP]


def test_copy():
    subject = group(State.ACTIVE)
    subject.copy().fail("v4", NOW)
    assert states(subject) == [State.ACTIVE, State.ACTIVE]

# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of what flaps is told, and that its end always is."""

from __future__ import annotations

import json

from module_utils.agent.notify.pacing import QUIET_SECONDS, WINDOW_SECONDS, Pacing, admit, as_data, due, from_data
from module_utils.agent.states import Change

MOST = 3


def change(time, instance="web", state="active"):
    return Change(time, instance, state, "backup", 0.0, 254)


def flapping(times):
    """Return the pacing after changes at these times, and which were told at once."""
    pacing, told = Pacing(), []
    for time in times:
        pacing, at_once = admit(pacing, change(time), MOST)
        told.append(at_once)
    return pacing, told


def test_the_first_are_told_each():
    pacing, told = flapping([1, 2, 3])
    assert told == [True] * 3
    assert due(pacing, 1000.0) == (pacing, None)


def test_the_others_come_as_a_digest_once_it_is_quiet():
    pacing, told = flapping(range(50))
    assert told == [True] * MOST + [False] * 47
    assert due(pacing, 49 + QUIET_SECONDS - 0.1)[1] is None
    pacing, held = due(pacing, 49 + QUIET_SECONDS)
    assert (held["web"].count, held["web"].last.time) == (47, 49)
    assert due(pacing, 1000.0)[1] is None


def test_what_never_gets_quiet_is_told_once_a_minute():
    pacing, _told = flapping(range(MOST + int(WINDOW_SECONDS)))
    assert due(pacing, MOST + WINDOW_SECONDS - 1)[1] is None
    assert due(pacing, MOST + WINDOW_SECONDS)[1] is not None


def test_nothing_overtakes_what_is_held_back():
    pacing, _told = flapping([0, 0, 0, 59])
    pacing, at_once = admit(pacing, change(61.0), MOST)
    assert (at_once, pacing.held["web"].count) == (False, 2)


def test_a_minute_later_each_is_told_again():
    assert flapping([0, 0, 0, 61])[1] == [True] * 4


def test_each_instance_is_counted():
    pacing, _told = flapping([0, 0, 0, 1])
    pacing, _at_once = admit(pacing, change(2.0, "api", "fault"), MOST)
    held = due(pacing, 100.0)[1]
    assert {name: (each.count, each.last.state) for name, each in held.items()} == {
        "web": (1, "active"),
        "api": (1, "fault"),
    }


def test_a_clock_that_was_set_back_holds_nothing_up():
    pacing, _told = flapping([1000, 1000, 1000, 1000])
    assert due(pacing, 10.0)[1] is not None
    assert admit(Pacing(told=(1000.0,) * MOST), change(10.0), MOST)[1]


def test_it_survives_a_restart():
    pacing, _told = flapping(range(5))
    assert from_data(json.loads(json.dumps(as_data(pacing)))) == pacing

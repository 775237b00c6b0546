# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes of a flapping instance are sent, and that its last state always is."""

from __future__ import annotations

import json

from module_utils.agent.notify.pacing import QUIET_SECONDS, WINDOW_SECONDS, Pacing, admit, as_data, due, from_data
from module_utils.agent.states import StateChange

MOST = 3


def change(time, instance="web", state="active"):
    return StateChange(time, instance, state, "backup", 0.0, 254)


def flapping(times):
    """Return the pacing after changes at these times, and which were sent at once."""
    pacing, sent = Pacing(), []
    for time in times:
        pacing, at_once = admit(pacing, change(time), MOST)
        sent.append(at_once)
    return pacing, sent


def test_the_first_changes_are_sent_at_once():
    pacing, sent = flapping([1, 2, 3])
    assert sent == [True] * 3
    assert due(pacing, 1000.0) == (pacing, None)


def test_later_changes_become_a_digest_once_it_is_quiet():
    pacing, sent = flapping(range(50))
    assert sent == [True] * MOST + [False] * 47
    assert due(pacing, 49 + QUIET_SECONDS - 0.1)[1] is None
    pacing, held = due(pacing, 49 + QUIET_SECONDS)
    assert (held["web"].changes, held["web"].last.time) == (47, 49)
    assert due(pacing, 1000.0)[1] is None


def test_a_digest_is_due_after_a_minute_without_quiet():
    pacing, _sent = flapping(range(MOST + int(WINDOW_SECONDS)))
    assert due(pacing, MOST + WINDOW_SECONDS - 1)[1] is None
    assert due(pacing, MOST + WINDOW_SECONDS)[1] is not None


def test_no_change_overtakes_those_held_back():
    pacing, _sent = flapping([0, 0, 0, 59])
    pacing, at_once = admit(pacing, change(61.0), MOST)
    assert (at_once, pacing.held["web"].changes) == (False, 2)


def test_changes_are_sent_at_once_again_after_a_minute():
    assert flapping([0, 0, 0, 61])[1] == [True] * 4


def test_changes_are_counted_by_instance():
    pacing, _sent = flapping([0, 0, 0, 1])
    pacing, _at_once = admit(pacing, change(2.0, "api", "fault"), MOST)
    held = due(pacing, 100.0)[1]
    assert {name: (each.changes, each.last.state) for name, each in held.items()} == {
        "web": (1, "active"),
        "api": (1, "fault"),
    }


def test_a_clock_that_is_set_back_makes_the_digest_due():
    pacing, _sent = flapping([1000, 1000, 1000, 1000])
    assert due(pacing, 10.0)[1] is not None
    assert admit(Pacing(sent=(1000.0,) * MOST), change(10.0), MOST)[1]


def test_as_data_and_from_data_are_inverse():
    pacing, _sent = flapping(range(5))
    assert from_data(json.loads(json.dumps(as_data(pacing)))) == pacing

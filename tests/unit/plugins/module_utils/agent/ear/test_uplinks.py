# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.agent.ear.config import Uplink
from module_utils.agent.ear.uplinks import State, after, record

GATEWAY = Uplink("192.0.2.1", None, 1.0, fall=3, rise=2)


def story(results, uplink=GATEWAY):
    """Return what is known after each result: `+` answered, `-` not."""
    state, known = State(), []
    for number, result in enumerate(results):
        state = after(state, uplink, "" if result == "+" else "no answer within 1 s", float(number))
        known.append(state.reached)
    return state, known


@pytest.mark.parametrize(
    ("results", "known"),
    [
        ("", []),
        ("+", [True]),
        ("--", [None, None]),
        ("---", [None, None, False]),
        ("-+", [None, True]),
        ("+--+--", [True] * 6),
        ("+---", [True, True, True, False]),
        ("---+-+", [None, None, False, False, False, False]),
        ("---++", [None, None, False, False, True]),
    ],
)
def test_so_many_in_a_row(results, known):
    assert story(results)[1] == known


def test_since_when_and_why():
    state, _known = story("+----")
    assert (state.since, state.why) == (3.0, "no answer within 1 s")
    assert record(GATEWAY, state) == {
        **{"address": "192.0.2.1", "port": None, "reached": False, "since": 3.0},
        "why": "no answer within 1 s",
    }
    assert record(GATEWAY, story("+-")[0])["why"] == ""


def test_counts_do_not_grow_for_ever():
    state, _known = story("+" * 1000)
    assert (state.good, state.bad) == (2, 0)
    assert story("-" * 1000)[0].bad == 3


def test_one_of_each_is_enough_where_that_is_wanted():
    assert story("+-+-", GATEWAY._replace(fall=1, rise=1))[1] == [True, False, True, False]

# SPDX-License-Identifier: GPL-3.0-or-later
"""When the looker asks keepalived, and what it returns in between."""

from __future__ import annotations

import os

import pytest
from module_utils.agent.look import (
    CALM,
    RESTLESS,
    SHOWN,
    STILL,
    Looker,
    looked,
    pulse_of,
    traces_of,
)
from module_utils.agent.states import NOTHING_YET
from module_utils.basics.errors import HaLbError

INSTANCE = {**dict.fromkeys(SHOWN), "name": "web", "state": "MASTER", "extra": 1}
STATES = [INSTANCE]


def silent():
    raise HaLbError("keepalived runs, but does not write its status")


def test_looked_keeps_the_shown_fields():
    look = looked(lambda: STATES, NOTHING_YET, 5.0)
    assert (look["time"], look["answers"], look["running"], look["instances"][0]["name"]) == (5.0, True, True, "web")
    assert "extra" not in look["instances"][0]
    assert not looked(lambda: None, look, 6.0)["running"]


def test_the_last_answer_stays_while_keepalived_is_silent():
    look = looked(silent, looked(lambda: STATES, NOTHING_YET, 5.0), 8.0)
    again = looked(silent, look, 11.0)
    assert (again["answers"], again["silent_since"], again["time"]) == (False, 8.0, 11.0)
    assert again["instances"][0]["name"] == "web"
    assert looked(lambda: STATES, again, 12.0)["silent_since"] is None


class Keepalived:
    """A keepalived that wakes every second unless it stands still, counts queries, and answers unless it is stopped."""

    def __init__(self):
        self.state, self.slept, self.asked, self.traces, self.time = "S", 0, 0, (1,), 0.0
        self.wakes = self.runs = self.answers = True
        self.looker = Looker(self.ask, self.pulse, lambda: self.traces)

    def ask(self):
        if not self.runs:
            return None
        self.asked += 1
        if self.state == "T" or not self.answers:
            raise HaLbError("it does not answer")
        return STATES

    def pulse(self):
        self.slept += self.wakes and self.state != "T"
        return (12, self.state, str(self.slept)) if self.runs else None

    def looks(self, number):
        """Return the last of some looks, and how often it was asked in them."""
        before = self.asked
        for _look in range(number):
            self.time += 1.0
            look = self.looker.look(self.time)
        return look, self.asked - before


@pytest.fixture
def keepalived():
    """Return one that has not changed for a while."""
    made = Keepalived()
    assert made.looks(RESTLESS)[1] == RESTLESS
    return made


def test_it_is_asked_once_a_minute(keepalived):
    look, asked = keepalived.looks(3 * CALM)
    assert asked == 3
    assert (look["time"], look["answers"], look["running"]) == (keepalived.time, True, True)
    assert look["instances"][0]["name"] == "web"


def test_between_two_answers_the_time_of_the_last_one_is_kept(keepalived):
    at = keepalived.time
    assert keepalived.looks(5)[0]["asked"] == at


def test_after_a_change_of_a_file_it_is_asked_at_once_and_for_a_while(keepalived):
    keepalived.traces = (2,)
    assert keepalived.looks(1)[1] == 1
    assert keepalived.looks(CALM)[1] == RESTLESS - 1


def test_a_stopped_keepalived_is_silent_at_once_and_asked_once(keepalived):
    keepalived.state = "T"
    look, asked = keepalived.looks(1)
    assert (look["answers"], look["silent_since"], asked) == (False, keepalived.time, 1)
    since = look["silent_since"]
    look, asked = keepalived.looks(CALM)
    assert (look["answers"], look["silent_since"], look["time"], asked) == (False, since, keepalived.time, 0)
    keepalived.state = "S"
    look, asked = keepalived.looks(1)
    assert (look["answers"], look["silent_since"], asked) == (True, None, 1)


def test_a_keepalived_that_does_not_wake_is_asked_before_it_is_silent(keepalived):
    keepalived.wakes = False
    look, asked = keepalived.looks(STILL)
    assert (look["answers"], asked) == (True, 1)
    assert keepalived.looks(10 * STILL)[1] == 10


def test_a_keepalived_that_does_not_wake_and_does_not_answer_is_silent(keepalived):
    keepalived.wakes, keepalived.answers = False, False
    look, asked = keepalived.looks(CALM)
    assert (look["answers"], asked) == (False, 1)


def test_a_killed_keepalived_does_not_run_until_it_is_restarted(keepalived):
    keepalived.state = "T"
    keepalived.looks(3)
    keepalived.runs, keepalived.state = False, "S"
    look = keepalived.looks(1)[0]
    assert (look["answers"], look["running"]) == (True, False)
    keepalived.runs = True
    assert keepalived.looks(1)[0]["running"]


@pytest.mark.parametrize(("number", "expected"), [("12\n", (12, "T", "7")), ("13\n", None), ("", None), (None, None)])
def test_pulse_of(tmp_path, number, expected):
    (tmp_path / "12").mkdir()
    (tmp_path / "12/status").write_text(
        "Name:\tkeepalived\nState:\tT (stopped)\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t3\n"
    )
    if number is not None:
        (tmp_path / "vrrp.pid").write_text(number)
    assert pulse_of(tmp_path / "vrrp.pid", tmp_path) == expected


def test_traces_of(tmp_path):
    (tmp_path / "drain").write_text("0")
    os.utime(tmp_path / "drain", ns=(5, 7))
    assert traces_of([tmp_path / "drain", tmp_path / "proxy"]) == (7, 0)

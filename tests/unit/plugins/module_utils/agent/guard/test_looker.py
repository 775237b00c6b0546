# SPDX-License-Identifier: GPL-3.0-or-later
"""When keepalived is asked, and what is known in between."""

from __future__ import annotations

import json

import pytest
from module_utils.agent.guard.looker import ANSWER, CALM, RESTLESS, SHOWN, Looker, Ports
from module_utils.agent.guard.process import Pulse

TICK = 0.25
DUMP = {
    "data": {
        **{"iname": "web", "vrid": 51, "ifp_ifname": "eth0", "state": 2, "base_priority": 254},
        **{"effective_priority": 254, "last_transition": 1.0, "vips": ["192.0.2.10 dev eth0"], "adver_int": 0.1},
    },
    "stats": {"become_master": 1, "release_master": 0, "advert_rcvd": 3, "advert_sent": 9},
}


class Keepalived:
    """One that wakes, counts questions, and answers unless it is stopped."""

    def __init__(self):
        self.asked, self.written, self.now, self.traces = 0, 0, 1000.0, (1,)
        self.runs = self.wakes = self.answers = True
        self.text, self.daemon = json.dumps([DUMP]), "1"
        self.looker = Looker(Ports(self.ask, lambda: (1, self.written), lambda: self.text))

    def ask(self):
        self.asked += 1
        self.written += self.answers
        return True

    def run(self, seconds):
        for _each in range(int(seconds / TICK)):
            self.now += TICK
            slept = str(self.now) if self.wakes else "0"
            pulse = Pulse(self.daemon, not self.wakes, slept) if self.runs else None
            self.looker.look(pulse, self.traces, self.now, self.now + 1e9)
        return self.looker.shown


@pytest.fixture
def keepalived():
    found = Keepalived()
    found.run(RESTLESS + 2)
    found.asked = 0
    return found


def test_what_it_says_is_shown(keepalived):
    shown = keepalived.run(1)
    assert (shown["answers"], shown["running"], shown["silent_since"]) == (True, True, None)
    assert set(shown["instances"][0]) == set(SHOWN)
    assert shown["instances"][0]["state"] == "MASTER"
    assert keepalived.looker.states[0]["adverts_sent"] == 9


def test_it_is_left_alone_while_nothing_changes(keepalived):
    keepalived.run(CALM - 3)
    assert keepalived.asked == 0
    keepalived.run(CALM)
    assert keepalived.asked in (1, 2)


def test_it_is_asked_for_a_while_after_a_change(keepalived):
    keepalived.traces = (2,)
    keepalived.run(1)
    assert keepalived.asked == 1
    keepalived.run(60 - 1)
    assert RESTLESS - 2 <= keepalived.asked <= RESTLESS + 2


def test_it_is_asked_at_once_where_somebody_is_in_a_hurry(keepalived):
    keepalived.looker.hurry(keepalived.now, 0.0)
    assert keepalived.asked == 1
    keepalived.looker.hurry(keepalived.now, 0.0)
    assert keepalived.asked == 1
    said = keepalived.now
    keepalived.run(TICK)
    assert keepalived.looker.said == said


def test_one_that_is_silent_keeps_its_last_answer(keepalived):
    keepalived.answers = keepalived.wakes = False
    shown = keepalived.run(ANSWER + 3)
    assert not shown["answers"]
    assert shown["running"]
    assert shown["silent_since"] <= shown["time"]
    assert shown["instances"][0]["name"] == "web"
    assert keepalived.looker.stands_still(keepalived.now)
    # A signal is pending
    assert keepalived.asked == 1
    keepalived.wakes, keepalived.written = True, 99
    assert keepalived.run(1)["answers"]


def test_one_that_wakes_and_cannot_write_does_not_stand_still(keepalived):
    keepalived.answers, keepalived.traces = False, (2,)
    keepalived.run(10)
    assert not keepalived.looker.stands_still(keepalived.now)


def test_half_an_answer_is_none_yet(keepalived):
    keepalived.text, keepalived.traces = '[{"data": {', (2,)
    before = keepalived.looker.said
    keepalived.run(1)
    assert keepalived.looker.said == before
    keepalived.text = json.dumps([DUMP])
    keepalived.run(TICK)
    assert keepalived.looker.said > before


def test_one_that_is_gone_does_not_run(keepalived):
    keepalived.runs = False
    shown = keepalived.run(TICK)
    assert (shown["answers"], shown["running"], shown["instances"]) == (True, False, [])
    assert keepalived.asked == 0
    keepalived.runs, keepalived.daemon = True, "2"
    assert keepalived.run(1)["running"]


def test_one_that_may_not_be_asked_is_silent(keepalived):
    def refuse():
        raise PermissionError

    keepalived.looker = Looker(Ports(refuse, lambda: None, lambda: None))
    assert not keepalived.run(1)["answers"]

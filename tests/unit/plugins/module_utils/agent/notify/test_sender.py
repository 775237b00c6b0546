# SPDX-License-Identifier: GPL-3.0-or-later
"""A channel on a virtual clock, and the processes that deliver."""

from __future__ import annotations

import select
import time
from pathlib import Path

import pytest
from module_utils.agent.config import Command, Mail
from module_utils.agent.notify import errand
from module_utils.agent.notify.errand import DELIVERED, Outcome, send_out
from module_utils.agent.notify.message import MessagePlace, change_message
from module_utils.agent.notify.message import test_message as message_of_a_test
from module_utils.agent.notify.sender import GIVE_UP_SECONDS, LONGEST_RETRY_SECONDS, Sender, retry_after
from module_utils.agent.states import StateChange

PLACE = MessagePlace("loadbalancers", "lb2")
MESSAGE = change_message(7, PLACE, StateChange(1_700_000_000.0, "web", "active", "backup", 0.0, 244))
MAIL = Mail("mail", ("ops@example.org",), "lb@example.org", "192.0.2.25", 587, "none")
SECRET = "hunter2"


def test_retries_at_growing_intervals():
    assert [retry_after(attempts) for attempts in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert retry_after(10_000) == LONGEST_RETRY_SECONDS


class Receiver:
    """A receiver with a list of outcomes, one for every attempt; None is one that takes its time."""

    def __init__(self, *outcomes):
        self.outcomes, self.got, self.said = list(outcomes), [], 0

    def __call__(self, _channel, message, _clock):
        self.message = message
        return self

    def outcome(self, _clock):
        outcome = self.outcomes.pop(0) if self.outcomes else DELIVERED
        if outcome is not None and not outcome.problem:
            self.got.append(self.message["id"])
        return outcome


def sender(tmp_path, *outcomes, count=1):
    receiver = Receiver(*outcomes)
    made = Sender(MAIL, tmp_path, receiver)
    for n in range(count):
        made.put({**MESSAGE, "id": n}, 10.0)
    return made, receiver


def attempt(made, clock=1000.0, now=20.0):
    """Begin an attempt if one is due, and end it; return whether one was due."""
    due = made.is_due(clock)
    if due:
        made.begin(now, clock)
    made.finish(now, clock)
    return due


def test_a_message_stays_first_until_it_is_delivered(tmp_path):
    made, receiver = sender(tmp_path, Outcome("later"), Outcome("later"), count=2)
    assert [attempt(made, clock) for clock in (1.0, 1.9, 2.0, 3.9, 4.0, 4.0, 4.0)] == [
        *(True, False, True, False),
        *(True, True, False),
    ]
    assert receiver.got == [0, 1]
    assert (made.state()["delivered"], made.state()["waiting"], made.state()["problem"]) == (2, 0, "")


def test_one_attempt_at_a_time(tmp_path):
    made, receiver = sender(tmp_path, None, None, count=2)
    assert attempt(made)
    assert not attempt(made)
    made.put({**MESSAGE, "id": 2}, 20.0)
    assert not made.is_due(1e9)
    made.finish(20.0, 1000.0)
    assert receiver.got == [0]


def test_a_message_that_is_refused_for_good_is_dropped(tmp_path):
    made, receiver = sender(tmp_path, Outcome("550 no", True), count=2)
    assert attempt(made)
    assert (made.state()["refused"], made.state()["problem"]) == (1, "550 no")
    assert attempt(made)
    assert receiver.got == [1]


def test_a_message_that_is_too_old_is_given_up(tmp_path):
    made, _receiver = sender(tmp_path, Outcome("later"), Outcome("later"))
    attempt(made, 1.0, 10.0 + GIVE_UP_SECONDS)
    assert (made.state()["refused"], made.state()["waiting"]) == (0, 1)
    attempt(made, 2.0, 10.1 + GIVE_UP_SECONDS)
    assert (made.state()["refused"], made.state()["waiting"]) == (1, 0)


def test_a_sender_continues_after_a_restart(tmp_path):
    sender(tmp_path, count=3)
    again, receiver = sender(tmp_path, count=0)
    assert [attempt(again) for _attempt in range(4)] == [True, True, True, False]
    assert receiver.got == [0, 1, 2]


def test_results_of_test_messages(tmp_path):
    made, _receiver = sender(tmp_path, DELIVERED, Outcome("550 no", True), count=0)
    for name in ("one", "two"):
        made.put({**message_of_a_test(1, PLACE, name, 0.0), "test": name}, 10.0)
        attempt(made)
    assert made.state()["tests"] == {"one": "", "two": "550 no"}


def test_a_test_message_does_not_wait_for_the_next_retry(tmp_path):
    made, _receiver = sender(tmp_path, Outcome("later"), None, Outcome("later"))
    attempt(made, 1.0)
    assert not made.is_due(1.5)
    made.put({**message_of_a_test(1, PLACE, "one", 0.0), "test": "one"}, 10.0)
    assert attempt(made, 1.5)
    made.put({**message_of_a_test(2, PLACE, "two", 0.0), "test": "two"}, 10.0)
    made.finish(10.0, 1.6)
    assert made.is_due(1.6)


def test_a_process_that_cannot_be_started_is_a_problem_for_a_retry(tmp_path):
    def none_left(*_):
        raise OSError(11, "Resource temporarily unavailable")

    made = Sender(MAIL, tmp_path, none_left)
    made.put(MESSAGE, 10.0)
    attempt(made, 1.0)
    assert made.state()["problem"] == "no process for it: Resource temporarily unavailable"
    assert [made.is_due(clock) for clock in (1.5, 2.0)] == [False, True]


@pytest.fixture
def _as_on_a_node(monkeypatch):
    top = errand.__package__.count(".")
    monkeypatch.setenv("PYTHONPATH", str(Path(errand.__file__).parents[top + 1]))


def ended(made, seconds=20.0):
    """Wait for the end of an errand, whose clock stands still."""
    deadline = time.monotonic() + seconds
    while True:
        assert select.select([made.said], [], [], deadline - time.monotonic())[0]
        outcome = made.outcome(0.0)
        if outcome is not None:
            return outcome


@pytest.mark.usefixtures("_as_on_a_node")
def test_a_process_delivers(tmp_path):
    out = tmp_path / "out"
    channel = Command("pager", ("/bin/sh", "-c", f"sleep 0.1; echo $HA_LB_SUBJECT > {out}"), 5.0)
    made = send_out(channel, MESSAGE, 0.0)
    assert made.outcome(0.0) is None
    assert ended(made) == DELIVERED
    assert out.read_text() == f"{MESSAGE['subject']}\n"


@pytest.mark.usefixtures("_as_on_a_node")
def test_what_a_process_gets_is_in_no_list_of_processes(tmp_path):
    script = f"cat /proc/$PPID/cmdline /proc/$PPID/environ > {tmp_path}/out; false"
    channel = Command("pager", ("/bin/sh", "-c", script), 5.0)
    made = send_out(channel, {**MESSAGE, "reason": SECRET}, 0.0)
    assert ended(made) == Outcome("status 1")
    seen = (tmp_path / "out").read_text(errors="replace")
    assert "delivery" in seen
    assert SECRET not in seen


@pytest.mark.usefixtures("_as_on_a_node")
def test_a_process_that_takes_too_long_is_killed():
    made = send_out(Command("pager", ("/bin/sleep", "60"), 60.0), MESSAGE, 0.0)
    assert made.outcome(60.0) is None
    begin = time.monotonic()
    assert made.outcome(60.0 + errand.SPARE_SECONDS) == Outcome("it took too long")
    assert time.monotonic() - begin < 5.0


def test_a_process_that_fails_is_a_problem_for_a_retry(monkeypatch):
    monkeypatch.setattr(errand, "PROGRAM", "nothing.of.this.name")
    assert ended(send_out(MAIL, MESSAGE, 0.0)) == Outcome("the delivery ended with status 1")

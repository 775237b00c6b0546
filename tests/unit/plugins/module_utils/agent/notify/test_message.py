# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages as text and as fields."""

from __future__ import annotations

import json

import pytest
from module_utils.agent.notify import filling
from module_utils.agent.notify import message as texts
from module_utils.agent.notify.filling import fill, unknown_fields
from module_utils.agent.notify.message import (
    FIELDS,
    MessagePlace,
    change_message,
    digest_message,
    lasted,
)
from module_utils.agent.notify.pacing import Flapping
from module_utils.agent.states import StateChange

LB2 = MessagePlace("loadbalancers", "lb2")
TAKEOVER = StateChange(1_700_000_000.0, "web", "active", "backup", 1_699_992_000.0, 244, "")
MESSAGE = change_message(7, LB2, TAKEOVER)


def test_subject_of_a_change():
    assert MESSAGE["subject"] == "web: lb2 is now active (was backup)"


def test_text_of_a_change():
    assert MESSAGE["text"].splitlines() == [
        "web: lb2 is now active (was backup).",
        "",
        "Cluster:  loadbalancers",
        "Node:     lb2",
        "Instance: web",
        "State:    active, since 2023-11-14 22:13:20 UTC",
        "Before:   backup, for 2 h 13 min",
        "Priority: 244",
        "Message:  lb2-7",
    ]


@pytest.mark.parametrize(
    ("state", "was", "subject"),
    [
        ("fault", "active", "web: lb2 is now in fault (was active)"),
        ("silent", "active", "web: lb2 is now silent: keepalived does not answer (was active)"),
        ("active", "silent", "web: lb2 is now active (was silent)"),
        ("backup", "", "web: lb2 is now backup"),
    ],
)
def test_subjects(state, was, subject):
    assert change_message(1, LB2, TAKEOVER.__class__(0.0, "web", state, was, 0.0, 1))["subject"] == subject


def test_a_message_has_the_reason():
    assert (
        "Reason:   the node is drained"
        in change_message(1, LB2, StateChange(0, "web", "backup", "active", 0, 1, "the node is drained"))["text"]
    )


def test_a_digest_has_the_count_and_the_last_state():
    held = {"web": Flapping(44, TAKEOVER), "api": Flapping(3, StateChange(1.0, "api", "fault", "backup", 0, 1))}
    digest = digest_message(8, LB2, held, TAKEOVER.time - 30, TAKEOVER.time)
    assert digest["subject"] == "web: lb2 is now active (47 more changes in 30 s)"
    assert (digest["kind"], digest["changes"], digest["state"]) == ("digest", 47, "active")
    assert "api:     in fault since 1970-01-01 00:00:01 UTC, after 3 changes" in digest["text"]


def test_every_message_has_every_field():
    for message in (
        MESSAGE,
        texts.test_message(1, LB2, "t", 0.0),
        digest_message(1, LB2, {"web": Flapping(1, TAKEOVER)}, 0, 1),
    ):
        assert set(message) == set(FIELDS)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (-5, "0 s"), (59.4, "59 s"), (60, "1 min"), (3661, "1 h 1 min"), (90000, "1 d 1 h"), (86400, "1 d")],
)
def test_lasted(seconds, text):
    assert lasted(seconds) == text


def test_fill_keeps_other_braces():
    assert fill('{"a": {instance}, {other} {}', MESSAGE) == '{"a": web, {other} {}'
    assert unknown_fields("{instance} {other} {} {not this}") == ["other"]


def test_a_body_is_valid_json():
    odd = {**MESSAGE, "subject": 'say "hi"\n'}
    assert json.loads(filling.as_json({"a": ["{subject}", 1], "b": {"c": True}}, odd)) == {
        "a": ['say "hi"\n', 1],
        "b": {"c": True},
    }
    assert json.loads(filling.as_json(None, odd)) == odd


def test_a_form_is_encoded():
    assert (
        filling.as_form({"to": "+49 1", "text": "{subject}"}, {"subject": "a&b=ü"}) == "to=%2B49+1&text=a%26b%3D%C3%BC"
    )


def test_the_environment_of_a_command():
    environment = filling.as_environment(MESSAGE)
    assert environment["HA_LB_PRIORITY"] == "244"
    assert environment["HA_LB_SUBJECT"] == MESSAGE["subject"]


def test_a_journal_entry_has_a_line_for_every_field():
    entry = texts.as_journal({**MESSAGE, "instance": "a\nMESSAGE=forged"}).decode()
    lines = dict(line.split("=", 1) for line in entry.splitlines())
    assert lines["MESSAGE"] == MESSAGE["subject"]
    assert lines["HA_LB_INSTANCE"] == "a MESSAGE=forged"
    assert (lines["HA_LB_STATE"], lines["PRIORITY"]) == ("active", "5")
    assert "PRIORITY=4\n" in texts.as_journal({**MESSAGE, "state": "fault"}).decode()


def test_a_message_is_one_line_of_the_log_file():
    assert texts.as_log({**MESSAGE, "reason": "of this"}) == (
        "2023-11-14 22:13:20 UTC lb2-7 web: lb2 is now active (was backup), priority 244, because of this\n"
    )

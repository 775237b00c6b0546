# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports from keepalived's FIFO and from looks, and which of them are changes."""

from __future__ import annotations

import pytest
from module_utils.agent.last_look import NOTHING_YET, read_look
from module_utils.agent.states import (
    LONGEST_LINE,
    Known,
    Report,
    after,
    asked_for,
    changed,
    lines_of,
    missed,
    reason_of,
    report_of,
)

WEB = {"web": Known("active", 10.0, 254)}


def look(time=20.0, state="MASTER", **given):
    instance = {"name": "web", "state": state, "effective_priority": 244}
    return {"time": time, "asked": time, "answers": True, "running": True, "instances": [instance], **given}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('INSTANCE "web" MASTER 254', Report("web", "active", 254)),
        ('INSTANCE "a "b" c" BACKUP 1', Report('a "b" c', "backup", 1)),
        ('INSTANCE "web" STOP 0', Report("web", "stopped", 0)),
        ('INSTANCE "web" DELETED 0', Report("web", "removed", 0)),
        ('INSTANCE "web" MASTER_PRIORITY 254', None),
        ('INSTANCE "web" MASTER_RX_LOWER_PRI 254', None),
        ('INSTANCE "web" MASTER 1000', None),
        ('INSTANCE "web" MASTER', None),
        ('GROUP "web" MASTER 0', None),
        ("VS [192.0.2.1]:tcp:80 UP", None),
        ("", None),
    ],
)
def test_report_of(line, expected):
    assert report_of(line) == expected


def test_lines_of_pieces():
    first, rest = lines_of(b"", b'INSTANCE "web" MA')
    second, rest = lines_of(rest, b'STER 254\nINSTANCE "api" BACKUP 9\nINS')
    assert (first, second, rest) == ([], ['INSTANCE "web" MASTER 254', 'INSTANCE "api" BACKUP 9'], b"INS")


def test_lines_of_drops_a_line_that_is_too_long():
    assert lines_of(b"", b"x" * (LONGEST_LINE + 1)) == ([], b"")
    assert lines_of(b"", b"x" * LONGEST_LINE) == ([], b"x" * LONGEST_LINE)


@pytest.mark.parametrize(
    ("line", "name"), [("TEST a-1", "a-1"), ("TEST", ""), ("TEST a b", ""), ('INSTANCE "TEST" STOP 1', "")]
)
def test_asked_for(line, name):
    assert asked_for(line) == name


def test_a_change_has_the_state_before():
    change = changed(WEB, Report("web", "backup", 244), 12.0, "the node is drained")
    assert (change.instance, change.state, change.was, change.was_since) == ("web", "backup", "active", 10.0)
    assert (change.time, change.priority, change.reason) == (12.0, 244, "the node is drained")
    assert after(WEB, change) == {"web": Known("backup", 12.0, 244)}


def test_a_known_state_is_no_change():
    assert changed(WEB, Report("web", "active", 1), 12.0) is None
    assert changed({}, Report("web", "removed"), 12.0) is None


def test_the_first_report_of_an_instance_is_a_change_from_nothing():
    change = changed({}, Report("web", "backup", 244), 12.0)
    assert (change.was, change.was_since) == ("", 12.0)


def test_a_removed_instance_is_forgotten():
    assert after(WEB, changed(WEB, Report("web", "removed"), 12.0)) == {}


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"state": "BACKUP"}, "backup"),
        ({"state": "MASTER"}, None),
        ({"state": "INIT"}, None),
        ({"running": False, "instances": []}, "stopped"),
        ({"instances": []}, "removed"),
        ({"answers": False}, "silent"),
    ],
)
def test_missed_finds_what_two_looks_show_and_the_fifo_did_not(given, state):
    found = missed(WEB, look(21.0, **given), look(20.0, **given))
    assert [each.state for each in found] == ([state] if state else [])


def test_missed_needs_two_looks():
    assert missed(WEB, look(21.0, "BACKUP"), look(20.0, "MASTER")) == []


def test_missed_ignores_a_look_from_before_the_change():
    assert missed(WEB, look(10.0, "BACKUP"), look(9.0, "BACKUP")) == []
    assert missed(WEB, look(11.0, "BACKUP"), look(9.0, "BACKUP")) == []


@pytest.mark.parametrize(
    ("tracked", "reason"),
    [
        ({}, ""),
        ({"drain": "0\n", "proxy": "0\n"}, ""),
        ({"drain": "-253\n"}, "the node is drained"),
        ({"uplink": "-126\n"}, "the node reaches none of its uplinks"),
        ({"proxy": "-254\n", "watch": "-254"}, "the proxy is stopped, the proxy does not answer"),
    ],
)
def test_reason_of(tracked, reason):
    assert reason_of(tracked) == reason


def test_read_look_without_a_look(tmp_path):
    assert read_look(tmp_path / "look.json") == NOTHING_YET
    (tmp_path / "look.json").write_text("{")
    assert read_look(tmp_path / "look.json") == NOTHING_YET

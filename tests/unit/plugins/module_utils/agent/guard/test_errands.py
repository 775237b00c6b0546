# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that the guard runs, and what it tells."""

from __future__ import annotations

import json
import os
import time

import pytest
from module_utils.agent.guard.errands import NOBODY_KNOWS, Errands, at_once
from module_utils.agent.guard.record import MOST_ACTS, Complaints, Record


def test_a_program_at_once():
    assert at_once(("sh", "-c", "echo out; echo err >&2; exit 3")) == (3, "out\nerr\n")
    assert at_once(("/nonesuch",))[0] == NOBODY_KNOWS
    code, _said = at_once(("sleep", "60"), 0.05)
    assert code == NOBODY_KNOWS


def test_a_program_beside_the_ticks():
    errands, done = Errands(), []
    errands.start("one", ("sh", "-c", "read line; echo said; exit 1"), lambda *told: done.append(told))
    errands.start("one", ("sh", "-c", "echo never"), lambda *told: done.append(told))
    deadline = time.monotonic() + 10
    while errands.busy("one") and time.monotonic() < deadline:
        errands.reap()
    assert done == [(1, "said")]
    errands.start("two", ("/nonesuch",), lambda *told: done.append(told))
    assert done[1][0] == NOBODY_KNOWS


def test_acts_are_told_and_kept(tmp_path, capsys):
    path = str(tmp_path / "guard.json")
    record = Record(path)
    for number in range(MOST_ACTS + 5):
        record.tick(float(number), 1000.0 + number)
        record.mended(f"cause {number}", "did")
    record.write({"": "silent", "web": "deaf"}, 2.0)
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    assert (found["node_unfit"], found["unfit"], found["waits_until"]) == ("silent", {"web": "deaf"}, 1026.0)
    assert [act["cause"] for act in found["acts"]] == [f"cause {number}" for number in range(5, MOST_ACTS + 5)]
    assert capsys.readouterr().out.startswith("cause 0: did\n")
    assert Record(path).acts == found["acts"]


@pytest.mark.parametrize("text", ["", "[]", '{"acts": 5}', '{"acts": [5]}'])
def test_a_record_that_is_none_of_ours(tmp_path, text):
    (tmp_path / "guard.json").write_text(text)
    assert Record(str(tmp_path / "guard.json")).acts == []


def test_a_record_is_not_written_without_news(tmp_path):
    record = Record(str(tmp_path / "guard.json"))
    record.tick(1.0, 1.0)
    record.write({}, None)
    before = os.stat(tmp_path / "guard.json").st_ino
    record.tick(1.5, 1.5)
    record.write({}, None)
    assert os.stat(tmp_path / "guard.json").st_ino == before
    record.write({"web": "deaf"}, None)
    assert os.stat(tmp_path / "guard.json").st_ino != before


def test_a_trouble_is_said_once(capsys):
    complain = Complaints()
    for _each in range(3):
        complain("/run is read-only")
    assert capsys.readouterr().out == "/run is read-only\n"
    complain.forget("/run is read-only")
    complain("/run is read-only")
    assert capsys.readouterr().out == "/run is read-only\n"

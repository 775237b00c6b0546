# SPDX-License-Identifier: GPL-3.0-or-later
"""What agents say is read as what a stranger says: whatever lies there, the answer has its shape and its size."""

from __future__ import annotations

import json
import os
import time

import pytest
from answers import as_documented
from module_utils.keepalived.live import agents
from module_utils.keepalived.live.agents import ear_said, guard_said, runs, stopped

NOW = 5000.0
ACT = {"time": 1.7e9, "monotonic": 4990.0, "cause": "it was frozen", "did": "killed it"}
GUARD = {"time": 1.7e9, "monotonic": 4999.5, "unfit": {"web": "is deaf"}, "node_unfit": "", "acts": [ACT]}
FOUND = {"name": "web", "kind": "stranger", "message": "a stranger", "since": 1.7e9}
LOST = {"address": "192.0.2.1", "port": 443, "reached": False, "since": 4988.0, "why": "refused"}
EAR = {"time": 1.7e9, "monotonic": 4999.9, "began": 4000.0, "findings": [FOUND], "uplinks": [LOST], "routers": []}
NOBODY = {"installed": True, "age_seconds": None}
NO_GUARD = {**NOBODY, "node_unfit": "", "unfit": [], "acts": []}
NO_EAR = {**NOBODY, "listened_seconds": None, "findings": [], "unreached": []}


@pytest.fixture
def said(tmp_path, collections):
    """Return what is read of a file with this content, by guard_said or ear_said."""

    def said(read, data):
        path = tmp_path / "said.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        found = read(path, True, NOW)
        key = "guard" if read is guard_said else "ear"
        look = {"running": True, "proxy": "ok", "instances": [], "drain": None, "units": [], "held": []}
        as_documented("vrrp_info", {**look, key: found})
        return found

    return said


def test_a_guard(said):
    act = {"time": 1.7e9, "cause": "it was frozen", "did": "killed it", "age_seconds": 10.0}
    assert said(guard_said, GUARD) == {
        **{"installed": True, "age_seconds": 0.5, "node_unfit": ""},
        **{"unfit": [{"name": "web", "why": "is deaf"}], "acts": [act]},
    }


def test_a_reason_has_the_node_as_its_subject(said):
    found = said(guard_said, {**GUARD, "node_unfit": "keepalived stands still", "unfit": {"web": "keepalived"}})
    assert found["node_unfit"] == "has a keepalived that stands still"
    assert found["unfit"] == [{"name": "web", "why": "keepalived"}]


def test_an_ear(said):
    lost = {"address": "192.0.2.1", "port": 443, "why": "refused", "for_seconds": 12.0}
    heard = {"listened_seconds": 1000.0, "findings": [FOUND], "unreached": [lost]}
    assert said(ear_said, EAR) == {"installed": True, "age_seconds": 0.1, **heard}


def test_uplinks_that_are_reached_or_not_probed_yet(said):
    assert said(ear_said, {**EAR, "uplinks": [{**LOST, "reached": each} for each in (True, None)]})["unreached"] == []


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", "[" * 100_000, '{"monotonic": 1', "\x00\xff"])
@pytest.mark.parametrize(("read", "nothing"), [(guard_said, NO_GUARD), (ear_said, NO_EAR)])
def test_what_is_no_mapping_says_nothing(said, text, read, nothing):
    assert said(read, text) == nothing


@pytest.mark.parametrize(
    "wrong", [None, True, "x", -1, 10**400, 1e999, float("nan"), [], [[]], {}, {"a": {"b": [1]}}, NOW + 60]
)
def test_values_of_other_types(said, wrong):
    for read, whole in ((guard_said, GUARD), (ear_said, EAR)):
        for key in whole:
            said(read, {**whole, key: wrong})
    assert said(guard_said, {**GUARD, "unfit": {"web": wrong}})["unfit"] in ([], [{"name": "web", "why": "x"}])
    for key in ACT:
        for act in said(guard_said, {**GUARD, "acts": [{**ACT, key: wrong}, wrong]})["acts"]:
            assert act["age_seconds"] >= 0
    for key in FOUND:
        said(ear_said, {**EAR, "findings": [{**FOUND, key: wrong}, wrong]})
    for key in LOST:
        said(ear_said, {**EAR, "uplinks": [{**LOST, key: wrong}, wrong]})


def test_a_moment_that_has_not_come_yet_is_none(said):
    """It would make an agent that ended young for ever."""
    assert said(guard_said, {**GUARD, "monotonic": NOW + 60})["age_seconds"] is None
    assert said(guard_said, {**GUARD, "monotonic": NOW + 0.01})["age_seconds"] == 0


def test_much_of_everything(said):
    found = said(
        guard_said,
        {**GUARD, "unfit": {f"i{number}": "A" * 1000 for number in range(1000)}, "acts": [ACT] * 1000},
    )
    assert (len(found["unfit"]), len(found["acts"])) == (agents.MOST, agents.MOST_ACTS)
    assert max(len(each["why"]) for each in found["unfit"]) == agents.LONGEST
    heard = said(ear_said, {**EAR, "findings": [FOUND] * 1000, "uplinks": [LOST] * 1000})
    assert (len(heard["findings"]), len(heard["unreached"])) == (agents.MOST, agents.MOST)


@pytest.mark.parametrize(
    "text", ["A" * agents.MOST_BYTES + "A", '{"monotonic": ' + "9" * (agents.MOST_BYTES - 20) + "}"]
)
def test_a_huge_file_takes_no_time(said, text):
    begin = time.process_time()
    assert said(ear_said, text) == NO_EAR
    assert time.process_time() - begin < 1.0


def test_a_text_is_one_line(said):
    assert said(guard_said, {**GUARD, "node_unfit": " a\nb\n"})["node_unfit"] == "a b"


def test_what_is_no_file_is_not_read(tmp_path):
    """A link could lead to a secret, and a pipe would be waited for."""
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(EAR))
    link, pipe = tmp_path / "link.json", tmp_path / "pipe.json"
    link.symlink_to(secret)
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path, tmp_path / "nothing"):
        assert ear_said(path, True, NOW) == NO_EAR
    assert ear_said(secret, True, NOW)["findings"] == [FOUND]


@pytest.mark.parametrize(
    ("said", "is_running", "is_stopped"),
    [
        ({"installed": True, "age_seconds": 10.0}, True, False),
        ({"installed": True, "age_seconds": 10.1}, False, True),
        ({"installed": True, "age_seconds": None}, False, True),
        ({"installed": False, "age_seconds": None}, False, False),
        ({}, False, False),
    ],
)
def test_whether_an_agent_runs(said, is_running, is_stopped):
    assert (runs(said), stopped(said)) == (is_running, is_stopped)

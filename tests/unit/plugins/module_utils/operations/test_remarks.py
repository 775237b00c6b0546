# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.operations.remarks import remarks

GUARD = {"installed": True, "age_seconds": 0.2, "unfit": [], "node_unfit": "", "acts": []}
EAR = {"installed": True, "age_seconds": 0.4, "listened_seconds": 60.0, "findings": [], "unreached": []}
LOOK = {"running": True, "proxy": "ok", "guard": GUARD, "ear": EAR, "drift": []}
ACT = {
    "time": 1700000000.0,
    "age_seconds": 60.0,
    "cause": "keepalived did not answer for 2 s",
    "did": "restarted keepalived",
}
FOUND = {
    **{"name": "web", "kind": "stranger", "since": 1700000000.0},
    "message": "192.0.2.99 sends adverts of VRID 10 on eth0.",
}
LOST = {"address": "192.0.2.1", "port": None, "why": "", "for_seconds": 12.4}


def notes(lb1, lb2=None):
    return remarks({"lb1": lb1, "lb2": lb2 or LOOK})["notes"]


def test_nothing_to_say():
    assert remarks({"lb1": LOOK, "lb2": {}}) == {"acts": [], "heard": [], "drift": [], "notes": []}


@pytest.mark.parametrize("age", [None, 11.0])
@pytest.mark.parametrize(
    ("agent", "so"), [("guard", "nothing mends its keepalived"), ("ear", "nobody hears strangers there")]
)
def test_an_agent_that_does_not_run(age, agent, so):
    gone = {**LOOK, agent: {**LOOK[agent], "age_seconds": age}}
    assert notes(gone) == [f"lb1: its {agent} does not run, so {so}: see journalctl -u ha_lb-{agent}"]


@pytest.mark.parametrize("agent", ["guard", "ear"])
def test_a_node_that_has_none_yet_has_not_lost_it(agent):
    assert notes({**LOOK, agent: {**LOOK[agent], "installed": False, "age_seconds": None}}) == []


@pytest.mark.parametrize(
    ("drift", "note"),
    [
        (
            {"unit": "keepalived", "path": "/etc/keepalived/keepalived.conf", "kind": "loaded"},
            "lb1: keepalived runs another configuration than /etc/keepalived/keepalived.conf has: "
            "site puts the wanted one in force",
        ),
        (
            {"unit": "haproxy", "path": "/etc/haproxy/haproxy.cfg", "kind": "staged"},
            "lb1: /etc/haproxy/haproxy.cfg is not what site has staged last: site puts that in force",
        ),
    ],
)
def test_a_configuration_that_is_not_the_wanted_one(drift, note):
    assert notes({**LOOK, "drift": [drift]}) == [note]
    assert notes({**LOOK, "drift": [{**drift, "kind": "unknown"}]}) == []
    assert notes({**LOOK, "drift": [drift], "running": False, "proxy": "Connection refused"}) == []


def test_what_ears_have_heard_is_told_once():
    heard = {**LOOK, "ear": {**EAR, "findings": [FOUND]}}
    later = {**LOOK, "ear": {**EAR, "findings": [{**FOUND, "since": 1700000060.0}]}}
    told = "lb1 and lb2, since 2023-11-14 22:13 UTC: 192.0.2.99 sends adverts of VRID 10 on eth0"
    assert notes(heard, later) == [told]
    assert remarks({"lb1": heard})["heard"] == [{"node": "lb1", **FOUND}]


def test_a_node_that_says_much_is_told_of_in_few_lines():
    heard = {**LOOK, "ear": {**EAR, "findings": [FOUND] * 5000}}
    assert notes(heard) == ["lb1, since 2023-11-14 22:13 UTC: 192.0.2.99 sends adverts of VRID 10 on eth0"]
    long = {**FOUND, "message": "A" * 100_000}
    (line,) = notes({**LOOK, "ear": {**EAR, "findings": [long]}})
    assert len(line) < 400


@pytest.mark.parametrize(
    ("lost", "note"),
    [
        (LOST, "lb1 does not reach its uplink 192.0.2.1 for 12 s"),
        (
            {**LOST, "port": 443, "why": "refused"},
            "lb1 does not reach its uplink 192.0.2.1 port 443 for 12 s (refused)",
        ),
    ],
)
def test_an_uplink_that_is_not_reached(lost, note):
    assert notes({**LOOK, "ear": {**EAR, "unreached": [lost]}}) == [note]


def test_acts_of_the_guard_are_told_for_a_day():
    old = {**ACT, "age_seconds": 86401.0}
    found = remarks({"lb1": {**LOOK, "guard": {**GUARD, "acts": [old, ACT]}}})
    assert found["acts"] == [{"node": "lb1", **ACT}]
    assert found["notes"] == [
        "lb1: at 2023-11-14 22:13 UTC its guard restarted keepalived, because keepalived did not answer for 2 s"
    ]


def test_of_many_acts_the_last_ones_and_their_number():
    many = [{**ACT, "did": f"did {number}"} for number in range(20)]
    lines = notes({**LOOK, "guard": {**GUARD, "acts": many}})
    assert [line for number in (17, 18, 19) for line in lines if f"did {number}," in line] == lines[:3]
    assert lines[3:] == ["lb1: its guard acted 20 times in a day: see journalctl -u ha_lb-guard"]


def test_the_same_act_is_told_once():
    acts = [{**ACT, "time": ACT["time"] - 3600}, {**ACT, "did": "removed 192.0.2.10"}, ACT]
    assert notes({**LOOK, "guard": {**GUARD, "acts": acts}}) == [
        "lb1: at 2023-11-14 22:13 UTC its guard removed 192.0.2.10, because keepalived did not answer for 2 s",
        "lb1: at 2023-11-14 22:13 UTC, the last of 2 times in a day, its guard restarted keepalived, because "
        "keepalived did not answer for 2 s",
    ]

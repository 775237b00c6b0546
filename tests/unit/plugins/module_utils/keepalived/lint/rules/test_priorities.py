# SPDX-License-Identifier: GPL-3.0-or-later
"""Priorities, state and nopreempt, and weights that change priorities."""

from __future__ import annotations

import pytest
from configurations import findings, instance, places, spread

CHECK = spread("vrrp_script chk { script /bin/true ; weight %d }")
TRACKED = "track_script { chk }"


def three(*priorities):
    return [instance(priority=priority) for priority in priorities]


def test_equal_priorities():
    assert places("KA122", *three(250, 240, 250)) == ["lb3: priority 250"]
    assert not places("KA122", *three(250, 240, 230))
    assert not places("KA122", instance(), instance(name="VI_2", vips=("192.0.2.20",)))


@pytest.mark.parametrize(
    ("priorities", "own", "count"),
    [
        ((255, 254), None, 0),
        ((255, 254), "192.0.2.10", 0),
        ((255, 254), "192.0.2.11", 1),
        ((255, 255), None, 2),
        ((254, 250), "192.0.2.11", 0),
    ],
)
def test_priority_255_without_own_address(priorities, own, count):
    facts = {} if own is None else {"interfaces": [{"name": "eth0", "addresses": [], "own": [own]}]}
    assert len(findings("KA123", *three(*priorities), lb1=facts)) == count


@pytest.mark.parametrize(
    ("rule", "lines", "priority", "count"),
    [
        ("KA124", "state MASTER", "", 1),
        ("KA124", "state MASTER", "priority 254", 0),
        ("KA124", "state BACKUP", "", 0),
        ("KA125", "state MASTER", "priority 254", 1),
        ("KA125", "state MASTER", "priority 255", 0),
        ("KA125", "state MASTER", "", 0),
        ("KA126", "nopreempt ; state MASTER", "priority 254", 1),
        ("KA126", "nopreempt", "priority 255", 1),
        ("KA126", "nopreempt", "priority 254", 0),
        ("KA126", "nopreempt ; preempt ; state MASTER", "priority 254", 0),
    ],
)
def test_state_master(rule, lines, priority, count):
    assert len(findings(rule, instance(lines).replace("priority 254", priority))) == count


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("", "nopreempt", ["lb1"]),
        ("nopreempt", "", []),  # the node with the lowest priority cannot preempt
        ("nopreempt", "nopreempt", []),
        ("", "", []),
        ("nopreempt ; state MASTER", "nopreempt", []),  # keepalived clears it; KA126 reports that
    ],
)
def test_nopreempt_on_some_nodes_only(first, second, expected):
    texts = instance(first), instance(second, priority=250)
    assert [each.node for each in findings("KA128", *texts)] == expected


@pytest.mark.parametrize(
    ("lines", "priorities", "outage"),
    [
        ("", (150, 100), "0.61 s"),
        ("", (254, 128), None),
        ("", (254, 127), "0.50 s"),
        ("", (100, 254), "0.61 s"),
        ("version 3 ; advert_int 0.1", (150, 100), None),
        ("version 3 ; advert_int 3", (254, 200), "0.66 s"),
    ],
)
def test_outage_of_a_planned_stop(lines, priorities, outage):
    found = findings("KA174", *(instance(lines, priority=priority) for priority in priorities))
    assert [outage in each.effect for each in found] == [True] * (outage is not None)


def test_the_second_priority_decides_the_outage():
    assert not findings("KA174", *three(254, 250, 10))
    assert [each.node for each in findings("KA174", *three(254, 10, 100))] == ["lb3"]


def weighed(weight, *instances):
    """Return (rule, node) of all findings about weights."""
    texts = [CHECK % weight + each for each in instances]
    return {(rule, each.node) for rule in ("KA127", "KA129", "KA130", "KA132") for each in findings(rule, *texts)}


@pytest.mark.parametrize(
    ("weight", "lines", "priorities", "expected"),
    [
        (-50, TRACKED, (150, 100), {("KA129", "lb1")}),
        (-51, TRACKED, (150, 100), set()),
        (50, TRACKED, (150, 100), {("KA132", "lb1")}),
        (51, TRACKED, (150, 100), set()),
        (-51, TRACKED + "nopreempt", (150, 100), {("KA127", "lb1")}),
        (0, TRACKED + "nopreempt", (150, 100), set()),
        (0, TRACKED, (150, 100), set()),
        (20, TRACKED, (250, 245), {("KA130", "lb1")}),
        (-2, "", (254, 250), set()),  # defined but not tracked
        (-2, TRACKED, (255, 250), set()),  # KA123 reports the owner
    ],
)
def test_weights_and_priorities(weight, lines, priorities, expected):
    assert weighed(weight, *(instance(lines, priority=priority) for priority in priorities)) == expected


def test_members_of_a_sync_group_have_no_weights():
    group = spread("vrrp_sync_group G { group { VI_1 } }")
    lines = instance(TRACKED), instance(TRACKED, priority=250)
    assert weighed(-2, *lines) == {("KA129", "lb1")}
    assert not weighed(-2, *(group + each for each in lines))


def test_a_finding_describes_the_failure():
    texts = [CHECK % -2 + instance(TRACKED, priority=priority) for priority in (150, 100)]
    (found,) = findings("KA129", *texts)
    assert found.message == "chk has weight -2 on lb1, and lb1 has priority 150 and lb2 100 in VI_1"
    assert found.effect == "when the script chk fails on lb1, lb1 keeps 192.0.2.10 with priority 148 against 100 of lb2"
    assert found.values == {"lb1": "148", "lb2": "100"}
    assert texts[0].splitlines()[found.line - 1].strip() == "chk"


def test_a_finding_describes_a_pair_of_failures():
    texts = [
        CHECK % -20 + instance(TRACKED, priority=250),
        instance(priority=240),
        instance(priority=200),
    ]
    (found,) = findings("KA129", *texts)
    assert found.effect == (
        "when the script chk fails on lb1 and lb2 is down, lb1 keeps 192.0.2.10 with priority 230 against 200 of lb3"
    )
    assert found.values == {"lb1": "230", "lb2": "down", "lb3": "200"}

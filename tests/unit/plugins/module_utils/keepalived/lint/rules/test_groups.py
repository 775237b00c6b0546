# SPDX-License-Identifier: GPL-3.0-or-later
"""Sync groups: which instances are two halves of one service."""

from __future__ import annotations

import re
import time
from itertools import combinations

import pytest
from configurations import node
from hypothesis import given
from hypothesis import strategies as st
from module_utils.keepalived.lint.rules.groups import RULES

APART = next(rule for rule in RULES if rule.id == "KA145")
ADDRESSES = {4: "192.0.2.1", 6: "2001:db8::1"}


def config(instances):
    return "".join(
        f"vrrp_instance {name} {{\ninterface {interface}\nvirtual_ipaddress {{\n{ADDRESSES[family]}\n}}\n}}\n"
        for name, family, interface in instances
    )


def pairs(instances):
    """Return the pairs of names that the rule reports."""
    found = APART.check([node("lb1", config(instances))])
    return [tuple(re.split(", | and ", each.message.partition(" look")[0])) for each in found]


@pytest.mark.parametrize(
    ("instances", "expected"),
    [
        ([("web4", 4, "eth0"), ("web6", 6, "eth0")], True),
        ([("web_v4", 4, "eth0"), ("web", 6, "eth0")], True),
        ([("web4", 4, "eth0"), ("web6", 4, "eth0")], False),
        ([("web4", 4, "eth0"), ("mail6", 6, "eth0")], False),
        ([("web_in", 4, "eth0"), ("web_out", 4, "eth1")], True),
        ([("web_in", 4, "eth0"), ("web_out", 4, "eth0")], False),
        ([("web_in", 4, "eth0"), ("web_out", 6, "eth1")], False),
        ([("4", 4, "eth0"), ("6", 6, "eth0")], False),
    ],
)
def test_two_halves_of_one_service(instances, expected):
    assert pairs(instances) == [(instances[0][0], instances[1][0])] * expected


def test_all_pairs_of_three_are_reported():
    assert sorted(pairs([("web", 4, "eth0"), ("web_in", 4, "eth1"), ("web_out", 4, "eth2")])) == [
        ("web", "web_in"),
        ("web", "web_out"),
        ("web_in", "web_out"),
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "a4", "a6", "a_v6", "a_in", "a_out", "b", "b4", "b-ext"]),
            st.sampled_from([4, 6]),
            st.sampled_from(["eth0", "eth1"]),
        ),
        max_size=6,
        unique_by=lambda each: each[0],
    )
)
def test_the_pairs_of_many_instances_are_those_of_every_two(instances):
    alone = [pair for two in combinations(instances, 2) for pair in pairs(two)]
    assert sorted(pairs(instances)) == sorted(alone)


def seconds(count):
    nodes = [node("lb1", config((f"s{at}_x", 4 + at % 2 * 2, "eth0") for at in range(count)))]
    taken = []
    for _again in range(3):
        begin = time.process_time()
        assert not list(APART.check(nodes))
        taken.append(time.process_time() - begin)
    return min(taken)


def test_time_grows_linearly_with_instances():
    assert seconds(800) / seconds(100) < 24

# SPDX-License-Identifier: GPL-3.0-or-later
"""What every way to load a change costs. docs/changes.md has the same, measured on keepalived."""

from __future__ import annotations

from dataclasses import replace

import pytest
from module_utils.operations.site.shortest_split import Cost, best_way, cost_of, cost_of_a_roll
from module_utils.operations.site.unrolled import unrolled

from .test_unrolled import MULTICAST, NODES, OTHER, V2, cluster, pair

NOTHING = Cost(0.0, 0.0)


def changes(before, after):
    return unrolled(pair(**before), pair(**after), NODES)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, V2),
        (V2, {}),
        (V2, {**V2, "auth": "PASS secret"}),
        (V2, {**V2, "interval": 2.0}),
        ({**V2, "interval": 2.0}, V2),
        ({}, {"addresses": OTHER}),
    ],
)
def test_an_instance_that_stays_the_same_does_not_split(before, after):
    change = changes(before, after)
    assert best_way(change) == (0.0, NOTHING)
    assert cost_of_a_roll(change).two > 3.0


@pytest.mark.parametrize(
    ("before", "after"), [({}, {"vrid": 77}), ({}, MULTICAST), (MULTICAST, {}), (V2, {**V2, "vrid": 77})]
)
def test_the_holder_reloads_last_where_the_instance_starts_anew(before, after):
    """Two holders for a moment are better than none."""
    change = changes(before, after)
    takeover = 3 * before.get("interval", 0.1)
    at_once = cost_of(change, 0.0)
    assert takeover * 0.7 < at_once.none < takeover * 1.2
    way = best_way(change)
    assert takeover < way.last_waits < takeover + 0.3
    assert way.cost.none == 0
    assert 0 < way.cost.two < 0.25
    assert cost_of_a_roll(change).two > 3.0


def test_three_nodes():
    change = unrolled(cluster(*NODES), cluster(*NODES, **V2), NODES)
    assert best_way(change) == (0.0, NOTHING)


def test_a_sync_group_is_one_unit():
    both = [[*pair(sync_group="g"), *pair(sync_group="g", instance="api", vrid=vrid)] for vrid in (11, 12)]
    (change,) = unrolled(both[0], both[1], NODES)
    assert change.instance == "api"
    assert best_way([change]).cost.none == 0


def test_equal_instances_are_simulated_once():
    before = [replace(each, instance=f"vip{number}", vrid=number) for number in range(1, 200) for each in pair()]
    after = [replace(each, **V2) for each in before]
    found = unrolled(before, after, NODES)
    assert len(found) == 199
    assert best_way(found).cost == NOTHING


def test_no_change_costs_nothing():
    assert best_way(()) == (0.0, NOTHING)
    assert cost_of_a_roll(()) == NOTHING

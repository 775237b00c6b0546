# SPDX-License-Identifier: GPL-3.0-or-later
"""The final active router, as computed, compared with the simulator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.vrrp.simulation import incidents
from module_utils.vrrp.simulation.election import weigh
from module_utils.vrrp.simulation.network import Simulation
from module_utils.vrrp.simulation.routers import Router
from module_utils.vrrp.simulation.succession import Standing, successor
from module_utils.vrrp.weights import FAULT_WEIGHT

WEIGHTS = st.sampled_from([FAULT_WEIGHT, -200, -60, -20, -5, -1, 0, 0, 0, 2, 20, 200])


@pytest.mark.parametrize(
    ("routers", "active", "expected"),
    [
        ([], None, None),
        ([(None, True, 0), (None, True, 1)], 0, None),
        ([(250, True, 0), (254, True, 1)], None, 1),
        ([(250, True, 0), (254, True, 1)], 0, 1),
        ([(250, True, 0), (254, False, 1)], 0, 0),
        ([(None, True, 0), (254, False, 1)], 0, 1),
        ([(250, True, 1), (250, True, 0)], None, 0),
        ([(250, True, 0), (250, True, 1)], 0, 0),  # an equal priority does not preempt
        ([(100, True, 0), (254, False, 1), (150, True, 2)], 0, 2),
    ],
)
def test_successor(routers, active, expected):
    assert successor([Standing(*each) for each in routers], active) == expected


@st.composite
def clusters(draw):
    """Draw routers that hear each other, with the weights of their trackers before and after a failure."""
    count = draw(st.integers(2, 4))
    version = draw(st.sampled_from([2, 3]))
    interval = draw(st.sampled_from([1.0] if version == 2 else [0.1, 1.0]))
    delay = draw(st.sampled_from([0.0, 2.0]))  # the same for all: different ones would decide between equal priorities
    ranks = draw(st.permutations(range(count)))
    routers = [
        Router(
            node=f"lb{index}",
            instance="web",
            vrid=1,
            family="ipv4",
            priority=draw(st.integers(1, 254) | st.sampled_from([99, 100, 101])),
            addresses=frozenset(["192.0.2.100"]),
            address=f"192.0.2.{ranks[index] + 1}",
            version=version,
            interval=interval,
            preempt=preempts,
            preempt_delay=delay if preempts else 0.0,
        )
        for index, preempts in enumerate(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    ]
    before = draw(st.lists(st.sampled_from([0, 0, 2, 20]), min_size=count, max_size=count))
    after = draw(st.lists(WEIGHTS, min_size=count, max_size=count))
    down = draw(st.sets(st.integers(0, count - 1), max_size=2))
    return routers, ranks, before, after, down


def standings(routers, ranks, weights, down=()):
    return [
        Standing(None if index in down else weigh(router.priority, [weights[index]]), router.preempt, ranks[index])
        for index, router in enumerate(routers)
    ]


@given(clusters())
def test_successor_agrees_with_the_simulator(cluster):
    """The expected router is the only active one, and nothing changes any more."""
    routers, ranks, before, after, down = cluster
    simulation = Simulation(routers)
    settle = 3 * simulation.takeover + 3.0
    for router, weight in zip(routers, before, strict=True):
        simulation.hosts[router.node].trackers["check"] = weight
    incidents.start_all(simulation)
    simulation.run(settle)
    first = successor(standings(routers, ranks, before))
    assert simulation.holders("web") == [routers[first].node]
    for index, router in enumerate(routers):
        if index in down:
            incidents.power_off(simulation, router.node)
        else:
            simulation.track(router.node, "check", after[index])
    simulation.run(2 * settle)
    last = successor(standings(routers, ranks, after, down), first)
    assert simulation.holders("web") == ([] if last is None else [routers[last].node])
    simulation.changes.clear()
    simulation.run(3 * settle)
    assert simulation.changes == []

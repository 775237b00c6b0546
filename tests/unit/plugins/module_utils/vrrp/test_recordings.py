# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator does what real keepalived did: `make recordings` wrote down what that was.

A recording says what was done to three nodes, and who held which address from when on. What no election decides comes
from the recording too: when a keepalived that was started was ready, and when Linux noticed a cable.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
from module_utils.vrrp.incidents import INCIDENTS, start
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster
from module_utils.vrrp.routers import Generation, routers_of
from module_utils.vrrp.simulation import Simulation

FIXTURES = sorted((Path(__file__).parents[4] / "fixtures" / "recordings").glob("*.json"))
# The interval is 0.1 s, and nobody wrote down where in it the first thing was done
PHASES = [phase / 100 for phase in range(0, 10, 2)]
# A phase is off by 10 ms at most; the rest is a busy machine with two cores, on which the log of a node is written late
TOLERANCE = 0.06
AT_REST = 20.0


def recordings():
    for path in FIXTURES:
        fixture = json.loads(path.read_text())
        for recording in fixture["recordings"]:
            yield pytest.param(fixture, recording, id=f"{path.stem}: {recording['name']}")


def replayed(fixture, recording, phase):
    """Return the changes of each address, as the simulator has them: (seconds, node, held)."""
    settings = Settings(preempt=fixture["preempt"], preempt_delay=fixture["preempt_delay"])
    cluster = read_cluster(fixture["nodes"], fixture["vips"], settings=settings)
    simulation = Simulation(routers_of(cluster, lay_out(cluster), Generation(fixture["generation"])))
    for node in simulation.hosts:
        simulation.at(0.0 if node in recording["first"] or not recording["first"] else 5.0, start, node)
    simulation.run(AT_REST + phase)
    assert addresses_held(simulation) == recording["before"]
    held = {(node, instance) for node, host in simulation.hosts.items() for instance in host.held}
    simulation.changes.clear()
    for each in recording["events"]:
        extra = [each["noticed"]] if "noticed" in each else []
        simulation.at(AT_REST + phase + each["at"], INCIDENTS[each["what"]], *each["nodes"], *extra)
    last = max(each["at"] for each in [*recording["events"], *recording["seen"]])
    simulation.run(AT_REST + phase + last + 2.0)
    return changes_of(simulation, held, AT_REST + phase)


def addresses_held(simulation):
    by_instance = {each.instance: each.addresses for each in simulation.routers}
    return {
        node: sorted(address for instance in host.held for address in by_instance[instance])
        for node, host in sorted(simulation.hosts.items())
    }


def changes_of(simulation, held, origin):
    by_instance = {each.instance: each.addresses for each in simulation.routers}
    changes = defaultdict(list)
    for each in simulation.changes:
        if each.held is not ((each.node, each.instance) in held):
            held ^= {(each.node, each.instance)}
            for address in by_instance[each.instance]:
                changes[address].append((each.at - origin, each.node, each.held))
    return changes


def recorded(recording):
    held = {node: set(addresses) for node, addresses in recording["before"].items()}
    changes = defaultdict(list)
    for each in recording["seen"]:
        for address in held[each["node"]] ^ set(each["held"]):
            changes[address].append((each["at"], each["node"], address in each["held"]))
        held[each["node"]] = set(each["held"])
    return changes


def difference(one, other):
    """Return the greatest distance in time, or None where not the same nodes took and dropped an address."""
    if {node: [held for _, at, held in one if at == node] for _, node, _ in one} != {
        node: [held for _, at, held in other if at == node] for _, node, _ in other
    }:
        return None
    paired = zip(sorted(one, key=lambda each: each[1]), sorted(other, key=lambda each: each[1]), strict=True)
    return max((abs(left[0] - right[0]) for left, right in paired), default=0.0)


@pytest.mark.parametrize(("fixture", "recording"), recordings())
def test_the_simulator_does_what_keepalived_did(fixture, recording):
    seen = recorded(recording)
    runs = [replayed(fixture, recording, phase) for phase in PHASES]
    for address in {address for run in [seen, *runs] for address in run}:
        differences = [difference(run[address], seen[address]) for run in runs]
        same = [each for each in differences if each is not None]
        assert same, (seen[address], runs[0][address])
        assert min(same) <= TOLERANCE, (seen[address], [run[address] for run in runs])


def test_there_are_enough_of_them():
    for generation in Generation:
        fixtures = [json.loads(path.read_text()) for path in FIXTURES]
        assert sum(len(each["recordings"]) for each in fixtures if each["generation"] == generation.value) >= 20

# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator agrees with real keepalived, as recorded by `make recordings`.

A recording has the incidents of three nodes, and the holders of every address over time. Times that no election
decides are taken from the recording: when a started keepalived was ready, and when Linux noticed a cable.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster
from module_utils.vrrp.simulation.events import Advert, Recover, SuperiorAdvert
from module_utils.vrrp.simulation.incidents import INCIDENTS, start
from module_utils.vrrp.simulation.machine import TABLE, Machine, Row, State
from module_utils.vrrp.simulation.network import Simulation
from module_utils.vrrp.simulation.routers import Generation, routers_of

FIXTURES = {
    path.stem: json.loads(path.read_text())
    for path in sorted((Path(__file__).parents[5] / "fixtures" / "recordings").glob("*.json"))
}
# Seconds into the interval of 0.1 s at which the first incident happened: it is not recorded
PHASES = [phase / 100 for phase in range(10)]
# 10 ms for the phase, the rest for a busy machine: of 312 changes half are within 4 ms, and nine of ten within 22 ms
TOLERANCE = 0.06
# systemd notices a kill and starts a script in 86 to 190 ms, with three nodes on two cores
SCRIPT_TOLERANCE = 0.25


class Change(NamedTuple):
    """One node takes an address, or drops it."""

    node: str
    at: float
    held: bool
    by_script: bool = False


def recordings():
    return [
        pytest.param(name, recording, id=f"{name}: {recording['name']}")
        for name, fixture in FIXTURES.items()
        for recording in fixture["recordings"]
    ]


@cache
def settled(name, first):
    """Return the cluster of a fixture at rest; the nodes `first` were started first, and hold everything."""
    fixture = FIXTURES[name]
    settings = Settings(preempt=fixture["preempt"], preempt_delay=fixture["preempt_delay"])
    cluster = read_cluster(fixture["nodes"], fixture["vips"], settings=settings)
    routers = routers_of(cluster, lay_out(cluster), Generation(fixture["generation"]))
    simulation = Simulation([as_recorded(fixture, each) for each in routers])
    for node in simulation.hosts:
        simulation.at(0.0 if node in first else 1.0, start, node)
    simulation.run(3.0)
    return simulation


def as_recorded(fixture, router):
    """Return the router with the preempt_delay that it had in the recording."""
    waits = router.instance in fixture["waiting"][router.node]
    return replace(router, preempt_delay=fixture["preempt_delay"] if waits else 0.0)


def replayed(name, recording, phase):
    """Return the changes of every address in the simulator."""
    simulation = settled(name, tuple(recording["first"])).copy()
    origin = simulation.now + phase
    simulation.run(origin)
    held = {(node, address) for node, addresses in recording["before"].items() for address in addresses}
    assert held == addresses_held(simulation)
    for event in recording["events"]:
        simulation.at(origin + event["at"], INCIDENTS[event["what"]], *event["nodes"])
    simulation.run(origin + max(entry["at"] for entry in [*recording["events"], *recording["seen"]]) + 1.0)
    return changes_of(simulation, held, origin)


def addresses_held(simulation):
    addresses = {router.instance: router.addresses for router in simulation.routers}
    return {
        (node, address)
        for node, host in simulation.hosts.items()
        for instance in host.held
        for address in addresses[instance]
    }


def changes_of(simulation, held, origin):
    addresses = {router.instance: router.addresses for router in simulation.routers}
    changes = defaultdict(list)
    for transition in simulation.changes:
        for address in addresses[transition.instance]:
            if transition.held is not ((transition.node, address) in held):
                held ^= {(transition.node, address)}
                by_script = transition.state is State.INITIALIZE
                changes[address].append(Change(transition.node, transition.at - origin, transition.held, by_script))
    return changes


def recorded(recording):
    """Return the recorded changes of every address."""
    held = {node: set(addresses) for node, addresses in recording["before"].items()}
    changes = defaultdict(list)
    for entry in recording["seen"]:
        node, now = entry["node"], set(entry["held"])
        for address in held[node] ^ now:
            changes[address].append(Change(node, entry["at"], address in now))
        held[node] = now
    return changes


def agree(simulated, seen):
    """Tell whether every node took and dropped the address as often, at nearly the same times."""
    pairs = list(zip(sorted(simulated), sorted(seen), strict=False))
    return len(simulated) == len(seen) and all(
        (one.node, one.held) == (other.node, other.held)
        and abs(one.at - other.at) <= (SCRIPT_TOLERANCE if one.by_script else TOLERANCE)
        for one, other in pairs
    )


def check(name, recording):
    """Assert that for every address there is a phase with which the simulator agrees."""
    seen = recorded(recording)
    doubtful = {address for addresses in recording["before"].values() for address in addresses}
    for phase in PHASES:
        simulated = replayed(name, recording, phase)
        doubtful = {address for address in doubtful if not agree(simulated[address], seen[address])}
        if not doubtful:
            return
    raise AssertionError({address: (seen[address], simulated[address]) for address in doubtful})


def check_all():
    for name, fixture in FIXTURES.items():
        for recording in fixture["recordings"]:
            check(name, recording)


@pytest.mark.parametrize(("name", "recording"), recordings())
def test_recordings_agree_with_the_simulator(name, recording):
    check(name, recording)


@pytest.mark.parametrize("generation", Generation)
def test_recordings_of_both_generations(generation):
    those = [fixture for fixture in FIXTURES.values() if fixture["generation"] == generation.value]
    assert sum(len(fixture["recordings"]) for fixture in those) >= 20


@pytest.mark.parametrize(
    "rows",
    [
        {(State.BACKUP, Advert): Row(State.BACKUP, Machine._discard)},
        dict.fromkeys([(State.ACTIVE, Advert), (State.ACTIVE, SuperiorAdvert)], Row(State.ACTIVE, Machine._discard)),
        {(State.FAULT, Recover): Row(State.FAULT, Machine._ignore)},
    ],
)
def test_recordings_disagree_with_a_wrong_machine(monkeypatch, rows):
    for name, fixture in FIXTURES.items():
        for recording in fixture["recordings"]:
            settled(name, tuple(recording["first"]))
    for key, row in rows.items():
        monkeypatch.setitem(TABLE, key, row)
    with pytest.raises(AssertionError):
        check_all()

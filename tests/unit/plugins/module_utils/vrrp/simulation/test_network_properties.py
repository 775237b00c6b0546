# SPDX-License-Identifier: GPL-3.0-or-later
"""After any incidents, once the network is whole and time has passed, every VIP has one right holder."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster
from module_utils.vrrp.simulation.events import Advert, Fail, SuperiorAdvert, Timeout
from module_utils.vrrp.simulation.incidents import CARRIER_NOTICED, INCIDENTS, start_all
from module_utils.vrrp.simulation.machine import TABLE, Machine, Row, State
from module_utils.vrrp.simulation.network import Delays, Simulation
from module_utils.vrrp.simulation.routers import Generation, routers_of
from samples import many_nodes

ALONE = sorted(set(INCIDENTS) - {"lose", "regain", "plug", "unplug", "lose_carrier", "regain_carrier"})
DELAYS = Delays()


@dataclass(frozen=True)
class Story:
    """A cluster and its incidents: (intervals since the last incident, name, node, another node or 0)."""

    nodes: int
    families: tuple[str, ...]
    settings: Settings
    generation: Generation
    incidents: tuple[tuple[float, str, int, int], ...]


def vip(number, families):
    addresses = {"4": [f"10.0.0.{number}/16"], "6": [f"fd00::{number}/64"]}
    return {"name": f"vip{number}", "addresses": [each for family in families for each in addresses[family]]}


@st.composite
def stories(draw):
    version = draw(st.sampled_from([2, 3, 3]))
    settings = Settings(
        version=version,
        transport=draw(st.sampled_from(["unicast", "multicast"])),
        advert_interval=1.0 if version == 2 else draw(st.sampled_from([0.1, 0.5, 1.0])),
        down_timer_adverts=draw(st.integers(1, 4)),
        preempt=draw(st.booleans()),
        preempt_delay=draw(st.sampled_from([0.0, 0.7, 2.0])),
    )
    nodes = draw(st.integers(1, 6))
    number = st.integers(1, nodes)
    pause = st.sampled_from([0.0, 0.01, 0.3, 1.0, 2.7, 5.0])
    families = ["4"] if version == 2 else ["4", "6", "46"]
    alone = st.tuples(pause, st.sampled_from(ALONE), number, st.just(0))
    towards = st.tuples(pause, st.sampled_from(["lose", "regain"]), number, number)
    return Story(
        nodes=nodes,
        families=tuple(draw(st.lists(st.sampled_from(families), min_size=1, max_size=8))),
        settings=settings,
        generation=draw(st.sampled_from(Generation)),
        incidents=tuple(draw(st.lists(st.one_of(alone, alone, towards), max_size=6))),
    )


def played(story):
    """Return the cluster after the story, with a whole network, at rest."""
    vips = [vip(number, families) for number, families in enumerate(story.families, 1)]
    cluster = read_cluster(many_nodes(story.nodes), vips, settings=story.settings)
    simulation = Simulation(routers_of(cluster, lay_out(cluster), story.generation), DELAYS)
    simulation.at(0, start_all)
    at = 0.0
    for pause, name, node, other in story.incidents:
        at += pause * story.settings.advert_interval
        simulation.at(at, INCIDENTS[name], f"lb{node}", *([f"lb{other}"] if other else []))
    for node in simulation.hosts:
        # A reload, because an instance may stay deaf after its interface was made again
        for name in ("heal", "thaw", "remake", "reload"):
            simulation.at(at, INCIDENTS[name], node)
        for other in simulation.hosts:
            simulation.at(at, INCIDENTS["regain"], node, other)
    simulation.run(at + longest(simulation, story.settings))
    return simulation


def longest(simulation, settings):
    """Return the seconds until the cluster is at rest: the longest incident, an election, and a preemption."""
    lasting = simulation.takeover + DELAYS.patience + DELAYS.let_go_margin + DELAYS.restart + CARRIER_NOTICED
    return lasting + 3 * simulation.takeover + settings.preempt_delay + 3 * settings.advert_interval


def check(story):
    simulation = played(story)
    simulation.changes.clear()
    for instance in {router.instance for router in simulation.routers}:
        priorities = {
            node: host.groups[instance].machines[instance].priority
            for node, host in simulation.hosts.items()
            if host.serves and host.groups and not host.groups[instance].failed
        }
        holders = simulation.holders(instance)
        assert len(holders) == bool(priorities), (instance, holders, priorities)
        if holders:
            assert holders[0] in priorities
        if holders and story.settings.preempt:
            assert priorities[holders[0]] == max(priorities.values())
    simulation.run(simulation.now + 2 * simulation.takeover)
    assert simulation.changes == []


@given(stories())
def test_every_vip_has_one_right_holder(story):
    check(story)


PAIR = Story(2, ("4", "46"), Settings(preempt_delay=0.0), Generation.SINCE_2_3_3, ())


def pair(*incidents):
    return Story(2, PAIR.families, PAIR.settings, PAIR.generation, incidents)


RETURN = pair((5, "fail", 1, 0), (5, "recover", 1, 0))
WRONG = {
    "an active router never yields": (
        {
            (State.ACTIVE, Advert): Row(State.ACTIVE, Machine._discard),
            (State.ACTIVE, SuperiorAdvert): Row(State.ACTIVE, Machine._discard),
        },
        pair((5, "fail", 1, 0), (5, "recover", 1, 0)),
    ),
    "a backup discards all adverts": ({(State.BACKUP, Advert): Row(State.BACKUP, Machine._discard)}, pair()),
    "a backup never takes over": ({(State.BACKUP, Timeout): Row(State.BACKUP, Machine._hold_back)}, pair()),
    "a backup never preempts": (
        {(State.BACKUP, Advert): Row(State.BACKUP, Machine._hold_back)},
        pair((5, "fail", 1, 0), (5, "recover", 1, 0)),
    ),
    "the VIPs stay in FAULT": ({(State.ACTIVE, Fail): Row(State.FAULT, Machine._disarm)}, pair((5, "fail", 1, 0))),
}


@pytest.mark.parametrize(("rows", "story"), WRONG.values(), ids=WRONG)
def test_every_vip_has_one_right_holder_finds_a_wrong_machine(monkeypatch, rows, story):
    check(story)
    for key, row in rows.items():
        monkeypatch.setitem(TABLE, key, row)
    with pytest.raises(AssertionError):
        check(story)

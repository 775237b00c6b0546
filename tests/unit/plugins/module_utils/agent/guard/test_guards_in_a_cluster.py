# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards on all nodes of a simulated cluster do no harm whatever they see, and leave every node fit."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from module_utils.agent.guard import sight as seen
from module_utils.agent.guard.judge import judge
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster
from module_utils.vrrp.simulation.incidents import start_all
from module_utils.vrrp.simulation.machine import State
from module_utils.vrrp.simulation.routers import Generation, routers_of
from samples import DUAL, LB1, LB2, LB3, WEB
from simulated_guards import Guarded, carry_out, fault, starve
from simulated_senses import Senses

SETTLED = 8.0
UNDO = {
    "freeze": "thaw",
    "stop": "start",
    "kill_for_good": "start",
    "power_off": "power_on",
    "cut": "heal",
    "unmake": "remake",
    "fail": "recover",
    "drain": "restore",
    "lose": "regain",
}
SINGLE = ("kill", "restart", "strip", "add")
# An act may leave a VIP without a holder, or with one more, for as long as a crash of keepalived, its start, and this
GRACE = 0.05
# By which it may be longer where keepalived becomes active at the moment in which a VIP that it did not hold is removed
SEEN_SECONDS = 1.0
WATCHED_SECONDS = 8.0
HOUR = 3600.0
MENDED_SECONDS = 40.0


def story(seed):
    """Return (cluster, faults as (at, name, nodes), time of the last)."""
    chance = random.Random(seed)
    nodes = chance.choice([(LB1, LB2), (LB1, LB2), (LB1, LB2, LB3)])
    settings = Settings(
        transport=chance.choice(["unicast", "unicast", "multicast"]),
        advert_interval=chance.choice([0.1, 0.1, 1.0]),
        preempt=chance.random() < 0.7,
        preempt_delay=chance.choice([0.0, 0.5, 3.0]),
    )
    senses = Senses(
        hangs=chance.choice([0.0, 0.0, 0.02]),
        slow=chance.choice([0.05, 0.4]),
        stale=chance.choice([0.2, 0.5]),
        wrong=chance.choice([0.0, 0.02, 0.2]),
        ear=chance.choice(["hears", "hears", "hears", "none", "deaf", "lies"]),
        frozen=chance.choice([seen.STOPPED, seen.SILENT]),
        locked=chance.choice([0.0, 0.1]),
    )
    cluster = read_cluster(nodes, [chance.choice([WEB, DUAL])], settings=settings)
    routers = routers_of(cluster, lay_out(cluster), chance.choice(list(Generation)))
    names = [node["name"] for node in nodes]
    faults, at = [], SETTLED
    for _each in range(chance.randrange(1, 6)):
        name = chance.choice([*UNDO, *SINGLE, "unmake", "freeze"])
        on = chance.sample(names, 2 if name == "lose" else 1)
        faults.append((at, name, *on))
        if name in UNDO and chance.random() < 0.8:
            faults.append((at + chance.choice([0.02, 0.3, 1.0, 3.0, 6.0]), UNDO[name], *on))
        at += chance.choice([0.0, 0.1, 0.5, 2.0, 5.0])
    return routers, senses, faults


def begun(seed):
    routers, senses, faults = story(seed)
    simulation = Guarded(routers, senses, seed)
    simulation.at(0.0, start_all)
    for at, name, *nodes in faults:
        simulation.at(at, fault, name, *nodes)
    return simulation, max(at for at, *_rest in faults)


def make_whole(simulation):
    """Undo every fault, and let the agents see well from now on."""
    nodes = tuple(simulation.hosts)
    for node in nodes:
        for name in UNDO.values():
            if name != "regain":
                simulation.at(simulation.now, fault, name, node)
        # A stop may still be under way
        simulation.at(simulation.now + 2 * simulation.takeover, fault, "start", node)
        for other in nodes:
            simulation.at(simulation.now, fault, "regain", node, other)
    if simulation.senses:
        ear = simulation.senses.ear
        simulation.senses = replace(simulation.senses, wrong=0.0, hangs=0.0, ear="hears" if ear == "lies" else ear)


def check(seed):
    simulation, last = begun(seed)
    simulation.run(last + 2.0)
    make_whole(simulation)
    simulation.run(simulation.now + MENDED_SECONDS)
    for act in simulation.acts:
        check_act(act)
    check_whole(simulation)


def check_whole(simulation):
    for router in simulation.routers:
        host = simulation.hosts[router.node]
        machine = host.groups[router.instance].machines[router.instance]
        assert machine.state in (State.BACKUP, State.ACTIVE), (router, machine.state)
        assert not host.deaf
        holders = simulation.holders(router.instance)
        assert len(holders) == 1, (router.instance, holders)
        if router.preempt:
            holder = simulation.hosts[holders[0]].groups[router.instance].machines[router.instance]
            assert holder.priority >= machine.priority


def check_act(done):
    """Assert that an act does no harm: without further faults, compared with a cluster whose agents do nothing."""
    if done.acts[0].kind in (seen.KILL, seen.RESTART) and done.well:
        senses = done.before.senses
        assert senses.wrong or senses.ear == "lies", done
        assert not done.restarting, done
    acting, idle = done.before.copy(), done.before.copy()
    acting.quiet = idle.quiet = idle.asleep = True
    carry_out(acting, done.node, done.acts)
    for each in (acting, idle):
        each.run(each.now + WATCHED_SECONDS)
    period = acting.takeover + acting.delays.let_go_margin + acting.delays.restart + GRACE
    if done.acts[0].kind == seen.REMOVE:
        period += SEEN_SECONDS
    serving = frozenset(node for node, host in done.before.hosts.items() if host.serves)
    for instance in {router.instance for router in acting.routers}:
        for begin, end, one, other in compared(done.before, acting, idle, instance):
            told = (done.at, done.node, done.acts, instance, begin, end, one, other)
            fewer = not one & serving and other & serving
            # Where nodes do not hear each other, every keepalived that is well makes one more
            more = not acting.lost and len(one) > max(1, len(other))
            assert not (fewer or more) or end - begin <= period, told
            assert not more or len(one) <= max(1, len(other)) + 1 or end - begin <= GRACE, told


def compared(before, acting, idle, instance):
    """Yield (begin, end, holders in the one, holders in the other) for as long as both are the same."""
    one, other = holders_over_time(before, acting, instance), holders_over_time(before, idle, instance)
    begin, last = before.now, None
    for moment in sorted({*one, *other}):
        now = tuple(line[max(at for at in line if at <= moment)] for line in (one, other))
        if last is not None and now != last:
            yield begin, moment, *last
            begin = moment
        last = now
    yield begin, acting.now, *last


def holders_over_time(before, after, instance):
    """Return the nodes that hold an instance by the time since when.

    Not counted: a VIP that somebody added by hand, and one whose keepalived was frozen already; that they stay, or go,
    is not the doing of an act. Both count once keepalived has become active there.
    """
    odd = {node for node, host in before.hosts.items() if host.frozen}
    odd |= {node for node, name in before.by_hand if name == instance and before.state(node, name) is not State.ACTIVE}
    held = frozenset(node for node, host in before.hosts.items() if instance in host.held and node not in odd)
    found = {before.now: held}
    for change in after.changes:
        if change.instance == instance:
            counts = change.held and (change.node not in odd or change.state is State.ACTIVE)
            held = held | {change.node} if counts else held - {change.node}
            found[change.at] = held
    return found


@pytest.mark.parametrize("seed", range(200))
def test_no_sequence_of_faults_makes_guards_do_harm(seed):
    check(seed)


def check_many(stories):
    for seed in range(stories):
        check(seed)


def restart_what_is_active(memory, observation, now):
    active = any(each.answer and each.answer.state == "MASTER" for each in observation.sights)
    return memory, (seen.Act(seen.RESTART),) if active and now > SETTLED else (seen.Act(seen.ASK),)


def remove_what_is_here(memory, observation, now):
    here = [(sight.loaded.name, each) for sight in observation.sights for each in sight.here]
    return memory, tuple(seen.Act(seen.REMOVE, "", *each) for each in here if now > SETTLED)


def do_nothing(memory, observation, now):
    return memory, ()


@pytest.mark.parametrize("wrong", [restart_what_is_active, remove_what_is_here, do_nothing])
def test_a_wrong_judge_does_harm(monkeypatch, wrong):
    monkeypatch.setattr("simulated_guards.judge", wrong)
    with pytest.raises(AssertionError):
        check_many(40)


def loaded_hour(seed, interval):
    """Return what guards do within an hour in which the machine is busy: ticks, answers and keepalived come late."""
    settings = Settings(advert_interval=interval, preempt=seed % 2 == 0)
    cluster = read_cluster((LB1, LB2), [WEB], settings=settings)
    senses = Senses(late=0.4, hangs=0.01, hang=5.0, slow=0.8, stale=1.0)
    simulation = Guarded(routers_of(cluster, lay_out(cluster), Generation.BEFORE_2_3_3), senses, seed)
    simulation.at(0.0, start_all)
    chance, at = random.Random(seed), SETTLED
    while at < HOUR:
        late = chance.choice([0.05, 0.1, 0.2, 0.5, 1.5])
        simulation.at(at, starve, chance.choice(["lb1", "lb2"]), late)
        at += chance.expovariate(1 / 20)
    simulation.run(HOUR)
    return [(done.at, done.node, done.acts) for done in simulation.acts]


@pytest.mark.parametrize(("hour", "interval"), [(hour, 0.1 if hour < 3 else 1.0) for hour in range(24)])
def test_24_hours_of_load_are_no_reason_to_act(hour, interval):
    assert loaded_hour(hour, interval) == []


def judge_by_old_answers(memory, observation, now):
    fresh = [each._replace(answer=each.answer and each.answer._replace(at=now)) for each in observation.sights]
    return judge(memory, observation._replace(sights=tuple(fresh)), now)


def test_an_hour_of_load_is_a_reason_for_who_takes_old_answers_for_new(monkeypatch):
    monkeypatch.setattr("simulated_guards.judge", judge_by_old_answers)
    assert loaded_hour(0, 1.0)

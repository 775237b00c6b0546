# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents, and the VIPs that move after them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster
from module_utils.vrrp.simulation.incidents import INCIDENTS, start_all
from module_utils.vrrp.simulation.machine import State
from module_utils.vrrp.simulation.network import Delays, Simulation
from module_utils.vrrp.simulation.routers import Generation, routers_of
from samples import DUAL, LB1, LB2, LB3, MULTICAST, VERSION_2, WEB

PAIR, THREE = (LB1, LB2), (LB1, LB2, LB3)
IMPATIENT = Settings(preempt_delay=0.0)
HEIR = 0.3 + 0.1 * 6 / 256  # of priority 250
DELAYS = Delays(message=0.001)


def simulation(nodes=PAIR, vips=(WEB,), settings=IMPATIENT, delays=DELAYS, generation=Generation.SINCE_2_3_3):
    """Return a cluster at rest, just after an advert."""
    cluster = read_cluster(nodes, vips, settings=settings)
    subject = Simulation(routers_of(cluster, lay_out(cluster), generation), delays)
    start_all(subject)
    subject.run(10)
    [active] = subject.holders(next(iter(subject.hosts["lb1"].groups)))
    subject.run(subject.next_timeout(active, next(iter(subject.hosts[active].groups))) + 0.002)
    subject.changes.clear()
    return subject


def after(subject, *incidents, seconds=10.0):
    """Run incidents (seconds from now, name, node), and return the moves as (seconds from now, node, held)."""
    begin = subject.now
    held = {(node, instance) for node, host in subject.hosts.items() for instance in host.held}
    for at, name, *nodes in incidents:
        subject.at(begin + at, INCIDENTS[name], *nodes)
    subject.run(begin + seconds)
    moves = []
    for change in subject.changes:
        if change.held is not ((change.node, change.instance) in held):
            held ^= {(change.node, change.instance)}
            moves.append((pytest.approx(change.at - begin, abs=0.0045), change.node, change.held))
    return moves


def test_run_at_rest():
    assert after(simulation(), seconds=100) == []


def test_start_all_makes_the_first_choice_active():
    assert simulation().holders("web") == ["lb1"]


@pytest.mark.parametrize("incident", ["power_off", "cut"])
def test_power_off_and_cut_of_the_active_node(incident):
    subject = simulation()
    moves = after(subject, (0, incident, "lb1"), seconds=0.5)
    assert (HEIR - 0.002, "lb2", True) in moves


def test_cut_node_keeps_its_vips_until_it_notices():
    moves = after(simulation(), (0, "cut", "lb1"), (5, "heal", "lb1"))
    assert moves == [(HEIR, "lb2", True), (1, "lb1", False), (5 + HEIR, "lb1", True), (5 + HEIR, "lb2", False)]


def test_cut_and_heal_before_the_node_notices():
    assert after(simulation(), (0, "cut", "lb1"), (0.5, "heal", "lb1")) == [(HEIR, "lb2", True), (0.5, "lb2", False)]


def test_fail_takes_detection_and_skew_time():
    moves = after(simulation(), (0, "fail", "lb1"), (2, "recover", "lb1"))
    assert moves == [
        (0.005, "lb1", False),
        (0.005 + 0.1 * 6 / 256, "lb2", True),
        (2 + 0.3, "lb1", True),
        (2 + 0.3, "lb2", False),
    ]


def test_drain_and_restore_move_before_they_release():
    moves = after(simulation(), (0, "drain", "lb1"), (2, "restore", "lb1"))
    assert [move[1:] for move in moves] == [("lb2", True), ("lb1", False), ("lb1", True), ("lb2", False)]


def test_drain_moves_once_without_a_preempt_delay():
    subject = simulation(THREE, settings=Settings(preempt_delay=2.0))
    moves = after(subject, (0, "drain", "lb1"))
    assert [move[1:] for move in moves] == [(subject.routers[1].node, True), ("lb1", False)]
    assert moves[0][0].expected < 0.5


def test_a_node_that_is_cut_off_gives_up_before_it_releases_and_takes_back():
    moves = after(simulation(), (0, "lose_uplinks", "lb1"), (2, "regain_uplinks", "lb1"))
    assert [move[1:] for move in moves] == [("lb2", True), ("lb1", False), ("lb1", True), ("lb2", False)]


def test_the_last_holder_stays_when_all_are_cut_off():
    assert after(simulation(), (0, "lose_uplinks", "lb2"), (1, "lose_uplinks", "lb1")) == []


@pytest.mark.parametrize(("cut_off", "drained"), [("lb1", "lb2"), ("lb2", "lb1")])
def test_who_is_cut_off_holds_before_who_is_drained(cut_off, drained):
    subject = simulation()
    after(subject, (0, "lose_uplinks", cut_off), (1, "drain", drained))
    assert subject.holders("web") == [cut_off]
    after(subject, (0, "lose_uplinks", drained))
    assert subject.holders("web") == [cut_off]
    after(subject, (0, "restore", drained), (0, "regain_uplinks", drained))
    assert subject.holders("web") == [drained]


def test_who_is_cut_off_takes_over_from_who_dies():
    subject = simulation()
    [_taken, *_others] = after(subject, (0, "lose_uplinks", "lb2"), (5, "power_off", "lb1"))
    assert subject.holders("web")[-1] == "lb2"


def reloaded(subject, **changes):
    """Reload lb1, which is active, and then lb2, 20 ms later."""
    for at, node in ((0.01, "lb1"), (0.03, "lb2")):
        routers = [replace(router, **changes) for router in subject.routers if router.node == node]
        subject.at(subject.now + at, Simulation.reload, node, routers)
    return after(subject)


@pytest.mark.parametrize(
    "changes", [{}, {"version": 2, "interval": 1.0}, {"addresses": frozenset()}, {"auth": "PASS x"}]
)
def test_reload_of_the_same_instance(changes):
    assert reloaded(simulation(), **changes) == []


@pytest.mark.parametrize("changes", [{"vrid": 77}, {"peers": None}])
def test_reload_of_another_instance(changes):
    begun = [(0.01, "lb1", False), (0.01 + 0.3, "lb1", True)]
    moves = [move for move in reloaded(simulation(), **changes) if move[1] == "lb1"]
    assert moves == begun


def test_drain_without_preempting():
    subject = simulation(settings=Settings(preempt=False))
    moves = after(subject, (0, "drain", "lb1"), (2, "restore", "lb1"))
    assert [move[1:] for move in moves] == [("lb1", False), ("lb2", True)]


def test_kill_leaves_vips_to_the_unit():
    moves = after(simulation(), (0, "kill", "lb1"), seconds=0.6)
    assert moves == [(HEIR, "lb2", True), (HEIR + 0.1, "lb1", False)]


def test_kill_and_kill_for_good():
    assert [node for at, node, held in after(simulation(), (0, "kill", "lb1")) if held] == ["lb2", "lb1"]
    assert [node for at, node, held in after(simulation(), (0, "kill_for_good", "lb1")) if held] == ["lb2"]


def test_kill_of_a_backup():
    subject = simulation()
    assert after(subject, (0, "kill", "lb2"), seconds=0.2) == []
    assert subject.hosts["lb2"].groups


def test_start_waits_until_the_unit_has_removed_vips():
    subject = simulation()
    moves = after(subject, (0, "kill_for_good", "lb1"), (0.01, "start", "lb1"))
    assert [move[1:] for move in moves] == [("lb2", True), ("lb1", False), ("lb1", True), ("lb2", False)]


def test_kill_and_freeze_of_a_dead_keepalived():
    subject = simulation()
    after(subject, (0, "kill_for_good", "lb1"), (1, "kill", "lb1"), (1, "freeze", "lb1"))
    assert after(subject, (0, "start", "lb1"))[0][1:] == ("lb1", True)


def test_stop_hands_over_first():
    moves = after(simulation(), (0, "stop", "lb1"), (3, "start", "lb1"))
    assert [move[1:] for move in moves] == [("lb2", True), ("lb1", False), ("lb1", True), ("lb2", False)]


def test_stop_of_the_last_node():
    subject = simulation()
    moves = after(subject, (0, "kill_for_good", "lb2"), (1, "stop", "lb1"))
    assert moves == [(1 + 0.82, "lb1", False)]  # the takeover time and half a second, in checks of 20 ms
    assert {change.state for change in subject.changes if change.node == "lb1"} == {State.INITIALIZE}


def test_freeze_of_the_active_node():
    moves = after(simulation(), (0, "freeze", "lb1"), (2, "thaw", "lb1"))
    assert moves == [(HEIR, "lb2", True), (2, "lb2", False)]


def test_freeze_of_a_backup():
    assert after(simulation(), (0, "freeze", "lb2"), (2, "thaw", "lb2")) == []


def test_fail_while_frozen_is_noticed_after_thaw():
    moves = after(simulation(), (0, "freeze", "lb1"), (0.1, "fail", "lb1"), (0.2, "thaw", "lb1"), seconds=0.25)
    assert moves == [(0.2, "lb1", False), (0.2, "lb2", True)]


def test_lose_from_the_active_node():
    moves = after(simulation(), (0, "lose", "lb1", "lb2"), (2, "regain", "lb1", "lb2"))
    assert [move[1:] for move in moves] == [("lb2", True), ("lb2", False)]
    assert moves[1][0].expected == pytest.approx(2.05, abs=0.06)  # with the next advert of lb1


def test_lose_towards_the_active_node():
    assert after(simulation(), (0, "lose", "lb2", "lb1")) == []


def test_power_on_waits_for_the_preempt_delay():
    moves = after(simulation(settings=Settings(preempt_delay=2.0)), (0, "power_off", "lb1"), (1, "power_on", "lb1"))
    assert [node for at, node, held in moves if held] == ["lb2", "lb1"]
    assert 3 < moves[-2][0].expected < 3.5


def test_fail_of_a_dual_stack_vip():
    moves = after(simulation(vips=[DUAL]), (0, "fail", "lb1"), (2, "drain", "lb2"), (4, "recover", "lb1"))
    assert [move[1:] for move in moves] == 2 * [("lb1", False)] + 2 * [("lb2", True)] + 2 * [("lb1", True)] + 2 * [
        ("lb2", False)
    ]


def test_copy():
    subject = simulation()
    twin = subject.copy()
    after(twin, (0, "power_off", "lb1"))
    assert (subject.holders("web"), twin.holders("web")) == (["lb1"], ["lb2"])
    assert after(subject) == []


def test_next_timeout_without_a_timer():
    subject = simulation()
    after(subject, (0, "fail", "lb1"))
    with pytest.raises(ValueError, match="web on lb1 waits for nothing"):
        subject.next_timeout("lb1", "web")


def test_power_off_in_version_2():
    moves = after(simulation(settings=VERSION_2), (0, "power_off", "lb1"))
    assert moves[-1] == (3 + 6 / 256, "lb2", True)


def test_an_interface_that_is_made_again_is_as_a_cable_that_is_pulled_where_keepalived_copes():
    moves = after(simulation(), (0, "unmake", "lb1"), (2, "remake", "lb1"))
    assert moves == [(0, "lb1", False), (HEIR, "lb2", True), (2.3, "lb1", True), (2.3, "lb2", False)]


OLD = {"generation": Generation.BEFORE_2_3_3}


def test_a_keepalived_that_does_not_cope_stays_a_backup_until_it_is_started_or_loaded_anew():
    for cure in ("reload", "restart", "kill"):
        subject = simulation(**OLD)
        assert after(subject, (0, "unmake", "lb1"), (2, "remake", "lb1"))[-1][1:] == ("lb2", True)
        assert subject.hosts["lb1"].groups["web"].machines["web"].state is State.BACKUP
        assert after(subject, (0, cure, "lb1"))[0][1:] == ("lb1", True)
        assert subject.holders("web") == ["lb1"]


def test_a_deaf_backup_does_not_take_over():
    subject = simulation(**OLD)
    moves = after(subject, (0, "unmake", "lb2"), (1, "remake", "lb2"), (3, "fail", "lb1"), (6, "recover", "lb1"))
    assert [move[1:] for move in moves] == [("lb1", False), ("lb1", True)]


@pytest.mark.parametrize(("settings", "copes"), [(MULTICAST, True), (replace(MULTICAST, preempt=False), False)])
def test_multicast_copes_without_any_flag(settings, copes):
    subject = simulation(settings=replace(settings, preempt_delay=0.0), **OLD)
    after(subject, (0, "unmake", "lb2"), (1, "remake", "lb2"), (3, "power_off", "lb1"))
    assert subject.holders("web") == (["lb2"] if copes else [])


def test_what_happens_to_the_interface_of_a_frozen_keepalived_shows_when_it_thaws():
    subject = simulation(**OLD)
    moves = after(subject, (0, "freeze", "lb1"), (1, "unmake", "lb1"), (1.1, "remake", "lb1"), (2, "thaw", "lb1"))
    assert moves == [(HEIR, "lb2", True), (1, "lb1", False)]
    assert subject.hosts["lb1"].deaf == {"web"}


def test_an_interface_is_there_after_a_power_cut():
    subject = simulation(**OLD)
    after(subject, (0, "unmake", "lb1"), (1, "power_off", "lb1"), (1.5, "unmake", "lb1"), (2, "power_on", "lb1"))
    assert subject.holders("web") == ["lb1"]


def test_a_restart_moves_before_it_stops():
    moves = after(simulation(), (0, "restart", "lb1"))
    assert [move[1:] for move in moves] == [("lb2", True), ("lb1", False), ("lb1", True), ("lb2", False)]


def test_a_reload_moves_nothing():
    assert after(simulation(), (0, "reload", "lb1"), (1, "reload", "lb2")) == []
    assert after(simulation(), (0, "freeze", "lb2"), (1, "reload", "lb2"), (2, "kill_for_good", "lb2")) == []

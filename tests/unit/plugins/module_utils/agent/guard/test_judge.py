# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guard does about keepalived, and what it leaves alone."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from module_utils.agent.guard.judge import FIRST_PAUSE, LONGEST_PAUSE, Memory, judge
from module_utils.agent.guard.sight import (
    ASK,
    GONE,
    HAND_OVER,
    KILL,
    RELOAD,
    REMOVE,
    RESTART,
    RUNS,
    SILENT,
    STOPPED,
    TAKE_BACK,
    Act,
    Answer,
    Heard,
    Loaded,
    Observation,
    Sight,
)

TICK = 0.25
VIP = "192.0.2.10"
WEB = Loaded("web", 254)
HERE = {"here": (VIP,)}
NOBODY, PEER, ALONE, STRONGER = Heard(0, False), Heard(253, False), Heard(0, True), Heard(255, True)


class Node:
    """A keepalived that answers when it is asked, and counts adverts while it hears or sends them."""

    def __init__(self, state="BACKUP", counts=True, fresh=True, **sight):
        self.state, self.counts, self.fresh, self.sight = state, counts, fresh, sight
        self.loaded, self.priority = sight.pop("loaded", WEB), 254
        self.process, self.daemon, self.now = RUNS, "1", 100.0
        self.other = {}
        self.count, self.answer = 0, None
        self.memory = Memory()
        self.acts = []

    def tick(self, seconds=TICK):
        self.now += seconds
        self.count += 10 * self.counts
        if self.answer is None:
            self.ask()
        sight = Sight(self.loaded, self.answer, **self.sight)
        seen = Observation(self.process, self.daemon, (sight,), **self.other)
        self.memory, acts = judge(self.memory, seen, self.now)
        if Act(ASK) in acts and self.fresh:
            self.ask()
        self.acts += [(self.now, act) for act in acts if act.kind != ASK]
        return acts

    def ask(self):
        self.answer = Answer(self.now, self.state, self.priority, self.count, self.count)

    def run(self, seconds):
        for _each in range(int(seconds / TICK)):
            self.tick()
        return [act.kind for _at, act in self.acts]


@pytest.mark.parametrize(
    "node",
    [
        Node(heard=Heard(254, False)),
        Node(),
        Node("MASTER", heard=ALONE, **HERE),
        Node("MASTER", **HERE),
        # A drained first choice
        Node(heard=Heard(253, False), loaded=WEB._replace(preempts=False)),
        # Its interface is down
        Node("FAULT", counts=False, ready=False, made_anew=True, heard=PEER),
        # A group holds it back
        Node(counts=False, loaded=WEB._replace(grouped=True), heard=NOBODY),
        # No ear, no keepalived, no VIP
        Node("INIT", counts=False),
    ],
)
def test_nothing_is_done_about_a_healthy_keepalived(node):
    assert node.run(600) == []
    assert not node.memory.unfit
    assert node.memory.waits_until is None


def test_a_healthy_keepalived_is_not_asked():
    node = Node("MASTER", heard=ALONE, **HERE)
    assert not any(node.tick() for _each in range(1000))


@pytest.mark.parametrize(("process", "within"), [(STOPPED, 0.75), (SILENT, 1.75)])
def test_a_keepalived_that_stands_still_is_killed(process, within):
    node = Node("MASTER", heard=ALONE, **HERE)
    node.run(2)
    node.process = process
    assert node.run(within) == [KILL]
    assert "keepalived" in node.memory.unfit[""]


def test_what_a_killed_keepalived_leaves_behind_is_removed_where_a_peer_has_it():
    node = Node("MASTER", heard=PEER, **HERE)
    node.run(2)
    node.process = STOPPED
    node.run(1)
    assert [act.kind for _at, act in node.acts] == [KILL, REMOVE]


def test_a_short_stop_is_no_reason():
    node = Node()
    node.run(2)
    node.process = STOPPED
    node.tick()
    node.process = RUNS
    assert node.run(5) == []


def test_a_keepalived_is_killed_also_while_a_run_is_at_work():
    node = Node()
    node.other, node.process = {"may_act": False}, STOPPED
    assert node.run(1) == [KILL]


@pytest.mark.parametrize(
    ("node", "why", "within", "act"),
    [
        (Node(counts=False, heard=PEER), "does not hear its peers' adverts", 2.25, RESTART),
        (Node(counts=False, made_anew=True, heard=PEER), "does not hear its peers' adverts", 1.0, RELOAD),
        (Node(counts=False, made_anew=True), "neither hears its peers nor takes over", 1.25, RELOAD),
        (Node(heard=PEER), "does not take over from a peer of priority 253", 3.5, RESTART),
        (Node("FAULT"), "is in FAULT, and nothing is wrong", 5.0, RESTART),
        (Node("MASTER", counts=False, heard=Heard(253, False), **HERE), "is active and sends no adverts", 3.0, RESTART),
    ],
)
def test_a_keepalived_that_only_looks_ready_is_mended(node, why, within, act):
    node.tick()
    begin = node.now
    node.tick()
    node.ask()
    node.run(within)
    assert [each.kind for _at, each in node.acts] == [act]
    assert node.acts[0][1].why == why
    assert node.memory.unfit["web"] == why
    assert node.acts[0][0] - begin >= 0.75


def test_what_was_not_heard_before_the_link_came_up_proves_nothing():
    node = Node(counts=False, made_anew=True, ready=False, heard=PEER)
    node.run(20)
    node.sight = {**node.sight, "ready": True}
    assert node.run(0.5) == []
    assert node.run(0.75) == [RELOAD]


def test_nothing_is_restarted_by_an_old_answer():
    node = Node(heard=PEER, fresh=False)
    assert node.run(60) == []


def test_nothing_is_restarted_while_a_run_is_at_work():
    node = Node("FAULT", counts=False)
    node.other = {"may_act": False}
    assert node.run(60) == []
    assert node.memory.unfit


def test_a_fault_that_has_a_cause_is_left_alone():
    node = Node("FAULT", counts=False)
    node.other = {"fit": False}
    assert node.run(60) == []


def test_a_holder_is_restarted_only_after_a_peer_has_taken_over():
    node = Node("MASTER", here=(VIP,), missing=("192.0.2.11",), heard=ALONE)
    assert node.run(3) == [HAND_OVER]
    node.sight = {"heard": PEER, "missing": ("192.0.2.11",)}
    node.tick()
    assert [act.kind for _at, act in node.acts] == [HAND_OVER, RESTART]


def test_a_holder_that_nobody_relieves_goes_on():
    node = Node("MASTER", here=(VIP,), missing=("192.0.2.11",), heard=ALONE)
    assert node.run(6) == [HAND_OVER, TAKE_BACK]
    assert node.memory.waits_until is not None


def test_a_hand_over_is_taken_back_when_its_reason_is_gone():
    node = Node("MASTER", here=(VIP,), missing=("192.0.2.11",), heard=ALONE)
    assert node.run(3) == [HAND_OVER]
    node.sight = {"here": (VIP,), "heard": ALONE}
    assert node.run(1) == [HAND_OVER, TAKE_BACK]


def test_the_last_active_one_that_is_mute_is_left_alone():
    node = Node("MASTER", counts=False, heard=NOBODY, **HERE)
    assert node.run(60) == []
    assert node.memory.unfit == {"web": "is active and sends no adverts"}


def test_one_that_is_active_beside_a_stronger_peer_is_only_told_of():
    node = Node("MASTER", heard=STRONGER, **HERE)
    node.run(1)
    node.ask()
    node.run(3)
    node.ask()
    assert node.run(1) == []
    assert "beside a peer of priority 255" in node.memory.unfit["web"]


@pytest.mark.parametrize("state", ["BACKUP", "FAULT"])
def test_a_vip_that_keepalived_does_not_hold_is_removed(state):
    node = Node(state, heard=Heard(254, False), **HERE)
    assert node.run(2) == [REMOVE]
    assert node.acts[0][1].address == VIP


def test_a_vip_without_a_keepalived_is_removed_after_its_unit_could_have():
    node = Node("MASTER", **HERE)
    node.run(2)
    node.process = GONE
    assert node.run(5) == []
    assert node.run(1) == [REMOVE]


def test_a_vip_that_has_just_come_is_left_alone():
    """keepalived became active after it was asked: its next answer says so."""
    node = Node(heard=Heard(254, False))
    node.run(2)
    node.state, node.sight = "MASTER", {"heard": ALONE, **HERE}
    assert node.run(60) == []


def test_a_keepalived_that_does_not_heed_its_files_is_reloaded():
    node = Node(heard=Heard(254, False))
    node.other = {"weight": -253}
    assert node.run(3.5) == [RELOAD]
    node.priority = 1
    node.ask()
    assert node.run(60) == [RELOAD]


def test_one_that_still_does_not_heed_them_is_restarted():
    node = Node(heard=Heard(254, False))
    node.other = {"weight": -253}
    assert set(node.run(11)) == {RELOAD}
    assert node.run(9)[-1] == RESTART


def test_one_that_does_not_watch_its_directory_is_reloaded_whatever_it_holds():
    node = Node("MASTER", heard=ALONE, **HERE)
    node.other = {"watches": False}
    assert node.run(1) == [RELOAD]


def test_priorities_end_at_254():
    node = Node(heard=Heard(254, False), loaded=WEB._replace(priority=200))
    node.other = {"weight": 100}
    assert node.run(10) == []


def test_pauses_grow_while_an_act_does_not_help():
    node = Node("FAULT", counts=False)
    assert set(node.run(3600)) == {RESTART}
    times = [at for at, _act in node.acts]
    gaps = [round(after - before) for before, after in pairwise(times)]
    assert gaps[:4] == [FIRST_PAUSE, 4, 8, 16]
    assert max(gaps) == LONGEST_PAUSE
    assert gaps == sorted(gaps)


def test_pauses_start_anew_after_a_healthy_time():
    node = Node("FAULT", counts=False)
    node.run(20)
    times = len(node.acts)
    node.state, node.counts = "BACKUP", True
    node.sight = {"heard": Heard(254, False)}
    node.ask()
    node.run(60)
    assert len(node.acts) == times
    node.state = "FAULT"
    node.ask()
    node.run(20)
    assert len(node.acts) == 2 * times


def test_a_new_keepalived_has_its_time():
    node = Node("FAULT", counts=False)
    node.run(4)
    node.daemon = "2"
    assert node.run(3.5) == []
    assert node.run(1) == [RESTART]


def test_a_late_tick_forgets_what_was_claimed():
    node = Node("FAULT", counts=False)
    for _each in range(100):
        node.run(3)
        node.tick(1.5)
    assert node.acts == []


@pytest.mark.parametrize("seed", range(20))
def test_it_is_never_both_wrong_and_dangerous(seed):
    """Whatever is seen, no node restarts or reloads a keepalived that alone serves clients, and acts are spaced."""
    dice = random.Random(seed)
    node = Node()
    last = {}
    for _each in range(2000):
        if dice.random() < 0.1:
            node.state = dice.choice(("BACKUP", "MASTER", "FAULT", "INIT"))
            node.counts, node.fresh = dice.random() < 0.5, dice.random() < 0.8
            node.process = dice.choice((RUNS, RUNS, RUNS, STOPPED, SILENT, GONE))
            node.sight = {
                "here": dice.choice(((), (VIP,))),
                "missing": dice.choice(((), ("192.0.2.11",))),
                "ready": dice.random() < 0.7,
                "made_anew": dice.random() < 0.3,
                "heard": dice.choice((None, NOBODY, PEER, ALONE, STRONGER)),
            }
            node.other = {"fit": dice.random() < 0.7, "may_act": dice.random() < 0.8, "weight": dice.choice((0, -253))}
        acts = node.tick(dice.choice((TICK, TICK, TICK, 1.2)))
        assert len({act.kind for act in acts}) <= 1 or [act.kind for act in acts] == [KILL, REMOVE]
        for act in acts:
            if act.kind == RESTART:
                heard = node.sight.get("heard")
                assert not node.sight.get("here") or (heard and heard.peer)
            if act.kind in (RESTART, RELOAD, HAND_OVER) or act.why == "keepalived does not hold it":
                assert node.other["may_act"]
            if act.kind in (KILL, RESTART, RELOAD, REMOVE):
                assert node.now - last.get(act.kind, 0) >= FIRST_PAUSE or act.kind == REMOVE
                last[act.kind] = node.now


@pytest.mark.parametrize("made_anew", [False, True])
def test_a_backup_has_time_to_take_over_from_a_peer_that_the_ear_still_calls_active(made_anew):
    node = Node(loaded=WEB._replace(interval=1.0, down_seconds=4.0), made_anew=made_anew, heard=Heard(255, False))
    node.run(10)
    node.counts = False
    node.ask()
    assert node.run(3.5) == []
    node.sight = {**node.sight, "heard": NOBODY}
    assert node.run(3) == []


@pytest.mark.parametrize("made_anew", [False, True])
def test_that_a_peer_became_active_just_now_proves_nothing(made_anew):
    node = Node(counts=False, loaded=WEB._replace(interval=1.0, down_seconds=4.0), made_anew=made_anew, heard=NOBODY)
    node.tick()
    node.ask()
    assert node.run(4) == []
    node.sight = {**node.sight, "heard": PEER}
    assert node.run(3.5) == []


def test_a_vip_that_nobody_else_holds_is_removed_late():
    node = Node(heard=NOBODY, **HERE)
    assert node.run(4.5) == []
    node.sight = {**node.sight, "heard": PEER}
    assert node.run(1) == [REMOVE]


def test_two_things_seen_wrongly_one_after_the_other_prove_nothing():
    node = Node("MASTER", heard=Heard(255, True), **HERE)
    node.run(10)
    node.sight = {**node.sight, "made_anew": True}
    node.tick()
    assert node.acts == []


def test_what_was_claimed_before_a_reload_is_no_reason_to_restart_after_it():
    node = Node(counts=False, made_anew=True, heard=PEER, loaded=WEB._replace(preempt_delay=0.0))
    while not node.acts:
        node.tick()
    assert [act.kind for _at, act in node.acts] == [RELOAD]
    node.counts, node.sight = True, {**node.sight, "made_anew": False}
    assert node.run(2) == [RELOAD]
    # It hears now, and still does not take over
    assert node.run(1.5) == [RELOAD, RESTART]


def test_an_ear_that_hears_nobody_at_all_is_no_witness():
    node = Node("MASTER", heard=NOBODY, **HERE)
    for _each in range(40):
        node.ask()
        node.run(1)
    assert not node.acts
    assert not node.memory.unfit


def test_that_an_ear_hears_a_peer_and_not_this_node_counts_from_then_on():
    node = Node("MASTER", heard=NOBODY, **HERE)
    for _each in range(10):
        node.ask()
        node.run(1)
    node.sight = {**node.sight, "heard": PEER}
    node.run(1)
    assert not node.acts
    node.ask()
    node.run(2)
    node.ask()
    assert node.run(1)[:1] == [RESTART]
    assert node.acts[0][1].why == "is active and nobody hears it"


def test_a_vip_that_was_removed_just_as_keepalived_became_active_is_back_at_once():
    node = Node(heard=PEER, **HERE)
    while not node.acts:
        node.tick()
    node.state, node.sight = "MASTER", {"missing": (VIP,), "heard": ALONE}
    node.ask()
    assert node.run(0.5) == [REMOVE, RESTART]

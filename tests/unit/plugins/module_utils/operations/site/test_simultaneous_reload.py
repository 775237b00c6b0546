# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes whose clocks differ reload at one moment, or not at all."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.basics.errors import HaLbError
from module_utils.operations.site.simultaneous_reload import (
    CURE,
    LEAD,
    SILENCE,
    TICK,
    Call,
    Participant,
    encode,
)

NODES = ("lb1", "lb2", "lb3")
WORD = "nobody else knows this"
PATIENCE = 5.0
STEP = 0.01
CLOCKS = {"lb1": 0.0, "lb2": 3600.0, "lb3": -7200.0}  # seconds that a clock is ahead


class Wire:
    """Nodes that start at different times, on a network that loses and delays packets."""

    def __init__(self, loss=0.0, starts=(0.0, 0.0, 0.0), cut=()):
        self.random = random.Random(1)
        self.loss, self.cut = loss, set(cut)
        self.starts = dict(zip(NODES, starts, strict=True))
        self.failed = {}
        self.nodes = {
            node: Participant(WORD, node, NODES, int(node == "lb2"), CLOCKS[node] + self.starts[node], PATIENCE)
            for node in NODES
        }

    def run(self, seconds=12.0):
        """Run for so many seconds; return the moment that every node has agreed to, all by one clock."""
        under_way = []
        for step in range(int(seconds / STEP)):
            now = step * STEP
            arrived = [packet for packet in under_way if packet[0] <= now]
            under_way = [packet for packet in under_way if packet[0] > now]
            for _at, sender, to, data in arrived:
                if self._is_there(to, now):
                    self.nodes[to].receive(data, CLOCKS[to] + now, [sender])
            for node in [node for node in NODES if self._is_there(node, now) and step % int(TICK / STEP) == 0]:
                sent = self._send(node, CLOCKS[node] + now)
                under_way += [(now + self.random.choice((STEP, 2 * STEP)), node, to, each) for to, each in sent.items()]
        return {node: each.moment and each.moment - CLOCKS[node] for node, each in self.nodes.items()}

    def _is_there(self, node, now):
        return self.starts[node] <= now and node not in self.failed

    def _send(self, node, now):
        participant = self.nodes[node]
        try:
            participant.check_deadline(now)
        except HaLbError as error:
            self.failed[node] = str(error)
            return {}
        over = participant.moment is not None and now >= participant.moment
        sent = {} if over else participant.packets(now)
        return {
            to: data for to, data in sent.items() if (node, to) not in self.cut and self.random.random() >= self.loss
        }


@pytest.mark.parametrize("loss", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("starts", [(0.0, 0.0, 0.0), (2.0, 0.0, 1.0), (0.0, 3.0, 1.0)])
def test_all_nodes_agree_on_one_moment(loss, starts):
    wire = Wire(loss, starts)
    moments = wire.run()
    assert not wire.failed
    assert max(moments.values()) - min(moments.values()) <= 0.021
    assert moments["lb1"] >= max(starts) + LEAD
    assert {each.last for each in wire.nodes.values()} == {"lb2"}


def test_no_node_reloads_if_one_is_missing():
    wire = Wire(starts=(0.0, 0.0, 99.0))
    assert set(wire.run().values()) == {None}
    assert wire.failed == {
        "lb1": f"lb3 did not answer lb1, so nothing was reloaded: {CURE}",
        "lb2": f"lb1 did not call lb2, so nothing was reloaded: {CURE}",
    }


@pytest.mark.parametrize("cut", [("lb1", "lb3"), ("lb3", "lb1")])
def test_no_node_reloads_if_packets_pass_one_way_only(cut):
    wire = Wire(cut=[cut])
    assert set(wire.run().values()) == {None}
    assert set(wire.failed) == set(NODES)


def test_no_node_reloads_without_the_coordinator():
    wire = Wire(starts=(99.0, 0.0, 0.0))
    wire.run()
    assert set(wire.failed) == {"lb2", "lb3"}


def test_a_single_node_does_not_wait():
    assert Participant(WORD, "lb1", ("lb1",), held=0, begin=7.0, patience=5.0).moment == 7.0


def test_a_word_that_can_be_guessed_is_refused():
    with pytest.raises(HaLbError, match=r"16 characters or more"):
        Participant(WORD[:15], "lb1", NODES, held=0, begin=0.0, patience=5.0)


def waiting(node="lb2"):
    return Participant(WORD, node, NODES, held=0, begin=0.0, patience=PATIENCE)


def test_the_call_of_the_coordinator_sets_the_moment():
    node = waiting()
    node.receive(encode(Call(0, 1, 1, left=0.5, last=2), WORD), 1.0, ["lb1"])
    assert (node.moment, node.last) == (1.5, "lb3")


@pytest.mark.parametrize(
    ("call", "word", "senders"),
    [
        (Call(0, 1, 1, left=0.5), WORD + " back", ["lb1"]),
        (Call(0, 1, 1, left=0.5), WORD, ["lb3"]),
        (Call(0, 1, 1, left=0.5), WORD, []),
        (Call(0, 2, 1, left=0.5), WORD, ["lb1"]),
        (Call(0, 1, 0, left=0.5), WORD, ["lb1"]),
        (Call(1, 1, 1, left=0.5), WORD, ["lb2"]),
        (Call(2, 1, 1, left=0.5), WORD, ["lb3"]),
    ],
    ids=["other reload", "other address", "no node's", "other receiver", "no number", "its own", "no coordinator"],
)
def test_only_the_coordinator_of_the_same_reload_sets_the_moment(call, word, senders):
    node = waiting()
    node.receive(encode(call, word), 1.0, senders)
    assert node.moment is None
    assert node.packets(1.0) == {}
    with pytest.raises(HaLbError, match="did not call lb2"):
        node.check_deadline(PATIENCE + STEP)


def test_a_packet_that_comes_again_delays_nothing():
    """A call that was heard holds a node for SILENCE; and so do its copies, if they counted, for ever."""
    node, call = waiting(), encode(Call(0, 1, 7), WORD)
    node.receive(call, 4.0, ["lb1"])
    for now in (5.0, 6.0, 6.9):
        node.receive(call, now, ["lb1"])
        node.receive(encode(Call(0, 1, 6), WORD), now, ["lb1"])
        node.check_deadline(now)
    with pytest.raises(HaLbError, match="did not call lb2"):
        node.check_deadline(4.0 + SILENCE + STEP)


def test_the_moment_does_not_move_by_packets_that_come_again():
    node, call = waiting(), encode(Call(0, 1, 7, left=0.5), WORD)
    for now in (1.0, 1.2, 1.4):
        node.receive(call, now, ["lb1"])
    assert node.moment == 1.5


def test_a_node_waits_no_longer_than_the_coordinator_would():
    """Whoever holds packets back, and lets them go one by one, gains no more than the patience of one node."""
    node = waiting()
    for number in range(1, 60):
        node.receive(encode(Call(0, 1, number), WORD), 1.0 + number / 10, ["lb1"])
    with pytest.raises(HaLbError, match="did not call lb2"):
        node.check_deadline(1.1 + PATIENCE + LEAD + STEP)


def test_the_word_is_in_no_packet():
    node = waiting("lb1")
    assert all(WORD.encode()[:4] not in packet for packet in node.packets(0.0).values())


@given(st.binary(max_size=1500), st.sampled_from(NODES))
def test_nothing_that_a_stranger_sends_counts(data, claimed):
    """Whatever it sends, from whatever address: a node's moment, answers and patience are those without it."""
    for node in (waiting("lb1"), waiting("lb2")):
        node.receive(data, 1.0, [claimed])
        assert node.moment is None
        assert set(node.packets(1.0)) == ({"lb2", "lb3"} if node.coordinates else set())
        with pytest.raises(HaLbError):
            node.check_deadline(PATIENCE + STEP)

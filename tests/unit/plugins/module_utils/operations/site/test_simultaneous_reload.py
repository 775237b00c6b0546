# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes whose clocks differ reload at one moment, or not at all."""

from __future__ import annotations

import random

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.operations.site.simultaneous_reload import (
    CURE,
    HEAD,
    LEAD,
    TICK,
    Call,
    Participant,
    decode,
    encode,
)

NODES = ("lb1", "lb2", "lb3")
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
            node: Participant("r", node, NODES, int(node == "lb2"), CLOCKS[node] + self.starts[node], patience=5.0)
            for node in NODES
        }

    def run(self, seconds=12.0):
        """Run for so many seconds; return the moment that every node has agreed to, all by one clock."""
        under_way = []
        for step in range(int(seconds / STEP)):
            now = step * STEP
            arrived = [packet for packet in under_way if packet[0] <= now]
            under_way = [packet for packet in under_way if packet[0] > now]
            for _at, to, data in arrived:
                if self._is_there(to, now):
                    self.nodes[to].receive(data, CLOCKS[to] + now)
            for node in [node for node in NODES if self._is_there(node, now) and step % int(TICK / STEP) == 0]:
                sent = self._send(node, CLOCKS[node] + now)
                under_way += [(now + self.random.choice((STEP, 2 * STEP)), to, data) for to, data in sent.items()]
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
    assert Participant("r", "lb1", ("lb1",), held=0, begin=7.0, patience=5.0).moment == 7.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x31\x0a\xfe\x01",
        HEAD,
        HEAD + b"{",
        HEAD + b"[]",
        HEAD + b'{"run": "r"}',
        HEAD + b'{"what": 1}',
        HEAD + b"\xff",
    ],
)
def test_packets_that_are_no_calls_are_ignored(data):
    assert decode(data) is None
    participant = Participant("r", "lb2", NODES, held=0, begin=0.0, patience=5.0)
    participant.receive(data, 1.0)
    assert participant.packets(1.0) == {}


def test_a_call_is_decoded_as_it_was_encoded():
    call = Call("r", "lb1", 2, 0.5, "lb2")
    assert decode(encode(call)) == call


@pytest.mark.parametrize("call", [Call("other", "lb1", 0, 0.5), Call("r", "lb3", 0, 0.5)])
def test_only_the_coordinator_of_the_same_run_sets_the_moment(call):
    participant = Participant("r", "lb2", NODES, held=0, begin=0.0, patience=5.0)
    participant.receive(encode(call), 1.0)
    assert participant.moment is None

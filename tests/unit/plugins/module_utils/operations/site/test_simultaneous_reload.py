# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes whose clocks do not agree meet at one moment, or not at all."""

from __future__ import annotations

import random

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.operations.site.simultaneous_reload import (
    COUNT_FROM,
    CURE,
    HEAD,
    TICK,
    Call,
    Countdown,
    decode,
    encode,
)

NODES = ("lb1", "lb2", "lb3")
STEP = 0.01
CLOCKS = {"lb1": 0.0, "lb2": 3600.0, "lb3": -7200.0}  # seconds that a clock is ahead


class Wire:
    """Nodes that come when they come, and a network that loses and delays."""

    def __init__(self, loss=0.0, starts=(0.0, 0.0, 0.0), cut=()):
        self.random = random.Random(1)
        self.loss, self.cut = loss, set(cut)
        self.starts = dict(zip(NODES, starts, strict=True))
        self.failed = {}
        self.nodes = {
            node: Countdown("r", node, NODES, int(node == "lb2"), CLOCKS[node] + self.starts[node], patience=5.0)
            for node in NODES
        }

    def run(self, seconds=12.0):
        """Return the moment of each node by one clock, after so many seconds."""
        under_way = []
        for step in range(int(seconds / STEP)):
            now = step * STEP
            arrived = [each for each in under_way if each[0] <= now]
            under_way = [each for each in under_way if each[0] > now]
            for _at, to, data in arrived:
                if self._is_there(to, now):
                    self.nodes[to].hear(data, CLOCKS[to] + now)
            for node in [node for node in NODES if self._is_there(node, now) and step % int(TICK / STEP) == 0]:
                calls = self._turn(node, CLOCKS[node] + now)
                under_way += [(now + self.random.choice((STEP, 2 * STEP)), to, data) for to, data in calls.items()]
        return {node: each.moment and each.moment - CLOCKS[node] for node, each in self.nodes.items()}

    def _is_there(self, node, now):
        return self.starts[node] <= now and node not in self.failed

    def _turn(self, node, now):
        countdown = self.nodes[node]
        try:
            countdown.check(now)
        except HaLbError as error:
            self.failed[node] = str(error)
            return {}
        over = countdown.moment is not None and now >= countdown.moment
        said = {} if over else countdown.say(now)
        return {
            to: each for to, each in said.items() if (node, to) not in self.cut and self.random.random() >= self.loss
        }


@pytest.mark.parametrize("loss", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("starts", [(0.0, 0.0, 0.0), (2.0, 0.0, 1.0), (0.0, 3.0, 1.0)])
def test_all_come_at_one_moment(loss, starts):
    wire = Wire(loss, starts)
    moments = wire.run()
    assert not wire.failed
    assert max(moments.values()) - min(moments.values()) <= 0.021
    assert moments["lb1"] >= max(starts) + COUNT_FROM
    assert {each.last for each in wire.nodes.values()} == {"lb2"}


def test_one_does_not_come_and_none_goes():
    wire = Wire(starts=(0.0, 0.0, 99.0))
    assert set(wire.run().values()) == {None}
    assert wire.failed == {
        "lb1": f"lb3 did not answer lb1, so nothing was reloaded: {CURE}",
        "lb2": f"lb1 did not call lb2, so nothing was reloaded: {CURE}",
    }


@pytest.mark.parametrize("cut", [("lb1", "lb3"), ("lb3", "lb1")])
def test_one_way_is_not_enough(cut):
    wire = Wire(cut=[cut])
    assert set(wire.run().values()) == {None}
    assert set(wire.failed) == set(NODES)


def test_the_first_does_not_come():
    wire = Wire(starts=(99.0, 0.0, 0.0))
    wire.run()
    assert set(wire.failed) == {"lb2", "lb3"}


def test_alone_there_is_nobody_to_wait_for():
    assert Countdown("r", "lb1", ("lb1",), held=0, begin=7.0, patience=5.0).moment == 7.0


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
def test_what_is_no_call(data):
    assert decode(data) is None
    countdown = Countdown("r", "lb2", NODES, held=0, begin=0.0, patience=5.0)
    countdown.hear(data, 1.0)
    assert countdown.say(1.0) == {}


def test_a_call_travels():
    call = Call("r", "lb1", 2, 0.5, "lb2")
    assert decode(encode(call)) == call


@pytest.mark.parametrize("call", [Call("other", "lb1", 0, 0.5), Call("r", "lb3", 0, 0.5)])
def test_only_the_first_of_the_same_run_counts(call):
    countdown = Countdown("r", "lb2", NODES, held=0, begin=0.0, patience=5.0)
    countdown.hear(encode(call), 1.0)
    assert countdown.moment is None

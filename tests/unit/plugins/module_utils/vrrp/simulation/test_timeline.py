# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from module_utils.vrrp.simulation.machine import State
from module_utils.vrrp.simulation.timeline import Span, Transition, seconds_of, spans_of


def transition(at, node, held, instance="web"):
    return Transition(at, node, instance, State.ACTIVE if held else State.BACKUP, held)


def test_spans_of():
    takeover = [transition(2.0, "lb2", True), transition(2.5, "lb1", False), transition(4.0, "lb2", False)]
    spans = list(spans_of(takeover, "web", {"lb1"}, 1.0, 5.0))
    assert [(span.seconds, sorted(span.holders)) for span in spans] == [
        (1.0, ["lb1"]),
        (0.5, ["lb1", "lb2"]),
        (1.5, ["lb2"]),
        (1.0, []),
    ]


def test_spans_of_only_changes_of_the_holder():
    others = [transition(2.0, "lb1", True), transition(3.0, "lb2", True, instance="api")]
    assert list(spans_of(others, "web", {"lb1"}, 1.0, 5.0)) == [Span(1.0, 5.0, frozenset({"lb1"}))]


def test_seconds_of():
    spans = [Span(1.0, 2.5, frozenset()), Span(4.0, 4.5, frozenset({"lb1"}))]
    assert seconds_of(spans) == 2.0
    assert repr(seconds_of([])) == "0.0"

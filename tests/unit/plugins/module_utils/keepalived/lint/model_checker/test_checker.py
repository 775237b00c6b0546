# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for failures after which the wrong node is active."""

from __future__ import annotations

import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from module_utils.keepalived.lint.model_checker.checker import (
    FailurePoint,
    Lapse,
    LapseCause,
    Side,
    contribution,
    lapses,
    simulated,
    tied_by_clamp,
)
from module_utils.vrrp.weights import FAULT_WEIGHT

FAULT = (0, FAULT_WEIGHT)


def pair(first, second, *checks, preempts=True):
    """Return two sides with these priorities and the same checks; the second has the higher address."""
    return (Side(first, preempts, 0, checks), Side(second, preempts, 1, checks))


def causes(form):
    return {(each.cause, each.failed, each.active) for each in lapses(form)}


@pytest.mark.parametrize(
    ("form", "cause"),
    [
        (pair(254, 250, (0, -2)), LapseCause.DROP),
        (pair(254, 250, (0, -4)), LapseCause.DROP),  # equal priorities: the active node stays
        (pair(110, 100, (2, 0)), LapseCause.RISE),
        (pair(102, 100, (2, 0)), LapseCause.RISE),
        (pair(254, 250, (0, -200), preempts=False), LapseCause.STAYS),
        (pair(150, 100, (60, 0), preempts=False), LapseCause.STAYS),
        (pair(245, 240, (20, 0), (20, 0)), LapseCause.CLAMP),
    ],
)
def test_weights_that_do_not_move_the_vips(form, cause):
    found = lapses(form)
    assert {each.cause for each in found} == {cause}
    first = found[0]
    assert (first.failed, first.active, first.better) == (frozenset([FailurePoint(0, 0)]), 0, 1)
    assert simulated(form, first) == 0


@pytest.mark.parametrize(
    "form",
    [
        (),
        pair(254, 250)[:1],
        pair(254, 250),
        pair(254, 250, (0, -5)),
        pair(101, 100, (2, 0)),
        pair(254, 250, FAULT),
        pair(254, 250, FAULT, preempts=False),
        pair(150, 100, (0, -60), (0, -60)),
        (Side(254, True, 0, ((0, -2),)),),  # one node: there is no better one
    ],
)
def test_weights_that_move_the_vips(form):
    assert lapses(form) == ()


def test_without_preemption_any_node_can_be_active_when_its_check_fails():
    found = lapses(pair(254, 250, (0, -200), preempts=False))
    assert [(each.before, each.active) for each in found] == [(0, 0), (1, 1)]


def test_nopreempt_on_the_first_choice_alone():
    """Only the second preempts: the failure of its check leaves it active, because the first does not preempt."""
    form = (Side(254, False, 0, ((0, -50),)), Side(250, True, 1, ((0, -50),)))
    assert [(each.cause, each.failed) for each in lapses(form)] == [(LapseCause.STAYS, frozenset([FailurePoint(1, 0)]))]


def test_a_pair_of_failures_where_each_alone_is_harmless():
    """With lb2 down, the weight is too small to make the third node active."""
    form = (Side(250, True, 0, ((0, -20),)), Side(240, True, 1, ()), Side(200, True, 2, ()))
    assert causes(form) == {(LapseCause.DROP, frozenset([FailurePoint(0, 0), FailurePoint(1)]), 0)}


def test_a_pair_is_left_out_where_one_of_its_failures_suffices():
    form = (Side(250, True, 0, ((0, -2), (0, -2))), Side(240, True, 1, ()))
    assert {each.failed for each in lapses(form)} == {frozenset([FailurePoint(0, 0)]), frozenset([FailurePoint(0, 1)])}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (pair(245, 240, (20, 0)), (0, 1)),
        (pair(245, 230, (20, 0)), ()),
        (pair(100, 100, (20, 0)), ()),  # equal priorities: KA122 reports them
        ((), ()),
    ],
)
def test_priorities_that_tie_only_at_254(form, expected):
    assert tied_by_clamp(form) == expected


@pytest.mark.parametrize(
    ("weight", "reverse", "expected"),
    [
        (0, False, FAULT),
        (0, True, FAULT),
        (5, False, (5, 0)),
        (-5, False, (0, -5)),
        (5, True, (0, -5)),
        (-5, True, (5, 0)),
        (-254, False, (0, -253)),  # capped: -254 would be FAULT
        (300, False, (253, 0)),
    ],
)
def test_contribution_of_a_weight(weight, reverse, expected):
    assert contribution(weight, reverse) == expected


CHECKS = st.sampled_from([FAULT, (0, -2), (0, -30), (0, -253), (2, 0), (30, 0)])


@st.composite
def forms(draw):
    count = draw(st.integers(2, 3))
    ranks = draw(st.permutations(range(count)))
    return tuple(
        Side(
            draw(st.sampled_from([90, 100, 110, 150, 240, 250, 254])),
            draw(st.booleans()),
            rank,
            tuple(draw(st.lists(CHECKS, max_size=2))),
        )
        for rank in ranks
    )


def ends_wrong(form, failed, before):
    """Tell whether, in the simulator, a side with a failed check is active although a healthy one could be."""
    nothing = Lapse(LapseCause.DROP, frozenset(), before, before, before, ())
    if simulated(form, nothing) != before:
        return False
    active = simulated(form, nothing._replace(failed=failed))
    ailing = {part.side for part in failed}
    assert active is not None or all(FailurePoint(side) in failed or side in ailing for side in range(len(form)))
    return active in ailing and len(ailing) < len(form)


@settings(max_examples=12)
@given(forms())
def test_it_agrees_with_the_simulator(form):
    parts = [FailurePoint(side, check) for side, each in enumerate(form) for check in (None, *range(len(each.checks)))]
    singles = [frozenset([part]) for part in parts]
    pairs = [frozenset(both) for both in combinations(parts, 2) if both[0].side != both[1].side]
    found = lapses(form)
    for failed in (*singles, *pairs[:20]):
        for before in range(len(form)):
            if ends_wrong(form, failed, before):
                assert any(each.failed <= failed for each in found)
    for lapse in found:
        assert ends_wrong(form, lapse.failed, lapse.before)


def test_a_hundred_clusters_take_less_than_4_seconds():
    """A hundred different clusters of three nodes with four checks each."""
    checks = ((0, -20), FAULT, (10, 0), (0, -60))
    made = [tuple(Side(200 - 9 * node + index % 7, True, node, checks) for node in range(3)) for index in range(100)]
    made = [(each[0]._replace(priority=100 + index), *each[1:]) for index, each in enumerate(made)]
    begin = time.process_time()
    for form in made:
        lapses(form)
    assert time.process_time() - begin < 4

# SPDX-License-Identifier: GPL-3.0-or-later
"""Shares are even, before and after failures, and little moves when nodes and units come and go."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.vrrp.spread import Unit, spread

node_counts = st.integers(1, 10)
unit_counts = st.integers(1, 60)


def names(count):
    return tuple(f"lb{index}" for index in range(1, count + 1))


def plain(nodes, units):
    return spread(nodes, [Unit(nodes)] * units)


def after(orders, nodes, lost=()):
    """Count what each node that is left holds."""
    left = [node for node in nodes if node not in lost]
    held = Counter(next(node for node in order if node not in lost) for order in orders)
    return [held[node] for node in left]


def moves(before, now):
    return sum(one[0] != other[0] for one, other in zip(before, now, strict=False))


@given(node_counts, unit_counts)
def test_every_order_names_every_node_once(count, units):
    nodes = names(count)
    assert all(sorted(order) == sorted(nodes) for order in plain(nodes, units))


@given(node_counts, unit_counts)
def test_first_choices_are_even(count, units):
    shares = after(plain(names(count), units), names(count))
    assert max(shares) - min(shares) <= 1


@given(st.integers(2, 10), unit_counts)
def test_after_the_loss_of_a_node_nobody_has_more_than_an_even_share(count, units):
    nodes = names(count)
    orders = plain(nodes, units)
    for lost in nodes:
        assert max(after(orders, nodes, (lost,))) <= ceil(units / (count - 1))


@given(st.integers(3, 8), unit_counts)
def test_after_the_loss_of_two_nodes_shares_are_nearly_even(count, units):
    nodes = names(count)
    orders = plain(nodes, units)
    for lost in combinations(nodes, 2):
        assert max(after(orders, nodes, lost)) <= ceil(units / (count - 2)) + 2


@given(node_counts, unit_counts)
def test_a_node_more_takes_its_share_and_nothing_else_moves(count, units):
    before, now = plain(names(count), units), plain(names(count + 1), units)
    assert moves(before, now) <= ceil(units / (count + 1))
    newcomer = names(count + 1)[-1]
    assert all(one[0] == other[0] or other[0] == newcomer for one, other in zip(before, now, strict=True))


@given(st.integers(1, 4), unit_counts)
def test_a_unit_more_moves_none_on_up_to_four_nodes(count, units):
    assert moves(plain(names(count), units), plain(names(count), units + 1)) == 0


@pytest.mark.parametrize(("count", "on_average"), [(5, 0.2), (6, 0.5), (8, 1.0), (10, 2.0)])
def test_a_unit_more_moves_few_on_more_nodes(count, on_average):
    orders = [plain(names(count), units) for units in range(1, 100)]
    assert sum(map(moves, orders, orders[1:])) / 98 <= on_average


def in_use(orders, nodes, extra=0):
    return [Unit(nodes, in_use=order) for order in orders] + [Unit(nodes)] * extra


@given(node_counts, unit_counts, st.data())
def test_what_is_in_use_moves_only_when_it_must(count, units, data):
    nodes = names(count)
    orders = plain(nodes, units)
    assert spread(nodes, in_use(orders, nodes)) == orders
    more = spread(nodes, in_use(orders, nodes, extra=1))
    assert moves(orders, more) == 0
    bigger = ("new", *nodes)
    assert moves(orders, spread(bigger, in_use(orders, bigger))) == units // (count + 1)
    shares = after(spread(bigger, in_use(orders, bigger)), bigger)
    assert max(shares) - min(shares) <= 1
    if count > 1:
        gone = data.draw(st.sampled_from(nodes))
        left = tuple(node for node in nodes if node != gone)
        fewer = spread(left, in_use(orders, left))
        assert all(one[0] == other[0] or one[0] == gone for one, other in zip(orders, fewer, strict=True))


@given(node_counts, unit_counts, st.data())
def test_preferences_are_kept_and_the_rest_makes_up_for_them(count, units, data):
    nodes = names(count)
    wishes = data.draw(st.lists(st.permutations(nodes), min_size=units, max_size=units))
    lengths = data.draw(st.lists(st.sampled_from([0, 0, 1, 2]), min_size=units, max_size=units))
    prefer = [tuple(wish[:length]) for wish, length in zip(wishes, lengths, strict=True)]
    orders = spread(nodes, [Unit(nodes, each) for each in prefer])
    assert all(order[: len(each)] == each for order, each in zip(orders, prefer, strict=True))
    shares = Counter(order[0] for order in orders)
    wanted = Counter(each[0] for each in prefer if each)
    free = [node for node in nodes if shares[node] > wanted[node]]
    assert all(shares[node] <= min(shares[other] for other in nodes) + 1 for node in free)


@given(st.integers(2, 8), unit_counts, st.data())
def test_units_stay_on_the_nodes_that_may_hold_them(count, units, data):
    allowed = st.lists(st.sampled_from(names(count)), min_size=1, unique=True).map(tuple)
    pins = data.draw(st.lists(allowed, min_size=units, max_size=units))
    orders = spread(names(count), [Unit(each) for each in pins])
    assert [sorted(order) for order in orders] == [sorted(each) for each in pins]


def test_no_units():
    assert spread(names(3), []) == []

# SPDX-License-Identifier: GPL-3.0-or-later
"""Shares are even before and after failures, and few units move when a node or a unit is added or removed."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.vrrp.spread import SpreadUnit, spread

node_counts = st.integers(1, 10)
unit_counts = st.integers(1, 60)


def names(count):
    return tuple(f"lb{index}" for index in range(1, count + 1))


def plain(nodes, units):
    return spread(nodes, [SpreadUnit(nodes)] * units)


def shares_of(orders, nodes, lost=()):
    """Return the number of units on every node that is left."""
    left = [node for node in nodes if node not in lost]
    held = Counter(next(node for node in order if node not in lost) for order in orders)
    return [held[node] for node in left]


def moves(before, now):
    """Return the number of units with another first choice."""
    return sum(one[0] != other[0] for one, other in zip(before, now, strict=False))


@given(node_counts, unit_counts)
def test_spread_names_every_node_once(count, units):
    nodes = names(count)
    assert all(sorted(order) == sorted(nodes) for order in plain(nodes, units))


@given(node_counts, unit_counts)
def test_spread_has_even_first_choices(count, units):
    shares = shares_of(plain(names(count), units), names(count))
    assert max(shares) - min(shares) <= 1


@given(st.integers(2, 10), unit_counts)
def test_spread_is_even_after_the_loss_of_one_node(count, units):
    nodes = names(count)
    orders = plain(nodes, units)
    for lost in nodes:
        assert max(shares_of(orders, nodes, (lost,))) <= ceil(units / (count - 1))


@given(st.integers(3, 8), unit_counts)
def test_spread_is_nearly_even_after_the_loss_of_two_nodes(count, units):
    nodes = names(count)
    orders = plain(nodes, units)
    for lost in combinations(nodes, 2):
        assert max(shares_of(orders, nodes, lost)) <= ceil(units / (count - 2)) + 2


@given(node_counts, unit_counts)
def test_spread_with_an_additional_node_moves_only_its_share(count, units):
    before, now = plain(names(count), units), plain(names(count + 1), units)
    assert moves(before, now) <= ceil(units / (count + 1))
    newcomer = names(count + 1)[-1]
    assert all(one[0] == other[0] or other[0] == newcomer for one, other in zip(before, now, strict=True))


@given(st.integers(1, 4), unit_counts)
def test_spread_with_an_additional_unit_on_up_to_four_nodes(count, units):
    assert moves(plain(names(count), units), plain(names(count), units + 1)) == 0


@pytest.mark.parametrize(("count", "on_average"), [(5, 0.2), (6, 0.5), (8, 1.0), (10, 2.0)])
def test_spread_with_an_additional_unit_on_more_nodes(count, on_average):
    orders = [plain(names(count), units) for units in range(1, 100)]
    assert sum(map(moves, orders, orders[1:])) / 98 <= on_average


def in_use(orders, nodes, extra=0):
    return [SpreadUnit(nodes, in_use=order) for order in orders] + [SpreadUnit(nodes)] * extra


@given(node_counts, unit_counts, st.data())
def test_spread_keeps_the_order_in_use(count, units, data):
    nodes = names(count)
    orders = plain(nodes, units)
    assert spread(nodes, in_use(orders, nodes)) == orders
    more = spread(nodes, in_use(orders, nodes, extra=1))
    assert moves(orders, more) == 0
    bigger = ("new", *nodes)
    assert moves(orders, spread(bigger, in_use(orders, bigger))) == units // (count + 1)
    shares = shares_of(spread(bigger, in_use(orders, bigger)), bigger)
    assert max(shares) - min(shares) <= 1
    if count > 1:
        gone = data.draw(st.sampled_from(nodes))
        left = tuple(node for node in nodes if node != gone)
        fewer = spread(left, in_use(orders, left))
        assert all(one[0] == other[0] or one[0] == gone for one, other in zip(orders, fewer, strict=True))


@given(node_counts, unit_counts, st.data())
def test_spread_keeps_preferences_and_evens_out_the_rest(count, units, data):
    nodes = names(count)
    wishes = data.draw(st.lists(st.permutations(nodes), min_size=units, max_size=units))
    lengths = data.draw(st.lists(st.sampled_from([0, 0, 1, 2]), min_size=units, max_size=units))
    prefer = [tuple(wish[:length]) for wish, length in zip(wishes, lengths, strict=True)]
    orders = spread(nodes, [SpreadUnit(nodes, preferred) for preferred in prefer])
    assert all(order[: len(preferred)] == preferred for order, preferred in zip(orders, prefer, strict=True))
    shares = Counter(order[0] for order in orders)
    wanted = Counter(preferred[0] for preferred in prefer if preferred)
    free = [node for node in nodes if shares[node] > wanted[node]]
    assert all(shares[node] <= min(shares[other] for other in nodes) + 1 for node in free)


@given(st.integers(2, 8), unit_counts, st.data())
def test_spread_keeps_units_on_allowed_nodes(count, units, data):
    allowed = st.lists(st.sampled_from(names(count)), min_size=1, unique=True).map(tuple)
    pins = data.draw(st.lists(allowed, min_size=units, max_size=units))
    orders = spread(names(count), [SpreadUnit(each) for each in pins])
    assert [sorted(order) for order in orders] == [sorted(each) for each in pins]


def test_spread_of_no_units():
    assert spread(names(3), []) == []

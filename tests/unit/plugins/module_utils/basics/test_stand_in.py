# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in for a secret: the same is wrong with it, and it is another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as any_of
from module_utils.basics.schema import collector
from module_utils.basics.stand_in import of_lines, stand_in
from module_utils.vrrp.settings import password


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hunter2", "xxxxxx0"),
        ("p@ss w\"o'r\\d\n", "x*xx x\"x'x\\x\n"),
        ("äß密😀", "éé€😀"),
        ("{subject}{hunter2}", "{subject}{xxxxxx0}"),
        (
            {"password": "ab1", "hunter2": ["c", 5, 2.5, True, None]},
            {"password": "xx0", "xxxxxx0": ["x", 0, 0.0, True, None]},
        ),
        (float("inf"), float("inf")),
    ],
)
def test_stand_in(value, expected):
    assert stand_in(value, fields=["subject"]) == expected


def test_names_stay_where_keys_are_names():
    assert stand_in({"shop2": "hunter2"}, named=True) == {"shop2": "xxxxxx0"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("stats auth admin:hunter2\n  backend x\n", "stats xxxx xxxxx:xxxxxx0\n  backend x\n"),
        ("hunter2", "xxxxxx0"),
        ('location /a { proxy_set_header A "b2"; }', 'location /x { xxxxx_xxx_xxxxxx x "x0"; }'),
        ({"shop2": "maxconn 10"}, {"shop2": "maxconn 00"}),
        (["hunter2"], ["xxxxxx0"]),
        (5, 0),
    ],
)
def test_stand_in_of_lines(value, expected):
    assert of_lines(value) == expected


def refusals(value):
    findings: list[object] = []
    password(value, "x", collector(findings))
    return findings


@given(any_of.text(max_size=10) | any_of.integers() | any_of.floats() | any_of.lists(any_of.text()))
def test_the_same_is_wrong_with_the_stand_in_of_a_password(secret):
    assert refusals(stand_in(secret)) == refusals(secret)

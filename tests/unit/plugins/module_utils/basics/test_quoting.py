# SPDX-License-Identifier: GPL-3.0-or-later
"""How a finding shows a value: on one line, cut, and nothing of a secret."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as any_of
from module_utils.basics import schema
from module_utils.basics.errors import Finding
from module_utils.basics.quoting import LONGEST, quoted
from module_utils.basics.schema import Field

CYCLE: list[object] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("web", "'web'"),
        ("a\nb\u2028\u202e", "'a\\nb\\u2028\\u202e'"),
        ("x" * 20000, f"'{'x' * 59}…'"),
        ("it's", '"it\'s"'),
        ("smtp://lb:hunter2@mail.example.org", "'smtp://…@mail.example.org'"),
        (None, "None"),
        (True, "True"),
        (16**5000, "a number of more than 18 digits"),
        (float("nan"), "nan"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        ({"name": "web", "vrid": [7]}, "{'name': 'web', 'vrid': [7]}"),
        ((1, "a"), "[1, 'a']"),
        ([], "[]"),
        ([[[["a"]]]], "[[[[…]]]]"),
        (CYCLE, "[[[[…]]]]"),
        (range(10**9), "a range"),
        ([0] * 10**6, f"[{'0, ' * 19}0,…"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_quoted(value, expected):
    assert quoted(value) == expected


LEAVES = any_of.none() | any_of.booleans() | any_of.integers() | any_of.floats() | any_of.text() | any_of.binary()
KEYS = any_of.text() | any_of.integers() | any_of.none()
DATA = any_of.recursive(
    LEAVES, lambda inner: any_of.lists(inner, max_size=4) | any_of.dictionaries(KEYS, inner, max_size=4), max_leaves=9
)
READERS = schema.record(
    {
        "name": Field(schema.name, required=True),
        "number": Field(schema.integer(1, 9)),
        "time": Field(schema.seconds(1, 9)),
        "address": Field(schema.interface_address),
        "network": Field(schema.network),
        "host": Field(schema.host),
        "switch": Field(schema.boolean),
        "word": Field(schema.choice("a", "b")),
        "named": Field(schema.mapping_of(schema.line)),
        "listed": Field(schema.list_of(schema.record({"a": Field(schema.word)}), or_one=True)),
    }
)
ANY = any_of.dictionaries(any_of.sampled_from(sorted(READERS.fields)) | KEYS, DATA)


@given(ANY | DATA)
def test_a_finding_is_one_line_of_any_data(value):
    findings: list[Finding] = []
    READERS(value, "x", schema.collector(findings))
    for each in findings:
        assert len(str(each).splitlines()) == 1
        assert len(str(each)) < 10 * LONGEST


CANARY = "hunter2"
ANY_WITH_A_CANARY = any_of.recursive(
    any_of.sampled_from([CANARY, f"https://{CANARY}@example.org", f" {CANARY}\n", [CANARY], {CANARY: CANARY}]),
    lambda inner: (
        any_of.lists(inner, max_size=4)
        | any_of.dictionaries(KEYS | any_of.sampled_from([CANARY, "name"]), inner, max_size=4)
    ),
    max_leaves=9,
)


@given(
    any_of.dictionaries(any_of.sampled_from([*sorted(READERS.fields), CANARY]), ANY_WITH_A_CANARY) | ANY_WITH_A_CANARY
)
def test_a_finding_of_a_secret_shows_nothing_of_it(value):
    findings: list[Finding] = []
    schema.discreet(schema.list_of(READERS, or_one=True))(value, "x", schema.collector(findings))
    assert CANARY not in str(findings)


def test_a_key_of_a_secret_is_shown_where_it_is_a_known_one_misspelt():
    findings: list[Finding] = []
    schema.discreet(schema.record({"password": Field(schema.line)}))(
        {"passwort": "a", "colour": "b"}, "x", schema.collector(findings)
    )
    assert [str(each) for each in findings] == [
        "x.passwort: unknown key; did you mean password?",
        "x[key 2]: unknown key; the keys are password",
    ]

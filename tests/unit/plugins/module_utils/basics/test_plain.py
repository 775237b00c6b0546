# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever YAML can make of a file, and what of it no variable means."""

from __future__ import annotations

import datetime

import pytest
import yaml
from module_utils.basics.errors import Finding
from module_utils.basics.plain import DEEPEST, LONGEST, MOST, plain
from module_utils.basics.quoting import Discreet
from module_utils.basics.schema import INVALID, collector


def read(value, **options):
    findings: list[Finding] = []
    return plain(value, "x", collector(findings), **options), [str(each) for each in findings]


def nested(depth):
    value: list[object] = []
    for _level in range(depth - 1):
        value = [value]
    return value


def shown(value):
    """What a finding may quote: for an id, on one line."""
    return type(value).__name__


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -5,
        0.25,
        "text, ä, 密码, 👩‍🚀\nand a\ttab",
        [],
        {"a": [1, {"b": None}], 80: "c"},
        nested(DEEPEST),
        10**18 - 1,
    ],
    ids=shown,
)
def test_plain_data_stays_as_it_is(value):
    assert read(value) == (value, [])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (nested(DEEPEST + 1), f"x: is nested more than {DEEPEST} deep"),
        (nested(900), f"x: is nested more than {DEEPEST} deep"),
        ({"a": 16**5000}, "x.a: is a number of more than 18 digits"),
        ([-(10**18)], "x[0]: is a number of more than 18 digits"),
        ([float("nan")], "x[0]: is nan, which is no number"),
        (float("-inf"), "x: is -inf, which is no number"),
        (datetime.date(2026, 1, 2), "x: is a date to YAML: put it in quotes, '2026-01-02'"),
        ({"a": datetime.datetime(2026, 1, 2, 3)}, "x.a: is a date to YAML: put it in quotes, '2026-01-02 03:00:00'"),
        ({"a": {1, 2}}, "x.a: is of the type set, which no variable has"),
        (b"text", "x: is of the type bytes, which no variable has"),
        ("a\x00b", "x: has a character that nobody sees, U+0000"),
        ("a\x1b[2Jb", "x: has a character that nobody sees, U+001B"),
        ("a\x85b", "x: has a character that nobody sees, U+0085"),
        ("a\u2028b", "x: has a character that nobody sees, U+2028"),
        ("a\u202eb", "x: has a character that nobody sees, U+202E"),
        ("a\u200bb", "x: has a character that nobody sees, U+200B"),
        ("\ufeffa", "x: has a character that nobody sees, U+FEFF"),
        ("a\ud800b", "x: has a character that nobody sees, U+D800"),
        ("a" * (LONGEST + 1), f"x: has more than {LONGEST} characters"),
        ([[0] * MOST], f"x: has more than {MOST} values"),
        ({True: 1}, "x[True]: has a key that is no text"),
        ({None: 1}, "x[None]: has a key that is no text"),
        ({0.5: 1}, "x[0.5]: has a key that is no text"),
        ({(1, 2): 1}, "x[[1, 2]]: has a key that is no text"),
        ({10**5000: 1}, "x[a number of more than 18 digits]: has a key that is no text"),
        ({"a\u202e": 1}, "x['a\\u202e']: has a character that nobody sees, U+202E"),
    ],
    ids=shown,
)
def test_what_no_variable_means_is_found(value, message):
    assert read(value)[1] == [message]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("&x [1, *x]", ["x[1]: contains itself: a YAML alias in it means x again"]),
        ("a: &a {b: [{c: *a}]}", ["x.a.b[0].c: contains itself: a YAML alias in it means x.a again"]),
        ("&x {a: *x, b: [*x]}", [f"x.{at}: contains itself: a YAML alias in it means x again" for at in ("a", "b[0]")]),
    ],
)
def test_what_contains_itself_is_found(text, messages):
    assert read(yaml.safe_load(text))[1] == messages


def test_what_is_only_said_twice_is_right():
    once = {"a": [1]}
    assert read({"b": once, "c": [once, once]}) == ({"b": once, "c": [once, once]}, [])


def test_what_doubles_with_each_line_ends():
    lines = ["a0: &a0 [1, 1]", *(f"a{each}: &a{each} [*a{each - 1}, *a{each - 1}]" for each in range(1, 25))]
    assert read(yaml.safe_load("\n".join(lines)))[1] == [f"x: has more than {MOST} values"]


def test_everything_is_found_at_once():
    value, found = read([float("nan"), {"a": "right", "b": "\x00"}, datetime.date.min])
    assert [each.split(":")[0] for each in found] == ["x[0]", "x[1].b", "x[2]"]
    assert value == [INVALID, {"a": "right", "b": INVALID}, INVALID]


def test_nothing_of_a_secret_is_shown():
    findings: list[Finding] = []
    secret = {"a": "hunter2\x00", "hunter2": {None: {"hunter2": float("inf")}}, "hunter2\x00": 1}
    plain(secret, "x", Discreet(collector(findings)))
    assert [each.path for each in findings] == ["x.a", "x[key 2][key 1]", "x[key 3]"]
    assert "hunter2" not in str(findings)


class Undefined(Exception):
    pass


def resolve(value):
    if value == "{{ nowhere }}":
        raise Undefined("'nowhere'\n is undefined")
    return {"{{ list }}": ["{{ text }}"], "{{ text }}": "said", "{{ again }}": ["{{ again }}"]}.get(value, value)


class Lazy(list):
    """A list whose items are made when they are asked for, as Ansible's."""

    def __getitem__(self, index):
        raise Undefined("'nowhere' is undefined")


@pytest.mark.parametrize(
    ("value", "expected", "messages"),
    [
        ({"a": ["{{ list }}", "text"]}, {"a": [["said"], "text"]}, []),
        (
            {"a": ["{{ nowhere }}", "{{ text }}"]},
            {"a": [INVALID, "said"]},
            ["x.a[0]: cannot be resolved: 'nowhere' is undefined"],
        ),
        ([Lazy([1])], [[INVALID]], ["x[0][0]: cannot be resolved: 'nowhere' is undefined"]),
    ],
)
def test_what_a_text_stands_for_is_read_too(value, expected, messages):
    assert read(value, resolve=resolve, failures=(Undefined,)) == (expected, messages)


def test_a_template_without_end_ends():
    assert read("{{ again }}", resolve=resolve)[1] == [f"x: is nested more than {DEEPEST} deep"]


def test_what_goes_wrong_with_a_secret_is_not_quoted():
    findings: list[Finding] = []
    plain("{{ nowhere }}", "x", Discreet(collector(findings)), resolve, (Undefined,))
    assert [str(each) for each in findings] == ["x: cannot be resolved: its template or its vault fails"]

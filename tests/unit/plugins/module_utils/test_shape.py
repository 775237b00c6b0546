# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ipaddress

import pytest
from module_utils import shape
from module_utils.errors import Finding
from module_utils.shape import INVALID, Field


def read(reader, value):
    findings: list[Finding] = []
    return reader(value, "x", shape.collector(findings)), [str(each) for each in findings]


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (shape.integer(1, 9), 5, 5),
        (shape.integer(1, 9), "5", 5),
        (shape.integer(-9, 9), -5, -5),
        (shape.seconds(0, 9), 2, 2.0),
        (shape.seconds(0, 9), "0.25", 0.25),
        (shape.boolean, True, True),
        (shape.boolean, "No", False),
        (shape.choice("a", "b"), "b", "b"),
        (shape.name, "web-1.example_org", "web-1.example_org"),
        (shape.name, 51, "51"),
        (shape.line, "any text, ä", "any text, ä"),
        (shape.word, "X-Canary:1", "X-Canary:1"),
        (shape.host, "web1.example.org", "web1.example.org"),
        (shape.host, "192.0.2.1", "192.0.2.1"),
        (shape.host, "2001:db8::1", "2001:db8::1"),
        (shape.address, "192.0.2.1", ipaddress.ip_address("192.0.2.1")),
        (shape.interface_address, "192.0.2.1/24", ipaddress.ip_interface("192.0.2.1/24")),
        (shape.network, "192.0.2.0/24", ipaddress.ip_network("192.0.2.0/24")),
        (shape.network, "192.0.2.1", ipaddress.ip_network("192.0.2.1/32")),
        (shape.list_of(shape.name), ["a", "b"], ("a", "b")),
        (shape.list_of(shape.name, or_one=True), "a", ("a",)),
        (shape.mapping_of(shape.name), {1: "a"}, {"1": "a"}),
        (shape.record({"a": Field(shape.name, default="b")}), {}, {"a": "b"}),
        (shape.record({"a": Field(shape.name, default="b")}), {"a": None}, {"a": "b"}),
    ],
)
def test_what_is_right(reader, value, expected):
    assert read(reader, value) == (expected, [])


@pytest.mark.parametrize(
    ("reader", "value", "message"),
    [
        (shape.integer(1, 9), 10, "10 is not a whole number from 1 to 9"),
        (shape.integer(1, 9), 5.0, "5.0 is not a whole number from 1 to 9"),
        (shape.integer(1, 9), True, "True is not a whole number from 1 to 9"),
        (shape.integer(1, 9), "٥", "'٥' is not a whole number from 1 to 9"),
        (shape.integer(1, 9, {0: "0 is none"}), "0", "'0' is not a whole number from 1 to 9: 0 is none"),
        (shape.seconds(0.1, 9), "1s", "'1s' is not a number of seconds from 0.1 to 9"),
        (shape.seconds(0.1, 9), float("nan"), "nan is not a number of seconds from 0.1 to 9"),
        (shape.boolean, 1, "1 is neither true nor false"),
        (shape.choice("a", "b"), ["a"], "['a'] is not one of a, b"),
        (shape.name, "-a", "'-a' is not a name (letters, digits, dot, dash and underscore)"),
        (shape.name, "a\n", "'a\\n' is not a name (letters, digits, dot, dash and underscore)"),
        (shape.line, "a\nb", "'a\\nb' is not a line of text"),
        (shape.word, "a b", "'a b' is not a word without spaces"),
        (shape.host, "192.0.2", "'192.0.2' is neither an address nor a host name"),
        (shape.host, "-web", "'-web' is neither an address nor a host name"),
        (shape.host, 5, "5 is neither an address nor a host name"),
        (shape.network, "192.0.2.1/24", "192.0.2.1/24 is not a network; did you mean 192.0.2.0/24?"),
        (shape.network, "192.0.2.0/33", "192.0.2.0/33 is not a network"),
        (shape.network, None, "None is not a network"),
        (shape.list_of(shape.name), "a", "'a' is not a list"),
        (shape.list_of(shape.name, at_least=2), ["a"], "needs at least 2 items"),
        (shape.mapping_of(shape.name), ["a"], "['a'] is not a mapping"),
        (shape.record({}), "a", "'a' is not a mapping"),
    ],
)
def test_what_is_wrong(reader, value, message):
    assert read(reader, value) == (INVALID, [f"x: {message}"])


def test_inside_a_list_or_a_record_the_rest_is_read_on():
    reader = shape.list_of(shape.record({"a": Field(shape.integer(1, 9), required=True), "b": Field(shape.name)}))
    assert read(reader, [{"a": 0, "b": "c"}, {"a": 1, "d": 2}, 3, {}]) == (
        ({"a": INVALID, "b": "c"}, {"a": 1, "b": None}, INVALID, {"a": INVALID, "b": None}),
        [
            "x[0].a: 0 is not a whole number from 1 to 9",
            "x[1].d: unknown key; the keys are a, b",
            "x[2]: 3 is not a mapping",
            "x[3].a: is missing",
        ],
    )


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("adresses", "unknown key; did you mean addresses?"),
        ("colour", "unknown key; the keys are addresses, name"),
        (5, "unknown key; the keys are addresses, name"),
    ],
)
def test_unknown_key(key, message):
    assert shape.unknown_key(key, ["name", "addresses"], "unknown key") == message


def test_invalid_is_false():
    assert not INVALID

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ipaddress

import pytest
from module_utils.basics import schema
from module_utils.basics.errors import Finding
from module_utils.basics.schema import INVALID, Field

NO_HOST = "is neither an address nor a host name"
NO_NAME = "is not a host name: labels of at most 63 letters, digits and dashes, with dots"


def within(fields):
    return schema.record({"a": Field(schema.record(fields))})


def read(reader, value):
    findings: list[Finding] = []
    return reader(value, "x", schema.collector(findings)), [str(each) for each in findings]


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (schema.integer(1, 9), 5, 5),
        (schema.integer(1, 9), "5", 5),
        (schema.integer(-9, 9), -5, -5),
        (schema.seconds(0, 9), 2, 2.0),
        (schema.seconds(0, 9), "0.25", 0.25),
        (schema.boolean, True, True),
        (schema.boolean, "No", False),
        (schema.choice("a", "b"), "b", "b"),
        (schema.name, "web-1.example_org", "web-1.example_org"),
        (schema.name, 51, "51"),
        (schema.line, "any text, ä", "any text, ä"),
        (schema.word, "X-Canary:1", "X-Canary:1"),
        (schema.host, "web1.example.org", "web1.example.org"),
        (schema.host, "192.0.2.1", "192.0.2.1"),
        (schema.host, "2001:db8::1", "2001:db8::1"),
        (schema.address, "192.0.2.1", ipaddress.ip_address("192.0.2.1")),
        (schema.interface_address, "192.0.2.1/24", ipaddress.ip_interface("192.0.2.1/24")),
        (schema.network, "192.0.2.0/24", ipaddress.ip_network("192.0.2.0/24")),
        (schema.name, "a" * 255, "a" * 255),
        (schema.host, "a" * 63 + ".example.org", "a" * 63 + ".example.org"),
        (schema.host, "10gb.x1", "10gb.x1"),
        (schema.host_name, "www.example.org", "www.example.org"),
        (schema.interface_address, "192.0.2.1/255.255.255.0", ipaddress.ip_interface("192.0.2.1/24")),
        (schema.network, "192.0.2.1", ipaddress.ip_network("192.0.2.1/32")),
        (schema.list_of(schema.name), ["a", "b"], ("a", "b")),
        (schema.list_of(schema.name, or_one=True), "a", ("a",)),
        (schema.mapping_of(schema.name), {1: "a"}, {"1": "a"}),
        (schema.record({"a": Field(schema.name, default="b")}), {}, {"a": "b"}),
        (schema.record({"a": Field(schema.name, default="b")}), {"a": None}, {"a": "b"}),
        (within({}), {"a": None}, {"a": {}}),
        (within({}), {}, {"a": None}),
        (
            within({"b": Field(schema.name, default="c")}),
            {"a": None},
            {"a": {"b": "c"}},
        ),
        (
            within({"b": Field(schema.name, required=True)}),
            {"a": None},
            {"a": None},
        ),
    ],
)
def test_reader_of_right_values(reader, value, expected):
    assert read(reader, value) == (expected, [])


@pytest.mark.parametrize(
    ("reader", "value", "message"),
    [
        (schema.integer(1, 9), 10, "10 is not a whole number from 1 to 9"),
        (schema.integer(1, 9), 5.0, "5.0 is not a whole number from 1 to 9"),
        (schema.integer(1, 9), True, "True is not a whole number from 1 to 9"),
        (schema.integer(1, 9), "٥", "'٥' is not a whole number from 1 to 9"),
        (schema.integer(1, 9, {0: "0 is none"}), "0", "'0' is not a whole number from 1 to 9: 0 is none"),
        (schema.seconds(0.1, 9), "1s", "'1s' is not a number of seconds from 0.1 to 9"),
        (schema.seconds(0.1, 9), float("nan"), "nan is not a number of seconds from 0.1 to 9"),
        (schema.boolean, 1, "1 is neither true nor false"),
        (schema.choice("a", "b"), ["a"], "['a'] is not one of a, b"),
        (schema.name, "-a", "'-a' is not a name (letters, digits, dot, dash and underscore)"),
        (schema.name, "a\n", "'a\\n' is not a name (letters, digits, dot, dash and underscore)"),
        (schema.line, "a\nb", "'a\\nb' is not a line of text"),
        (schema.word, "a b", "'a b' is not a word without spaces"),
        (schema.name, "a" * 256, f"'{'a' * 59}…' has 256 characters, and 255 is the most"),
        (schema.line, "a\u2028b", "'a\\u2028b' is not a line of text"),
        (schema.seconds(1, 9), float("inf"), "inf is not a number of seconds from 1 to 9"),
        *(
            (schema.host, each, f"'{each}' {NO_HOST}")
            for each in ("a..b", ".a", "a.", "a-.b", "0x7f000001", "a.0x1", "a.1")
        ),
        (schema.host, "a" * 64, f"'{'a' * 59}…' {NO_HOST}"),
        (schema.host, "a." * 126 + "ab", f"'{'a.' * 29}a…' {NO_HOST}"),
        (schema.host_name, "192.0.2.1", f"'192.0.2.1' {NO_NAME}"),
        (schema.host_name, "2001:db8::1", f"'2001:db8::1' {NO_NAME}"),
        (
            schema.interface_address,
            "192.0.2.1/0.0.0.255",
            "192.0.2.1/0.0.0.255 has a wildcard mask, as access lists have it: did you mean 192.0.2.1/24?",
        ),
        (
            schema.network,
            "192.0.2.0/0.0.0.255",
            "192.0.2.0/0.0.0.255 has a wildcard mask, as access lists have it: did you mean 192.0.2.0/24?",
        ),
        (schema.host, "192.0.2", "'192.0.2' is neither an address nor a host name"),
        (schema.host, "-web", "'-web' is neither an address nor a host name"),
        (schema.host, 5, "5 is neither an address nor a host name"),
        (schema.network, "192.0.2.1/24", "192.0.2.1/24 is not a network; did you mean 192.0.2.0/24?"),
        (schema.network, "192.0.2.0/33", "192.0.2.0/33 is not a network"),
        (schema.network, None, "None is not a network"),
        (schema.list_of(schema.name), "a", "'a' is not a list"),
        (schema.list_of(schema.name, at_least=2), ["a"], "needs at least 2 items"),
        (schema.mapping_of(schema.name), ["a"], "['a'] is not a mapping"),
        (schema.record({}), "a", "'a' is not a mapping"),
    ],
)
def test_reader_of_wrong_values(reader, value, message):
    assert read(reader, value) == (INVALID, [f"x: {message}"])


def test_reader_of_a_list_reports_every_wrong_item():
    reader = schema.list_of(schema.record({"a": Field(schema.integer(1, 9), required=True), "b": Field(schema.name)}))
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
    assert schema.unknown_key(key, ["name", "addresses"], "unknown key") == message


def test_invalid_is_false():
    assert not INVALID


@pytest.mark.parametrize("reader", [schema.integer(1, 9), schema.seconds(1, 9), schema.name, schema.boolean])
def test_reader_of_a_number_without_end(reader):
    [finding] = read(reader, 16**5000)[1]
    assert finding.startswith("x: a number of more than 18 digits is n")

# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of hosts: what is documented is taken, anything else is refused or left."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.basics.answer import DEEPEST, MOST_CHARACTERS, MOST_ITEMS, parsed, read_answer
from module_utils.basics.errors import HaLbError

SHAPE = {
    "held": {"type": "list", "elements": "str", "returned": "success"},
    "instances": {
        "type": "list",
        "elements": "dict",
        "returned": "success",
        "contains": {
            "name": {"type": "str"},
            "vrid": {"type": "int"},
            "since": {"type": "float", "description": "Since when, or null."},
            "late": {"type": "bool", "returned": "sometimes"},
        },
    },
    "content": {"type": "str", "description": "Its text, verbatim.", "returned": "when there is one"},
    "more": {"type": "dict", "returned": "sometimes"},
}
ONE = {"name": "web", "vrid": 10, "since": 1}
GOOD = {"held": ["192.0.2.10"], "instances": [ONE]}


def test_what_is_documented_is_taken_and_nothing_else():
    unwanted = {"add_host": {}, "add_group": "x", "ansible_facts": {"ha_lb_vips": []}, "_ansible_no_log": True}
    said = {**GOOD, **unwanted, "instances": [{**ONE, "_ansible_x": 1}], "changed": True, "exception": "x"}
    assert read_answer(said, SHAPE) == {**GOOD, "changed": True}


def test_a_module_that_failed_says_why_and_may_leave_out_the_rest():
    assert read_answer({"failed": True, "msg": "no \x1b[1m"}, SHAPE) == {"failed": True, "msg": r"no \x1b[1m"}


def test_null_is_a_value_only_where_the_documentation_says_so():
    assert read_answer({**GOOD, "instances": [{**ONE, "since": None}]}, SHAPE)["instances"][0]["since"] is None
    with pytest.raises(HaLbError, match=r"instances\[0\]\.vrid is missing"):
        read_answer({**GOOD, "instances": [{**ONE, "vrid": None}]}, SHAPE)


def test_texts_are_visible_and_on_one_line_but_for_those_that_are_read_verbatim():
    said = {**GOOD, "held": ["a\x1b\nb"], "content": "a\x1b\r\nb", "more": {"k\x07": ["\u202ex"]}}
    read = read_answer(said, SHAPE)
    assert (read["held"], read["content"]) == ([r"a\x1b\nb"], "a\x1b\r\nb")
    assert read["more"] == {r"k\x07": [r"\u202ex"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"held": "all"}, "held is 'all', not a list"),
        ({"held": [5]}, r"held\[0\] is 5, not a text"),
        ({"held": None}, "held is missing"),
        ({"instances": [5]}, r"instances\[0\] is 5, not a mapping"),
        ({"instances": [{**ONE, "vrid": "10"}]}, r"instances\[0\]\.vrid is '10', not a whole number"),
        ({"instances": [{**ONE, "vrid": True}]}, r"vrid is True, not a whole number"),
        ({"instances": [{**ONE, "vrid": 10**5000}]}, "vrid is a number of many digits, not a whole number"),
        ({"instances": [{**ONE, "since": float("nan")}]}, "since is nan, not a number"),
        ({"instances": [{**ONE, "late": 1}]}, "late is 1, not true or false"),
        ({"held": [f"192.0.2.{number}" for number in range(MOST_ITEMS + 1)]}, "held has more than 10,000 items"),
        ({"more": {"a": float("inf")}}, "more is inf, not a number"),
        ({"more": "\x1b[1m"}, r"more is '\\x1b\[1m', not a mapping"),
        ({"content": "x" * (MOST_CHARACTERS + 1)}, "more than 16,000,000 characters, up to content"),
    ],
)
def test_what_is_of_another_type_or_too_much_is_refused(change, message):
    with pytest.raises(HaLbError, match=message):
        read_answer({**GOOD, **change}, SHAPE)


def test_what_is_wrong_comes_together_and_is_counted():
    with pytest.raises(HaLbError, match=r"held\[2\] is 2, not a text; and 7 more"):
        read_answer({**GOOD, "held": [*range(10)]}, SHAPE)


def test_data_without_a_shape_has_a_depth():
    deep = "x"
    for _level in range(DEEPEST + 1):
        deep = [deep]
    with pytest.raises(HaLbError, match="nested deeper"):
        read_answer({**GOOD, "more": {"a": deep}}, SHAPE)


@pytest.mark.parametrize("text", ["", "\n", "no", "[" * 100_000, "1" * 5000, '{"a": ' + "[" * 100_000])
def test_a_text_that_is_no_answer(text):
    with pytest.raises(HaLbError, match=r"it is (empty|no JSON)"):
        parsed(text)
    with pytest.raises(HaLbError, match="characters"):
        parsed(" x" * MOST_CHARACTERS)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([*SHAPE, "changed", "failed", "msg", "name", "vrid"])


@given(st.dictionaries(KEYS, ANYTHING) | ANYTHING)
def test_any_answer_is_read_or_refused_and_stays_as_it_was_read(said):
    try:
        read = read_answer(said, SHAPE)
    except HaLbError:
        return
    assert read_answer(read, SHAPE) == read
    json.dumps(read).encode()

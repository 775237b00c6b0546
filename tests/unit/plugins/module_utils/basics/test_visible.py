# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.basics.visible import shortened, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("lb1 holds 192.0.2.10", "lb1 holds 192.0.2.10"),
        ("zwei\n\tZeilen, äöü 東京", "zwei\n\tZeilen, äöü 東京"),
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\rb\x7f", r"a\rb\x7f"),
        ("invoice\u202egnp.exe", r"invoice\u202egnp.exe"),
        ("half \ud800", r"half \ud800"),
        ("one\u2028two", r"one\u2028two"),
    ],
)
def test_what_steers_is_written_out(text, seen):
    assert visible(text) == seen


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_nothing_that_steers_is_left(text):
    left = {each for each in visible(text) if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp")}
    assert left <= {"\n", "\t"}
    visible(text).encode()


def test_a_long_text_is_cut():
    assert shortened("x" * 10, 10) == "x" * 10
    assert shortened("x" * 11, 10) == "x" * 9 + "…"

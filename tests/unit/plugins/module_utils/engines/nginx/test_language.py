# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx's language taken apart as nginx does, and texts of it that do not stand for themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.basics.errors import HaLbError
from module_utils.engines.nginx.language import Directive, directives


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("# nothing; {", ()),
        ("gzip on;", (Directive(("gzip", "on")),)),
        ("a b # c\n d;e;", (Directive(("a", "b", "d")), Directive(("e",)))),
        ('a \'b; {\' "c \\" d";', (Directive(("a", "b; {", 'c \\" d')),)),
        ("a ${b}c $d;", (Directive(("a", "${b}c", "$d")),)),
        ("a b\\;c;", (Directive(("a", "b\\;c")),)),
        ("a it's;", (Directive(("a", "it's")),)),
        (
            "location / { return 403; } e;",
            (Directive(("location", "/"), (Directive(("return", "403")),)), Directive(("e",))),
        ),
        ("events {}", (Directive(("events",), ()),)),
    ],
)
def test_what_is_read(text, expected):
    assert directives(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gzip on", "has no ; behind the directive in line 1"),
        ("a {\n  b\n}", "has no ; behind the directive in line 2"),
        ("}", "has a } in line 1 that closes no block of its own"),
        ("a;\n# x\n} b {", "has a } in line 3 that closes no block of its own"),
        ("a {", "does not close the block that begins in line 1"),
        (";", "has a ; in line 1 where a directive is to begin"),
        ("{ a; }", "has a { in line 1 where a directive is to begin"),
        ("a 'b;", "has a quote or a backslash in line 1 that does not end"),
        ('\na "b"c;', "has a quote or a backslash in line 2 that does not end"),
        ("a {" * 30, "has blocks in blocks, more than 20 deep"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(HaLbError) as caught:
        directives(text)
    assert message in str(caught.value)


@given(st.text(st.sampled_from("ab ;{}'\"\\$#\n"), max_size=20))
def test_a_text_that_stands_for_itself_changes_nothing_around_it(text):
    try:
        own = directives(text)
    except HaLbError:
        return
    around = directives(f"before;\nhttp {{\n{text}\n}}\nafter;")
    assert around == (Directive(("before",)), Directive(("http",), own), Directive(("after",)))

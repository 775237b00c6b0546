# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.discreet import Piece, discreet, hidden_texts, without

PIECES = [
    Piece("user "),
    Piece("ann", True),
    Piece(" "),
    Piece("s3cret", True),
    Piece("\n# "),
    Piece("old", True, True),
]


def test_hidden_words_beside_each_other_are_one():
    assert discreet(PIECES) == "user ***\n# ***"


def test_no_program_quotes_a_comment():
    assert hidden_texts(PIECES) == ["ann", "s3cret"]


@pytest.mark.parametrize(
    ("said", "hidden", "shown"),
    [
        ("line 3: unknown keyword 'foo'", ["s3cret word"], "line 3: unknown keyword 'foo'"),
        ("'s3cret' is not known", ["s3cret"], "'***' is not known"),
        ("at as3cretb", ["s3cret"], "at a***b"),
        ("at 's3cr'.", ["s3cret"], "at '***'."),
        ("at s3cr: it ends", ["s3cret"], "at ***: it ends"),
        ("it is in /etc/haproxy/haproxy.cfg, haproxy", ["realm haproxy"], "it is in /etc/haproxy/haproxy.cfg, ***"),
        ("a pin of 123 in 1234", ["123"], "a pin of *** in 1234"),
        ("no 12 is it", ["12", "it"], "no 12 is it"),
        ("nothing", ["", "  ", '""'], "nothing"),
        ("one two three", ['"one two three"'], "***"),
    ],
)
def test_what_a_program_quotes_of_a_hidden_text(said, hidden, shown):
    assert without(said, hidden, keep=("/etc/haproxy/haproxy.cfg", "")) == shown

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.keepalived.language.lexer import (
    SourceLine,
    arguments_of,
    brace_at,
    command_words,
    lines,
    uncomment,
    words,
)


def line(text):
    return next(lines(text, "f"))


def texts(pieces):
    return [text for text, _offset in pieces[0]], pieces[1]


@pytest.mark.parametrize(
    ("text", "kept", "unclosed"),
    [
        ("  priority 100  # usual", "priority 100", False),
        ("priority 100!usual", "priority 100", False),
        ('script "a # b" # c', 'script "a # b"', False),
        (r"password a\#b\!c # d", "password a#b!c", False),
        (r'password "a\#b"', r'password "a\#b"', False),
        (r'script "a \" # b"', r'script "a \" # b"', False),
        ('script "a # b', 'script "a # b', True),
        ("$A= x   \\", "$A= x\\", False),
        ("$A= x # comment \\", "$A= x\\", False),
        ("# comment", "", False),
        ("# comment \\", "\\", False),
        ("", "", False),
        (r"a \\", r"a \\", False),
    ],
)
def test_comments(text, kept, unclosed):
    content, open_quote = uncomment(line(text))
    assert (content.text, open_quote) == (kept, unclosed)


def test_every_character_keeps_its_column():
    content, _open_quote = uncomment(line(r"  a\#b c # d"))
    assert [content.place(offset).column for offset in range(len(content.text))] == [3, 5, 6, 7, 8]


def test_lines_end_with_lf_or_crlf():
    assert [(each.text, each.number) for each in lines("a\r\nb\n\nc", "f")] == [("a", 1), ("b", 2), ("", 3), ("c", 4)]


def test_an_empty_line_has_the_first_column():
    assert SourceLine("", "f", 3, ()).place() == ("f", 3, 1)


@pytest.mark.parametrize(
    ("text", "at"), [("a {", 2), ("a", -1), ('a "{" }', 6), ('a "{', -1), ('} "', 0), ("{", 0), ('{ "}"', 0)]
)
def test_the_first_brace_of_a_line(text, at):
    assert brace_at(text) == at


@pytest.mark.parametrize(
    ("text", "expected", "unclosed"),
    [
        ('a  b\t"c d"', ["a", "b", "c d"], False),
        ('a"b c"d', ["a", "b c", "d"], False),
        ("it's 'two words'", ["it's", "'two", "words'"], False),
        ('a ""', ["a", ""], False),
        (r'a "b\"', ["a", "b\\"], False),
        ('a "b c', ["a", "b c"], True),
        ("", [], False),
    ],
)
def test_words(text, expected, unclosed):
    assert texts(words(text)) == (expected, unclosed)


@pytest.mark.parametrize(
    ("text", "expected", "unclosed"),
    [
        ("script \"/bin/x 'a b' c\" user", ["script", "/bin/x 'a b' c", "user"], False),
        ("script '/bin/x \"a b\"'", ["script", '/bin/x "a b"'], False),
        (r'script "/bin/x \"a b\""', ["script", r"/bin/x \"a b\""], False),
        ("script a'b'\"c\"", ["script", "abc"], False),
        ('script "', ["script", ""], True),
        ("script \\", ["script", "\\"], False),
    ],
)
def test_words_of_commands(text, expected, unclosed):
    assert texts(command_words(text)) == (expected, unclosed)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/bin/x 'a b' c", ("/bin/x", "a b", "c")),
        (r"/bin/x \"a b\"", ("/bin/x", '"a', 'b"')),
        (r"x\x20y \101\cA\t\q", ("x y", "A\x01\tq")),
        ("", ()),
    ],
)
def test_argv_of_a_command(command, expected):
    assert arguments_of(command) == expected

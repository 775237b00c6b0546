# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in for a secret where the input is checked: of the same form, so that the same is wrong with it."""

from __future__ import annotations

import re
from typing import Any, Collection, Iterator, Mapping, Match, Tuple

from .quoting import WORD_KEY
from .visible import UNSEEN

# But for what a reader looks for: blanks, quotes, backslashes, braces, and what nobody sees
HIDDEN = re.compile(rf"\{{(\w+)\}}|[^\s\"'\\{{}}{UNSEEN}]")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
DIRECTIVE = re.compile(r"[a-z][a-z_.-]*[;{]?\Z")  # with digits it could be a secret
WIDE = ("é", "€", "😀")
"""Of two, three and four octets in UTF-8, because passwords have a length in octets."""


def stand_in(value: Any, fields: Collection[str] = (), named: bool = False) -> Any:
    """Return data of the same shape without its secrets: a letter becomes x, a digit 0, and a number 0.

    `fields` stay where they stand in braces; with `named`, keys are names of something, and stay.
    """
    if isinstance(value, Mapping):
        return {key if named else hidden_key(key): stand_in(each, fields, named) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [stand_in(each, fields, named) for each in value]
    if isinstance(value, str):
        return _hidden(value, fields)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return type(value)(0) if abs(value) < float("inf") else value
    return value


def of_lines(value: Any) -> Any:
    """Return lines of a program's own language, or a mapping to such lines, without what may be a secret in them.

    What a line begins with stays, as do marks: they make up the language; and keys that are names.
    """
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) and NAME.match(key) else hidden_key(key): of_lines(each)
            for key, each in value.items()
        }
    if not isinstance(value, str):
        return stand_in(value)
    return "".join(
        word if DIRECTIVE.match(word) and not text[:at].strip() else "".join(map(_of_word, word))
        for text in value.splitlines(keepends=True)
        for at, word in _words(text)
    )


def _words(line: str) -> Iterator[Tuple[int, str]]:
    return ((found.start(), found[0]) for found in re.finditer(r"\s+|\S+", line))


def _of_word(character: str) -> str:
    return _of_its_kind(character) if character.isalnum() or not character.isascii() else character


def hidden_key(key: Any) -> Any:
    """Return a key as it is if it is a word, else what stands in for it."""
    return key if not isinstance(key, str) or WORD_KEY.match(key) else _hidden(key, ())


def _hidden(text: str, fields: Collection[str]) -> str:
    def shown(found: Match[str]) -> str:
        if found[1]:
            return found[0] if found[1] in fields else f"{{{_hidden(found[1], ())}}}"
        return _of_its_kind(found[0])

    return HIDDEN.sub(shown, text)


def _of_its_kind(character: str) -> str:
    if not character.isascii():
        octets = len(character.encode("utf-8", "replace"))
        return WIDE[octets - 2] if octets > 1 else character
    return "x" if character.isalpha() else "0" if character.isdigit() else "*"

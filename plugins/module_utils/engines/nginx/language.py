# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx's language, as its own reader takes it apart (ngx_conf_read_token): directives of words, and blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, List, Optional, Tuple

from ...basics.errors import HaLbError

DEEPEST = 20
# A blank, a comment, what ends a directive, a quoted word, a word: `${` belongs to one, other braces do not
TOKEN = re.compile(
    r"(?P<blank>[ \t\r\n]+)|(?P<comment>\#[^\n]*)|(?P<mark>[;{}])"
    r"|\"(?P<double>(?:\\.|[^\"\\])*)\"(?=[ \t\r\n;{)]|\Z)|'(?P<single>(?:\\.|[^'\\])*)'(?=[ \t\r\n;{)]|\Z)"
    r"|(?P<word>(?:[^\s;{\"'\\$]|\\.|\$\{?)(?:[^\s;{\\$]|\\.|\$\{?)*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Directive:
    """A directive: its words, and what is in its block; None where it has no block."""

    words: Tuple[str, ...]
    block: Optional[Tuple[Directive, ...]] = None


def directives(text: str) -> Tuple[Directive, ...]:
    """Return what a text of nginx's language says.

    Raises HaLbError for a text that does not stand for itself: a quote, a block or a directive that does not end, or
    a block that does not begin.
    """
    tokens = _tokens(text)
    found, ended = _block(tokens)
    if ended:
        raise HaLbError("has a } that closes no block of its own")
    return found


def _tokens(text: str) -> Iterator[Tuple[str, str]]:
    place = 0
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise HaLbError(f"has a quote or a backslash that does not end: {text[place : place + 60].strip()!r}")
        place = match.end()
        kind = str(match.lastgroup)
        if kind not in ("blank", "comment"):
            yield ("mark" if kind == "mark" else "word"), match[kind]


def _block(tokens: Iterator[Tuple[str, str]], depth: int = 0) -> Tuple[Tuple[Directive, ...], bool]:
    """Return the directives up to the end of the block, and whether it was ended by a brace."""
    if depth > DEEPEST:
        raise HaLbError(f"has blocks in blocks, more than {DEEPEST} deep")
    found: List[Directive] = []
    words: List[str] = []
    for kind, token in tokens:
        if kind == "word":
            words.append(token)
        elif token == "}":
            if words:
                raise HaLbError(f"has no ; behind {' '.join(words)[:60]!r}")
            return tuple(found), True
        elif not words:
            raise HaLbError(f"has a {token} where a directive is to begin")
        elif token == ";":
            found.append(Directive(tuple(words)))
            words = []
        else:
            within, ended = _block(tokens, depth + 1)
            if not ended:
                raise HaLbError(f"does not close the block {' '.join(words)[:60]!r}")
            found.append(Directive(tuple(words), within))
            words = []
    if words:
        raise HaLbError(f"has no ; behind {' '.join(words)[:60]!r}")
    return tuple(found), False

# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx's language, as its own reader takes it apart (ngx_conf_read_token): directives of words, and blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, List, NamedTuple, Optional, Tuple

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


class Token(NamedTuple):
    """A word, or a mark (`;`, `{`, `}`) outside of quotes, and its line."""

    text: str
    is_mark: bool
    line: int


def directives(text: str) -> Tuple[Directive, ...]:
    """Return what a text of nginx's language says.

    Raises HaLbError for a text that does not stand for itself: a quote, a block or a directive that does not end, or
    a block that does not begin. What it says quotes nothing, because there may be a secret in it.
    """
    found, end = _block(_tokens(text))
    if end:
        raise HaLbError(f"has a }} in line {end.line} that closes no block of its own")
    return found


def _tokens(text: str) -> Iterator[Token]:
    place, line = 0, 1
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise HaLbError(f"has a quote or a backslash in line {line} that does not end")
        kind = str(match.lastgroup)
        if kind not in ("blank", "comment"):
            yield Token(match[kind], kind == "mark", line)
        line += match.group().count("\n")
        place = match.end()


def _block(tokens: Iterator[Token], depth: int = 0) -> Tuple[Tuple[Directive, ...], Optional[Token]]:
    """Return the directives up to the end of the block, and the brace that ends it."""
    if depth > DEEPEST:
        raise HaLbError(f"has blocks in blocks, more than {DEEPEST} deep")
    found: List[Directive] = []
    words: List[Token] = []
    for token in tokens:
        if not token.is_mark:
            words.append(token)
            continue
        if token.text == "}" and not words:
            return tuple(found), token
        if not words:
            raise HaLbError(f"has a {token.text} in line {token.line} where a directive is to begin")
        if token.text == "}":
            break
        within = _inner(tokens, words[0].line, depth) if token.text == "{" else None
        found.append(Directive(tuple(word.text for word in words), within))
        words = []
    if words:
        raise HaLbError(f"has no ; behind the directive in line {words[0].line}")
    return tuple(found), None


def _inner(tokens: Iterator[Token], line: int, depth: int) -> Tuple[Directive, ...]:
    found, end = _block(tokens, depth + 1)
    if not end:
        raise HaLbError(f"does not close the block that begins in line {line}")
    return found

# SPDX-License-Identifier: GPL-3.0-or-later
"""A keepalived configuration as a tree of directives with their places in the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, NamedTuple, Optional, Tuple


class Place(NamedTuple):
    """File, line and column; lines and columns count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Word(NamedTuple):
    """One word of a line, without quotes, with definitions replaced."""

    text: str
    place: Place


@dataclass(frozen=True)
class Directive:
    """One line: a keyword, its arguments, and its block (None without one, () for an empty one)."""

    words: Tuple[Word, ...]
    block: Optional[Tuple[Directive, ...]] = None

    @property
    def keyword(self) -> str:
        """Return the first word."""
        return self.words[0].text

    @property
    def arguments(self) -> Tuple[str, ...]:
        """Return the other words."""
        return tuple(word.text for word in self.words[1:])

    @property
    def place(self) -> Place:
        """Return the place of the first word."""
        return self.words[0].place

    def all(self, *keywords: str) -> Iterator[Directive]:
        """Yield the directives in the block with one of these keywords."""
        return (each for each in self.block or () if each.keyword in keywords)

    def last(self, *keywords: str) -> Optional[Directive]:
        """Return the last directive in the block with one of these keywords: of several, keepalived heeds the last."""
        found = list(self.all(*keywords))
        return found[-1] if found else None


class Problem(NamedTuple):
    """Something in the text that keepalived does not accept; `message` is one sentence."""

    place: Place
    message: str
    kind: str
    """`unknown` keyword, `syntax` of a line, `structure` (braces or NUL: what follows is misread), `include` (a file
    that cannot be included), `duplicate`, or `limit` (too long, too deep or endless)."""


@dataclass(frozen=True)
class Tree:
    """One node's whole configuration, with the files that it includes."""

    directives: Tuple[Directive, ...]
    problems: Tuple[Problem, ...] = ()

    def all(self, *keywords: str) -> Iterator[Directive]:
        """Yield the directives outside all blocks with one of these keywords."""
        return (each for each in self.directives if each.keyword in keywords)

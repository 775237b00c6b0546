# SPDX-License-Identifier: GPL-3.0-or-later
"""A keepalived configuration as a tree of directives, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, NamedTuple, Optional, Tuple


class Place(NamedTuple):
    """Where something stands; lines and columns count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Word(NamedTuple):
    """One word of a line, without its quotes, and after everything in it was expanded."""

    text: str
    place: Place


@dataclass(frozen=True)
class Directive:
    """One line: a keyword and its arguments, and the block that follows, if one does (an empty one is not None)."""

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
        """Return where it begins."""
        return self.words[0].place

    def all(self, *keywords: str) -> Iterator[Directive]:
        """Yield the directives in its block that begin with one of these words."""
        return (each for each in self.block or () if each.keyword in keywords)

    def last(self, *keywords: str) -> Optional[Directive]:
        """Return the last directive in its block that begins with one of these words: the last one counts."""
        found = list(self.all(*keywords))
        return found[-1] if found else None


class Problem(NamedTuple):
    """Something in the text that is not as keepalived wants it, in one sentence."""

    place: Place
    message: str
    kind: str
    """`unknown` keyword, `syntax` of a line, `structure` (braces, NUL: what follows is read as something else),
    `include` (a file that is not there), `duplicate` or `limit` (too much of it, or without an end)."""


@dataclass(frozen=True)
class Tree:
    """All of one node's configuration, files that it includes among it."""

    directives: Tuple[Directive, ...]
    problems: Tuple[Problem, ...] = ()

    def all(self, *keywords: str) -> Iterator[Directive]:
        """Yield the outermost directives that begin with one of these words."""
        return (each for each in self.directives if each.keyword in keywords)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that may have secrets, in pieces that may be shown and pieces that may not."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, List, Match, NamedTuple, Pattern, Sequence

HIDDEN = "***"
NAME = re.compile(r"[a-z][a-z_.-]{1,39}\Z")
"""What a directive may be called that no table knows."""

SHORT = 4
"""A shorter word is hidden in a message only where it stands alone: it is part of many others."""

TOO_SHORT = 2
"""So short is no secret."""

HIDDEN_WORDS = re.compile(r"\*\*\*(?:[ \t]*\*\*\*)+")
LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
BLANKS = re.compile(r"\s*")
QUOTED = re.compile(r"[^\s'\"`<>()\[\]{},;]+")
WORD = re.compile(r"[^\s'\"]+")
FIRST_WORD = re.compile(r"\S+")
AROUND = " \t\r\n\"'"


class Piece(NamedTuple):
    """A part of a text, as it stands there."""

    text: str
    hidden: bool = False
    comment: bool = False


Pieces = Iterator[Piece]


def discreet(pieces: Iterable[Piece]) -> str:
    """Return the text with *** for what is hidden; hidden words beside each other are one."""
    return HIDDEN_WORDS.sub(HIDDEN, "".join(HIDDEN if piece.hidden else piece.text for piece in pieces))


def hidden_texts(pieces: Iterable[Piece]) -> List[str]:
    """Return what is hidden, without the comments, which no program quotes."""
    return [piece.text for piece in pieces if piece.hidden and not piece.comment]


def commented(text: str) -> Pieces:
    """Yield a comment: an old password may stand there."""
    said = text.lstrip("#! \t")
    yield Piece(text[: len(text) - len(said)])
    if said:
        yield Piece(said, True, comment=True)


def by_words(line: str, words: Sequence[Match[str]], shown: Sequence[bool]) -> Pieces:
    """Yield a line with its words, of which `shown` says whether each may be; what follows the last is a comment."""
    at = 0
    for word, may in zip(words, shown):
        yield Piece(line[at : word.start()])
        yield Piece(word.group(), not may)
        at = word.end()
    rest = line[at:]
    comment = rest.strip()
    blanks = len(rest) - len(rest.lstrip())
    yield Piece(rest[:blanks])
    yield from commented(comment)
    yield Piece(rest[blanks + len(comment) :])


def words_of(line: str, pattern: Pattern[str]) -> Iterator[Match[str]]:
    """Yield the words of a line, up to the first that the pattern does not match."""
    text = line.rstrip("\r\n")
    at = 0
    while True:
        blanks = BLANKS.match(text, at)
        word = pattern.match(text, blanks.end() if blanks else at)
        if word is None:
            return
        yield word
        at = word.end()


def first_words(text: str) -> Pieces:
    """Yield a text in a language that nobody knows: of every line the first word, if a directive could be called so."""
    for line in LINE.findall(text):
        words = list(words_of(line, FIRST_WORD))
        yield from by_words(line, words, [at == 0 and bool(NAME.match(each.group())) for at, each in enumerate(words)])


def without(text: str, hidden: Iterable[str], keep: Sequence[str] = ()) -> str:
    """Return a message of a program with *** for whatever it quotes of these hidden texts, also for a part of one.

    `keep` are words, such as paths of files, that stay as they are.
    """
    secrets = [each for each in hidden if each.strip(AROUND)]
    words = {each.strip(AROUND) for each in secrets}.union(*map(WORD.findall, secrets))
    longest_first = sorted(words, key=len, reverse=True)
    kept = [each for each in keep if each]
    parts = re.split(rf"(?<![\w-])({'|'.join(map(re.escape, kept))})(?![\w-])", text) if kept else [text]
    return "".join(part if part in kept else _without(part, longest_first, secrets) for part in parts)


def _without(text: str, words: Sequence[str], secrets: Sequence[str]) -> str:
    for word in words:
        if len(word) >= SHORT:
            alone = r"(?<![A-Za-z]){}(?![A-Za-z])" if word.isalpha() else "{}"
            text = re.sub(alone.format(re.escape(word)), HIDDEN, text)

    def shown(found: Match[str]) -> str:
        said = found.group()
        bare = said.rstrip(".:!?")
        part = len(bare) >= SHORT and any(bare in secret for secret in secrets)
        known = len(bare) > TOO_SHORT and bare in words
        return HIDDEN + said[len(bare) :] if part or known else said

    return QUOTED.sub(shown, text)


def table(text: str) -> Pattern[str]:
    """Return what matches the names of a table; C(*) stands for any letters."""
    names = "|".join(re.escape(name).replace(r"\*", r"[\w.-]*") for name in text.split())
    return re.compile(rf"(?:{names})\Z")

# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived.conf without secrets: only what stands where no secret can be is shown."""

from __future__ import annotations

import re
from typing import Dict, List, Match, Sequence

from ...basics.discreet import HIDDEN, LINE, NAME, Pieces, by_words, words_of
from .keywords import BLOCKS, LINES, Keyword

SECRETS = frozenset(("auth_pass", "key", "password"))
"""Keywords of secrets, wherever they stand."""

NUMBERED = "key"
"""`key ID SECRET`: the id may be shown."""

OF_VALUES = frozenset(name for table in BLOCKS.values() for name, keyword in table.items() if keyword.block in LINES)
"""Blocks whose lines begin with a value, such as an address."""

NUMBER = re.compile(r"[0-9]{1,3}\Z")
IN_DOUBT = ("digest", "path", "payload", "process", "random_seed", "regex_options", "require_reply")
"""Keywords of texts that may be of any kind."""

WORD = re.compile(r"""(?:\\.|"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^\s"'{}#!\\]|\\\Z)+|[{}]""")
WORD_OF_COMMAND = re.compile(r"\S+")
OPTIONS = frozenset((*(name for lines in LINES.values() for name in lines.options), "default", "reverse", "noreverse"))
ADDRESS = re.compile(r"[0-9a-fA-F.:]+(?:/[0-9]{1,3})?\Z")
NAMED = re.compile(r"[\w.@-]+\Z")
PROGRAM = re.compile(r"[\"']?/[\w./+-]+[\"']?\Z")
CONDITION = re.compile(r"@\^?[\w.-]+\Z")


def _keywords() -> Dict[str, Keyword]:
    """Return every keyword; of those that several blocks know, the one that may have a command."""
    known: Dict[str, Keyword] = {}
    for table in BLOCKS.values():
        for name, keyword in table.items():
            if name not in known or keyword.command:
                known[name] = keyword
    return known


KEYWORDS = _keywords()


def pieces(text: str) -> Pieces:
    """Yield a keepalived.conf in pieces."""
    blocks: List[str] = []
    continued = False
    for line in LINE.findall(text):
        words = _words(line)
        yield from by_words(line, words, _shown([each.group() for each in words], blocks, continued))
        continued = line.rstrip("\r\n").endswith("\\")


def shown_value(words: Sequence[str]) -> str:
    """Return a line that begins with a value, such as an address, without what may be a secret."""
    return " ".join(word if may else HIDDEN for word, may in zip(words, _until_secret(words, _value(words))))


def _words(line: str) -> List[Match[str]]:
    """Return the words and braces before the comment; those of a command as they stand between blanks."""
    words = list(words_of(line, WORD))
    at = next((at for at, word in enumerate(words) if not CONDITION.match(word.group())), len(words))
    known = KEYWORDS.get(words[at].group()) if at < len(words) else None
    if known is None or not known.command:
        return words
    end = words[-1].end()
    return [*words[: at + 1], *(word for word in WORD_OF_COMMAND.finditer(line, words[at].end(), end))]


def _shown(words: Sequence[str], blocks: List[str], continued: bool) -> List[bool]:
    """Tell of each word of a line whether it may be shown; `blocks` are the names of those that are open after it."""
    shown: List[bool] = []
    start = 0
    for at, word in enumerate([*words, "\n"]):
        if word not in ("{", "}", "\n"):
            continue
        directive = words[start:at]
        shown += [*([False] * len(directive) if continued else _directive(directive, blocks)), word != "\n"]
        if word == "{":
            blocks.append(next((each for each in directive if not CONDITION.match(each)), ""))
        elif word == "}" and blocks:
            blocks.pop()
        start = at + 1
    return _until_secret(words, shown[:-1])


def _until_secret(words: Sequence[str], shown: Sequence[bool]) -> List[bool]:
    """Hide everything after the keyword of a secret, wherever that stands."""
    secret = next((at for at, word in enumerate(words, start=1) if word in SECRETS), len(words))
    if secret < len(words) and words[secret - 1] == NUMBERED and NUMBER.match(words[secret]):
        secret += 1
    return [may and at < secret for at, may in enumerate(shown)]


def _directive(words: Sequence[str], blocks: Sequence[str]) -> List[bool]:
    if not words:
        return []
    if CONDITION.match(words[0]):
        return [True, *_directive(words[1:], blocks)]
    first, rest = words[0], words[1:]
    known = KEYWORDS.get(first)
    if known is None and blocks and blocks[-1] in OF_VALUES:
        return _value(words)
    if known is None:
        return [first == "include" or bool(NAME.match(first)), *[first == "include"] * len(rest)]
    if known.command:
        return [True, *(at == 0 and bool(PROGRAM.match(word)) for at, word in enumerate(rest))]
    most = len(rest) if known.more or known.options else len(known.arguments)
    return [True, *(at < most and first not in IN_DOUBT for at in range(len(rest)))]


def _value(words: Sequence[str]) -> List[bool]:
    """Tell it of a line that begins with a value, such as an address or a name, and goes on with options."""
    return [
        bool(ADDRESS.match(word) or word in OPTIONS or before in OPTIONS or (at == 0 and NAMED.match(word)))
        for at, (before, word) in enumerate(zip(("", *words), words))
    ]

# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy.cfg, read as far as the linter asks: sections, lines in words, and where it listens."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from typing import List, NamedTuple, Optional, Tuple

from ..contract.bind import Bind, binds_of

PATH = "/etc/haproxy/haproxy.cfg"
SECTIONS = ("global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "program", "cache")
LONGEST_LINE = 16_384  # haproxy's own limit is 2,048 (LINESIZE); the time of shlex grows with the square
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Line(NamedTuple):
    """A line of haproxy.cfg, in words."""

    words: Tuple[str, ...]
    number: int

    @property
    def place(self) -> Tuple[str, int]:
        """Return the file and the line."""
        return PATH, self.number


class Section(NamedTuple):
    """A section of haproxy.cfg with its lines, the first of which names it."""

    kind: str
    name: str
    lines: Tuple[Line, ...]

    def all(self, *keywords: str) -> List[Line]:
        """Return the lines that begin with these words."""
        return [line for line in self.lines if line.words[: len(keywords)] == keywords]


@lru_cache(maxsize=64)
def sections(text: str) -> Tuple[Section, ...]:
    """Return the sections of a haproxy.cfg (HAProxy Configuration Manual §2.1)."""
    found: List[Tuple[str, str, List[Line]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = _words(line)
        if words and words[0] in SECTIONS:
            found.append((words[0], " ".join(words[1:2]), [Line(words, number)]))
        elif words and found:
            found[-1][2].append(Line(words, number))
    return tuple(Section(kind, name, tuple(lines)) for kind, name, lines in found)


def _words(text: str) -> Tuple[str, ...]:
    if len(text) > LONGEST_LINE:
        return ()
    try:
        return tuple(shlex.split(text, comments=True))
    except ValueError:
        return tuple(text.partition("#")[0].split())


def binds(text: str) -> Tuple[Bind, ...]:
    """Return where the frontends of a haproxy.cfg listen."""
    return tuple(
        bind
        for section in sections(text)
        if section.kind in ("frontend", "listen")
        for line in section.all("bind")
        for word in ",".join(line.words[1:2]).split(",")
        for bind in binds_of(word, line.place, "transparent" in line.words, "v4v6" in line.words)
    )


def seconds(word: str) -> Optional[float]:
    """Return the seconds of a time as haproxy writes it (§2.5): milliseconds without a unit; None for other words."""
    match = re.fullmatch(r"([0-9]{1,12})(us|ms|s|m|h|d)?", word)
    return int(match.group(1)) * UNITS[match.group(2) or "ms"] if match else None

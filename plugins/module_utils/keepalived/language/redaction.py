# SPDX-License-Identifier: GPL-3.0-or-later
"""Hide passwords and keys in the lines that messages quote."""

from __future__ import annotations

from typing import List, Sequence

from ...basics.discreet import HIDDEN
from .discreet import NUMBER, NUMBERED, SECRETS
from .lexer import SourceLine
from .tree import Place


class Redaction:
    """Remembers where the last secret stood: a brace in a secret splits its line, and the rest is secret too."""

    def __init__(self) -> None:
        self._place = Place("", 0)

    def shown(self, line: SourceLine, words: Sequence[str]) -> Sequence[str]:
        """Return the words of a line, with *** for every word after the keyword of a secret."""
        nothing_secret = SECRETS.isdisjoint(words)
        if line.number == self._place.line and line.file == self._place.file:
            if nothing_secret or line.place() != self._place:
                return (HIDDEN,) * len(words)
        elif nothing_secret:
            return words
        self._place = line.place()
        return _until_secret(words)


def _until_secret(words: Sequence[str]) -> List[str]:
    end = next(at for at, word in enumerate(words, start=1) if word in SECRETS)
    if words[end - 1] == NUMBERED and end < len(words) and NUMBER.match(words[end]):
        end += 1
    return [*words[:end], *[HIDDEN] * (len(words) - end)]

# SPDX-License-Identifier: GPL-3.0-or-later
"""The limit of how much text is read: a short file with ~SEQ, definitions or includes can stand for endless lines."""

from __future__ import annotations

from typing import Callable

from .lexer import SourceLine
from .tree import Place

ENOUGH = 6_000_000
"""One unit is about the time that one character takes. Far more than keepalived can read in a reasonable time."""

# What a line, a word and a definition cost besides their characters
LINE_COST = 30
WORD_COST = 8
DEFINITION_COST = 20

Report = Callable[[Place, str, str], None]
"""Takes a place, a message and the kind of the problem (see tree.Problem)."""


class Allowance:
    """What may still be read of one configuration, its included files and all repetitions counted."""

    def __init__(self, report: Report) -> None:
        self._left = ENOUGH
        self._report = report

    def spend(self, amount: int, line: SourceLine) -> bool:
        """Deduct the cost of this line, and tell whether it may still be read. Report the first line that may not."""
        before = self._left
        self._left -= amount
        if self._left < 0 <= before:
            self._report(line.place(), "the configuration becomes too large: the rest is not read", "limit")
        return self._left >= 0

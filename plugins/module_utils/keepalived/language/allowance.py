# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of a configuration is read: what few lines stand for can be endless."""

from __future__ import annotations

from typing import Callable

from .lexer import Line
from .tree import Place

ENOUGH = 6_000_000
"""In about the time that one character takes; far above what keepalived itself can read in a reasonable time."""

LINE_COST = 30
WORD_COST = 8
DEFINITION_COST = 20

Report = Callable[[Place, str, str], None]
"""Takes a place, a message and the kind of the problem."""


class Allowance:
    """What is left of it, for all files and all that they become."""

    def __init__(self, report: Report) -> None:
        self._left = ENOUGH
        self._report = report

    def spend(self, amount: int, line: Line) -> bool:
        """Take something off for this line, and tell whether it may still be read."""
        before = self._left
        self._left -= amount
        if self._left < 0 <= before:
            self._report(line.place(), "the configuration becomes too large: the rest is not read", "limit")
        return self._left >= 0

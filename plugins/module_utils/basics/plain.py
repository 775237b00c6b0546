# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted data of any kind, made plain: lists, mappings, texts and numbers that every reader can go through.

What no variable means is a Finding: a list that contains itself, endless nesting, a number or text without end, a date
that was meant as text, characters that nobody sees.
"""

from __future__ import annotations

import datetime
import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Type

from .quoting import LARGEST, Discreet, Report, place
from .schema import INVALID
from .visible import UNSEEN

DEEPEST = 30
MOST = 200_000  # values of one variable
LONGEST = 1_000_000  # characters of one text
MOST_SAID = 200  # characters of what an exception says

ITEM = object()
RESOLVED = (bool, int, float, type(None), list, tuple, Mapping)

Resolve = Callable[[Any], Any]


def plain(
    value: Any,
    path: str,
    report: Report,
    resolve: Optional[Resolve] = None,
    failures: Tuple[Type[Exception], ...] = (),
) -> Any:
    """Return a copy of `value` of plain lists, mappings, texts and numbers, with INVALID where it is reported.

    `resolve` makes of a text, or of what is of no plain type, the value that it stands for; what it, or a container,
    raises of `failures` is reported.
    """
    return _Walk(path, report, resolve, failures).read(value)


class _Walk:
    """One walk over a variable: where it is, what is above, and how many values are left."""

    def __init__(
        self, root: str, report: Report, resolve: Optional[Resolve], failures: Tuple[Type[Exception], ...]
    ) -> None:
        self.root, self.report, self.resolve, self.failures = root, report, resolve, failures
        self.trail: List[Tuple[Any, int]] = []
        """The steps from the variable to the value: of a mapping its key and which it is, of a list ITEM and the index.

        A path is only made of them for what is reported: to write one for each value would take most of the time."""
        self.above: Dict[int, int] = {}
        """The containers around the value, by identity: the number of steps to each."""
        self.left = MOST

    def read(self, value: Any) -> Any:
        self.left -= 1
        if self.left <= 0:
            return self.wrong(f"has more than {MOST} values", 0) if self.left == 0 else INVALID
        if self.resolve and not isinstance(value, RESOLVED):
            try:
                value = self.resolve(value)
            except self.failures as error:
                return self.failed(error)
        if value.__class__ is not str and isinstance(value, (dict, list, tuple, Mapping)):
            return self.container(value)
        rule = _no_text(value) if value.__class__ is str else _no_plain(value)
        return self.wrong(rule) if rule else value

    def container(self, value: Any) -> Any:
        if id(value) in self.above:
            around = self.path(self.above[id(value)])
            return self.wrong(f"contains itself: a YAML alias in it means {around} again")
        if len(self.above) == DEEPEST:
            return self.wrong(f"is nested more than {DEEPEST} deep", 0)
        self.above[id(value)] = len(self.trail)
        try:
            if isinstance(value, (dict, Mapping)):
                return {key: self.step(value, key, key, number) for number, key in enumerate(value, start=1)}
            return [self.step(value, index, ITEM, index) for index in range(len(value))]
        finally:
            del self.above[id(value)]

    def step(self, container: Any, at: Any, key: Any, number: int) -> Any:
        if self.left < 0:
            return INVALID
        self.trail.append((key, number))
        try:
            rule = "" if key is ITEM or (key.__class__ is str and not NO_TEXT.search(key)) else _no_key(key)
            return self.wrong(rule) if rule else self.read(container[at])
        except self.failures as error:
            return self.failed(error)
        finally:
            self.trail.pop()

    def failed(self, error: Exception) -> Any:
        said = " ".join(str(error).split())
        shown = "its template or its vault fails" if isinstance(self.report, Discreet) else said[:MOST_SAID]
        return self.wrong(f"cannot be resolved: {shown}")

    def wrong(self, rule: str, steps: Optional[int] = None) -> Any:
        self.report(self.path(steps), rule)
        return INVALID

    def path(self, steps: Optional[int] = None) -> str:
        path = self.root
        for key, number in self.trail[:steps]:
            path = f"{path}[{number}]" if key is ITEM else place(path, key, number, self.report)
        return path


def _no_plain(value: Any) -> str:
    """Return what is wrong with a value that is no container; empty where nothing is."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return "" if abs(value) < LARGEST else "is a number of more than 18 digits"
    if isinstance(value, float):
        return "" if abs(value) < float("inf") else f"is {value}, which is no number"
    if isinstance(value, str):
        return _no_text(str(value))
    if isinstance(value, datetime.date):
        return f"is a date to YAML: put it in quotes, '{value}'"
    return f"is of the type {type(value).__name__}, which no variable has"


def _no_key(key: Any) -> str:
    if isinstance(key, str):
        return _no_text(key)
    return (
        "" if isinstance(key, int) and not isinstance(key, bool) and abs(key) < LARGEST else "has a key that is no text"
    )


def _no_text(text: str) -> str:
    if len(text) > LONGEST:
        return f"has more than {LONGEST} characters"
    found = NO_TEXT.search(text)
    return f"has a character that nobody sees, U+{ord(found[0]):04X}" if found else ""


NO_TEXT = re.compile(f"[{UNSEEN}]")

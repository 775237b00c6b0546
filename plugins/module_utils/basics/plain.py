# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted data of any kind, made plain: lists, mappings, texts and numbers that every reader can go through.

What no variable means is a Finding: a list that contains itself, endless nesting, a number or text without end, a date
that was meant as text, characters that nobody sees.
"""

from __future__ import annotations

import datetime
import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Type

from .quoting import LARGEST, UNSEEN, Report, place
from .schema import INVALID

DEEPEST = 30
MOST = 200_000  # values of one variable
LONGEST = 1_000_000  # characters of one text

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
    return _Walk(path, report, resolve, failures).read(lambda: value, path)


class _Walk:
    """One walk over a variable: what is above the value that is read, and how many values are left."""

    def __init__(
        self, root: str, report: Report, resolve: Optional[Resolve], failures: Tuple[Type[Exception], ...]
    ) -> None:
        self.root, self.report, self.resolve, self.failures = root, report, resolve, failures
        self.above: Dict[int, str] = {}
        self.left = MOST

    def read(self, get: Callable[[], Any], path: str) -> Any:
        self.left -= 1
        if self.left <= 0:
            return self.wrong(self.root, f"has more than {MOST} values") if self.left == 0 else INVALID
        try:
            value = get()
            if self.resolve and not isinstance(value, (Mapping, list, tuple, bool, int, float, type(None))):
                value = self.resolve(value)
        except self.failures as error:
            return self.wrong(path, str(error))
        if isinstance(value, (Mapping, list, tuple)):
            return self.container(value, path)
        rule = _no_plain(value)
        return self.wrong(path, rule) if rule else value

    def container(self, value: Any, path: str) -> Any:
        if id(value) in self.above:
            return self.wrong(path, f"contains itself: a YAML alias in it means {self.above[id(value)]} again")
        if len(self.above) == DEEPEST:
            return self.wrong(path, f"is nested more than {DEEPEST} deep")
        self.above[id(value)] = path
        try:
            return self.mapping(value, path) if isinstance(value, Mapping) else self.items(value, path)
        finally:
            del self.above[id(value)]

    def items(self, value: Any, path: str) -> List[Any]:
        found = []
        for index in range(len(value)):
            found.append(self.read(lambda index=index: value[index], f"{path}[{index}]"))  # type: ignore[misc]
            if self.left < 0:
                break
        return found

    def mapping(self, value: Mapping[Any, Any], path: str) -> Dict[Any, Any]:
        found = {}
        for number, key in enumerate(value, start=1):
            where = place(path, key, number, self.report)
            rule = _no_key(key)
            each = self.wrong(where, rule) if rule else self.read(lambda key=key: value[key], where)  # type: ignore[misc]
            found[key] = each
            if self.left < 0:
                break
        return found

    def wrong(self, path: str, rule: str) -> Any:
        self.report(path, rule)
        return INVALID


def _no_plain(value: Any) -> str:
    """Return what is wrong with a value that is no container; empty where nothing is."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return "" if abs(value) < LARGEST else "is a number of more than 18 digits"
    if isinstance(value, float):
        return "" if abs(value) < float("inf") else f"is {value}, which is no number"
    if isinstance(value, str):
        return _no_text(value)
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

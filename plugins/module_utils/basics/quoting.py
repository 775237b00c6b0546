# SPDX-License-Identifier: GPL-3.0-or-later
"""How findings show a value: on one line, cut, and not at all below a variable that may hold a secret."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Mapping

Report = Callable[[str, str], None]

LONGEST = 60  # characters of a value that a finding quotes
DEEPEST = 3
LARGEST = 10**18
USER = re.compile(r"//[^/@\s]*@")  # of a URL, perhaps with a password
PLAIN_KEY = re.compile(r"[^\W\d][\w.-]{0,59}\Z")
WORD_KEY = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}\Z")  # with digits it could be a secret


@dataclass(frozen=True)
class Discreet:
    """A report for what may be a secret: `wrong` quotes no value to it, and `inside` no key."""

    report: Report

    def __call__(self, path: str, message: str) -> None:
        """Hand the finding on."""
        self.report(path, message)


def quoted(value: Any) -> str:
    """Return any value as a finding shows it: on one line, at most 60 characters, without the user of a URL."""
    if isinstance(value, str):
        shown = repr(USER.sub("//…@", value[: 2 * LONGEST]))
        return shown if len(shown) <= LONGEST + 2 else f"{shown[:LONGEST]}…{shown[0]}"
    text = "".join(_pieces(value, DEEPEST))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _pieces(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, (Mapping, list, tuple)):
        begin, end = "{}" if isinstance(value, Mapping) else "[]"
        yield begin
        for number, each in enumerate(value if depth else ()):
            if number == LONGEST // 2:
                break  # what follows is cut anyway
            yield ", " if number else ""
            if isinstance(value, Mapping):
                yield from (*_pieces(each, 0), ": ")
                each = value[each]
            yield from _pieces(each, depth - 1)
        yield end if depth or not value else f"…{end}"
    elif isinstance(value, str):
        yield quoted(value)
    elif value is None or isinstance(value, (bool, float, datetime.date)):
        yield str(value)
    elif isinstance(value, int):
        yield str(value) if abs(value) < LARGEST else "a number of more than 18 digits"
    else:
        yield f"a {type(value).__name__}"


def wrong(value: Any, rule: str, path: str, report: Report) -> None:
    """Report a value by the rule that it breaks, such as `is not a list`."""
    report(path, rule if isinstance(report, Discreet) else f"{quoted(value)} {rule}")


def wrong_word(value: Any, rule: str, path: str, report: Report) -> None:
    """Report like `wrong`; the value is not in quotes where it is one visible word."""
    bare = isinstance(value, str) and re.fullmatch(f"[!-~]{{1,{LONGEST}}}", value) and not isinstance(report, Discreet)
    if bare:
        report(path, f"{USER.sub('//…@', value)} {rule}")
    else:
        wrong(value, rule, path, report)


def inside(path: str, key: object) -> str:
    """Return the path of a key of the user's own choice, on one line whatever its type and text."""
    return f"{path}.{key}" if isinstance(key, str) and PLAIN_KEY.match(key) else f"{path}[{quoted(key)}]"


def place(path: str, key: object, number: int, report: Report) -> str:
    """Return the path of the key that is the `number`th of a mapping; of one that may be a secret, its number."""
    if isinstance(report, Discreet) and not (isinstance(key, str) and WORD_KEY.match(key)):
        return f"{path}[key {number}]"
    return inside(path, key)

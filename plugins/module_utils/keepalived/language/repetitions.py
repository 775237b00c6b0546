# SPDX-License-Identifier: GPL-3.0-or-later
"""~SEQ and ~LST lines, which keepalived reads once for every value (keepalived.conf(5), lib/parser.c)."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Iterator, List, Mapping, Optional

from .lexer import BLANK

SEQUENCE = re.compile(r"~SEQ(x?)[ \t]*\([ \t]*([^ \t,){][^ \t,)]*)[ \t]*,([^)]*)\)[ \t]*")
LIST = re.compile(r"~LST[ \t]*\((?P<names>[ \t]*\{[^{}]*\}[ \t]*|[^{},()]*),(?P<values>[^)]*)\)[ \t]*")
LIST_VALUES = re.compile(r"(?:[ \t]*\{(?P<several>[^{}]*)\}[ \t]*|(?P<one>[^{},]*))(?:,|\Z)")
NUMBER = re.compile(r"([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)?\Z")

Values = Mapping[str, str]
"""What one repetition defines: text by the name of its definition."""


def in_sequence(name: str, arguments: str, in_hex: bool) -> Optional[Iterator[Values]]:
    """Yield {name: number} for `end`, `start, end` or `start, step, end`; None if keepalived refuses the arguments.

    Without a start, it counts from 1 up, or from -1 down.
    """
    numbers = [_number(each) for each in arguments.split(",")]
    given = [each for each in numbers if each is not None]
    if len(given) != len(numbers) or len(given) > 3:
        return None
    end = given[-1]
    start = given[0] if len(given) > 1 else (-1 if end < 0 else 1)
    step = given[1] if len(given) == 3 else (1 if start <= end else -1)
    if not step or (start < end and step < 0) or (start > end and step > 0) or (in_hex and min(start, end) < 0):
        return None
    last = end + (1 if step > 0 else -1)
    return ({name: f"{each:x}" if in_hex else str(each)} for each in range(start, last, step))


def _number(text: str) -> Optional[int]:
    """Read a number as strtol(3) does with base 0: 0x is hexadecimal, a leading 0 octal; empty is 0."""
    match = NUMBER.match(text.strip(BLANK))
    if match is None:
        return None
    sign, digits = match.group(1), (match.group(2) or "0")[:18]
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits.startswith("0") else 10
    try:
        return int(sign + digits, base)
    except ValueError:
        return None


def in_list(names: str, values: str) -> Optional[Iterator[Values]]:
    """Yield {name: value} for `NAME, value, …` or `{NAME, NAME}, {value, value}, …`; None if keepalived refuses them.

    A missing value is empty.
    """
    keys = [each.strip(BLANK) for each in names.strip(BLANK).strip("{}").split(",")]
    found: List[List[str]] = []
    at = 0
    while at < len(values):
        match = LIST_VALUES.match(values, at)
        if match is None or match.end() == at:
            return None
        at = match.end()
        several = match.group("several")
        given = [each.strip(BLANK) for each in (match.group("one") if several is None else several).split(",")]
        if len(given) > len(keys):
            return None
        found.append(given)
    return (dict(zip_longest(keys, given, fillvalue="")) for given in found) if found else None

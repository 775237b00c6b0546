# SPDX-License-Identifier: GPL-3.0-or-later
"""The keywords of keepalived.conf: in which blocks, with which arguments, and since which version.

The tables are in grammar_*.py. Every line is a keyword with its synonyms, then what may follow it:

    word, address      one word; an address
    service            an address, fwmark or group
    1..255             a whole number; with decimal places, a number with no more of them than the lower bound shows
    bool               on, true, yes, off, false or no
    (a|b)              one of these words
    command            a command with a shell's quotes and escapes
    [x]                optional
    ...                any further words
    <name>             options of this table, in any order
    {name}             a block with the keywords of this table, or with lines that begin with a value;
                       {lines}: with lines of any words
    once               keepalived ignores a second one in the same block
    unique             keepalived ignores a second one with the same name
    since 2.1.0        the first version that knows the keyword
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Dict, Iterator, Mapping, NamedTuple, Optional, Tuple

from . import grammar_global, grammar_lvs, grammar_vrrp

TOP = ""
RANGE = re.compile(r"(-?[0-9]+)(?:\.([0-9]+))?\.\.(-?[0-9.]+)\Z")


class Argument(NamedTuple):
    """One word after a keyword; `kind` is word, address, service, bool, choice, number or command.

    `low`, `high` and `places` (decimal places) are those of a number.
    """

    kind: str
    optional: bool = False
    choices: Tuple[str, ...] = ()
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    places: int = 0


class Keyword(NamedTuple):
    """A keyword and what may follow it; `name` is the first of its synonyms, `options` and `block` name tables."""

    name: str
    arguments: Tuple[Argument, ...] = ()
    more: bool = False
    options: Optional[str] = None
    block: Optional[str] = None
    once: bool = False
    unique: bool = False
    since: Optional[Tuple[int, ...]] = None

    @property
    def command(self) -> bool:
        """Tell whether keepalived splits the line at a shell's quotes."""
        return bool(self.arguments) and self.arguments[0].kind == "command"


class ValueBlock(NamedTuple):
    """A block whose lines begin with a value, as those of virtual_ipaddress; `starts` are keywords allowed besides."""

    value: Keyword
    options: Mapping[str, Keyword]
    starts: Mapping[str, Keyword]


def _argument(token: str) -> Argument:
    if token.startswith("["):
        return _argument(token[1:-1])._replace(optional=True)
    if token.startswith("("):
        return Argument("choice", choices=tuple(token[1:-1].split("|")))
    match = RANGE.match(token)
    if match is None:
        return Argument(token)
    whole, fraction, high = match.groups()
    low = Decimal(whole if fraction is None else f"{whole}.{fraction}")
    return Argument("number", low=low, high=Decimal(high), places=len(fraction or ""))


def _keyword(name: str, tokens: Iterator[str]) -> Keyword:
    arguments, options, block, since, flags = [], None, None, None, set()
    for token in tokens:
        if token == "since":
            since = tuple(int(part) for part in next(tokens).split("."))
        elif token in ("...", "once", "unique"):
            flags.add(token)
        elif token.startswith("<"):
            options = token[1:-1]
        elif token.startswith("{"):
            block = token[1:-1]
        else:
            arguments.append(_argument(token))
    return Keyword(name, tuple(arguments), "..." in flags, options, block, "once" in flags, "unique" in flags, since)


def _table(text: str) -> Dict[str, Keyword]:
    table = {}
    for line in text.split("\n"):
        names, *tokens = line.split() or [""]
        synonyms = names.split("|")
        for name in filter(None, synonyms):
            table[name] = _keyword(synonyms[0], iter(tokens))
    return table


BLOCKS: Mapping[str, Mapping[str, Keyword]] = {
    name: _table(text)
    for tables in (grammar_global.BLOCKS, grammar_vrrp.BLOCKS, grammar_lvs.BLOCKS)
    for name, text in tables.items()
}
OPTIONS: Mapping[str, Mapping[str, Keyword]] = {name: _table(text) for name, text in grammar_lvs.OPTIONS.items()}
LINES: Mapping[str, ValueBlock] = {
    name: ValueBlock(_keyword("", iter(value.split())), _table(options), _table(grammar_lvs.STARTS.get(name, "")))
    for tables in (grammar_vrrp.LINES, grammar_lvs.LINES)
    for name, (value, options) in tables.items()
}


def find(block: str, keyword: str) -> Optional[Keyword]:
    """Return a keyword of the table `block` (TOP: outside all blocks), or None."""
    return BLOCKS[block].get(keyword) if block in BLOCKS else None


def words_of(table: str) -> Mapping[str, Keyword]:
    """Return the words of a table: keywords, or the options that may follow a value."""
    if table in LINES:
        return LINES[table].options
    return OPTIONS[table] if table in OPTIONS else BLOCKS[table]


def since(block: str, keyword: str) -> Optional[Tuple[int, ...]]:
    """Return the first version that knows a keyword; None when it is unknown, or older than 2.0.0."""
    known = find(block, keyword)
    return known.since if known else None


def inside(block: Optional[str], keyword: str) -> Optional[str]:
    """Return the table for the block that a keyword opens; None when the keyword is unknown or has no block."""
    known = (find(block, keyword) if block is not None else None) or find(TOP, keyword)
    return known.block if known else None

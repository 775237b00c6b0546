# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether keepalived accepts one line in the block where it stands."""

from __future__ import annotations

import difflib
import ipaddress
import re
from decimal import Decimal
from functools import lru_cache
from typing import Iterator, List, Optional, Sequence, Tuple

from ...basics.discreet import HIDDEN
from .keywords import LINES, TOP, Argument, Keyword, find, words_of

BOOLEANS = ("on", "off", "true", "false", "yes", "no")
NUMBER = re.compile(r"[+-]?[0-9]+\Z")
DECIMAL = re.compile(r"[0-9]*(?:\.([0-9]*))?\Z")
SERVICES = ("fwmark", "group")
DEFAULT_ADDRESSES = ("default", "any", "default6", "any6")
CHECKSUMS = ("nocsum", "csum", "remcsum")
CHECKSUMS_OF = {"ipip": CHECKSUMS[:1], "gre": CHECKSUMS[:2], "gue": CHECKSUMS}

MISSPELT = 3
SHOWN = 60
HINTS = 1000
OF_SECRETS = ("authentication", "auth_hmac", "SSL")

Refusals = Iterator[Tuple[str, str]]
"""A message and the kind of the problem (see tree.Problem)."""


def refusals(block: Optional[str], outer: str, line: Sequence[str], known: Optional[Keyword], braced: bool) -> Refusals:
    """Yield what is wrong with a line.

    `outer` is the name of the block that it stands in, `block` the table with that block's keywords (None: any word may
    stand there), `known` the keyword that the line begins with, `braced` whether a { follows the line.
    """
    keyword = known.name if known is not None and known.name == line[0] else shown(line[0])
    if block is None:
        return
    if block in LINES:
        if braced:
            yield f"the lines of {outer} have no blocks of their own: is a }} missing before {keyword}?", "structure"
        else:
            yield from _line_refusals(outer, line, block)
        return
    if known is None:
        yield _unknown(block, outer, line[0], braced), "unknown"
        return
    if braced and known.block is None:
        ends = f" and its }} as the end of {outer}" if outer else ""
        yield (
            f"{keyword} has no block: keepalived takes the lines of this one as if they stood outside it{ends}",
            "syntax",
        )
    if known.block is not None and not braced:
        yield f"{keyword} needs a block: a {{ is missing after it", "structure"
    for message in _argument_refusals(block, keyword, line[1:], known):
        yield message, "syntax"


def shown(text: str) -> str:
    """Return a word for a message: printable, and cut off after 60 characters."""
    plain = text if text.isprintable() and text else repr(text)
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}…"


def _unknown(block: str, outer: str, keyword: str, braced: bool) -> str:
    where = f"in {outer}" if outer else "here"
    if outer and find(TOP, keyword) is not None:
        return f"{shown(keyword)} cannot stand {where}: is a }} missing before it?"
    hint = _hint(keyword, block)
    # A password that stands there without its keyword
    said = HIDDEN if block in OF_SECRETS and not hint else shown(keyword)
    message = f"keepalived does not know {said} {where}{hint}"
    if not braced:
        return message
    then = (
        f"takes the }} of this block as the end of {outer}" if outer else "reads the lines of this block on their own"
    )
    return f"{message} It {then}" if hint else f"{message}; it {then}"


def _argument_refusals(block: str, keyword: str, given: Sequence[str], known: Keyword) -> Iterator[str]:
    wanted = known.arguments
    if len(given) < len(wanted) and not wanted[len(given)].optional:
        yield f"{keyword} needs {_described(wanted[len(given)])} after it"
    for text, argument in zip(given, wanted):
        message = _refusal(text, argument)
        if message:
            yield f"{keyword}: {message}"
    if known.options:
        for message, _kind in _option_refusals(
            keyword, list(reversed(given[len(wanted) :])), known.options, known.more
        ):
            yield message
        yield from (f"{keyword}: {message}" for message in _tunnel_refusals(given))
    elif len(given) > len(wanted) and not known.more:
        extra, why = given[len(wanted)], ""
        if find(block, extra) is not None:
            why = ", because each keyword needs a line of its own"
        elif not wanted:
            why = ", because nothing can follow this keyword"
        yield f"{keyword}: keepalived ignores {shown(extra)}{why}"
    elif given and given[-1].endswith(";"):
        yield f"{keyword}: {_semicolon(given[-1])}"


def _semicolon(word: str) -> str:
    return f"keepalived takes the ; for a part of {shown(word)}"


def _line_refusals(outer: str, line: Sequence[str], block: str) -> Refusals:
    """Yield what is wrong with a line that begins with a value, such as an address in virtual_ipaddress."""
    lines = LINES[block]
    start = lines.starts.get(line[0])
    if start is not None:
        for message in _argument_refusals("", line[0], line[1:], start):
            yield f"{outer}: {message}", "syntax"
        return
    if line[-1].endswith(";"):
        yield f"{outer}: {_semicolon(line[-1])}", "syntax"
        return
    rest = list(reversed(line))
    wrong = [f"{outer}: {message}" for message in _consumed(rest, lines.value.arguments)]
    yield from ((message, "syntax") for message in wrong)
    if not wrong:
        yield from _option_refusals(outer, rest, block, lines.value.more)


def _option_refusals(outer: str, rest: List[str], table: str, more: bool) -> Refusals:
    """Yield what is wrong with options; `rest` has the words in reverse order, and is emptied."""
    while rest:
        option = rest.pop()
        known = words_of(table).get(option)
        if known is not None:
            for message in _consumed(rest, known.arguments, after=option):
                yield f"{outer}: {option}{message}", "syntax"
        elif not more:
            yield f"{outer}: keepalived does not know {shown(option)} here{_hint(option, table)}", "unknown"
            return


def _tunnel_refusals(given: Sequence[str]) -> Iterator[str]:
    """Yield tunnel options that exclude each other; the last type counts (svr_forwarding_handler in check_parser.c)."""
    kind = next((kind for word, kind in zip(given[-2::-1], given[:0:-1]) if word == "type"), "ipip")
    checksum = next((word for word in reversed(given) if word in CHECKSUMS), CHECKSUMS[0])
    if kind not in CHECKSUMS_OF:
        return
    if (kind == "gue") != ("port" in given):
        yield "a gue tunnel needs a port" if kind == "gue" else f"only a gue tunnel has a port, and this is {kind}"
    elif checksum not in CHECKSUMS_OF[kind]:
        yield f"{checksum} is not for {kind} tunnels"


def _consumed(rest: List[str], arguments: Sequence[Argument], after: str = "") -> Iterator[str]:
    """Take the words for these arguments from the end of `rest`, and yield what is wrong with them."""
    for argument in arguments:
        if not rest and not argument.optional:
            yield f" needs {_described(argument)} after it"
        message = _refusal(rest[-1], argument) if rest else ""
        if rest and not (message and argument.optional):
            rest.pop()
            if message:
                yield f": {message}" if after else message


@lru_cache(maxsize=HINTS)
def _hint(word: str, table: str) -> str:
    # get_close_matches is slow, and a file can have thousands of unknown words
    similar = [
        known
        for known in words_of(table)
        if abs(len(known) - len(word)) <= MISSPELT and (known[0] == word[:1] or known[-1] == word[-1:])
    ]
    close = difflib.get_close_matches(word, similar, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _described(argument: Argument) -> str:
    if argument.kind == "number":
        return f"a number from {argument.low.normalize():f} to {argument.high.normalize():f}"
    if argument.kind == "choice":
        return " or ".join(argument.choices)
    return {
        "address": "an address",
        "service": "an address, fwmark or group",
        "bool": "on or off",
        "command": "a command",
    }.get(argument.kind, "a word")


def _refusal(text: str, argument: Argument) -> str:
    if argument.kind == "choice" and text not in argument.choices:
        return f"{shown(text)} is not {_described(argument)}"
    if argument.kind == "bool" and text not in BOOLEANS:
        return f"{shown(text)} is neither {', '.join(BOOLEANS[:-1])} nor {BOOLEANS[-1]}"
    if argument.kind == "address" and not _is_address(text):
        return f"{shown(text)} is not an address"
    if argument.kind == "service" and text not in SERVICES and not _is_address(text):
        return f"{shown(text)} is not {_described(argument)}"
    if argument.kind == "number":
        return _number_refusal(text, argument)
    return ""


def _number_refusal(text: str, argument: Argument) -> str:
    match = (DECIMAL if argument.places else NUMBER).match(text)
    if match is None or not text.strip("."):
        return f"{shown(text)} is not {_described(argument)}"
    if argument.places and len(match.group(1) or "") > argument.places:
        return f"{shown(text)} has more than {argument.places} decimal places"
    if not argument.low <= Decimal(text) <= argument.high:
        return f"{shown(text)} is not {_described(argument)}"
    return ""


def _is_address(text: str) -> bool:
    """Tell whether this is an address; like keepalived, accept a prefix length, a range or a zone after it."""
    if text in DEFAULT_ADDRESSES:
        return True
    try:
        ipaddress.ip_address(re.split("[/%-]", text, maxsplit=1)[0])
    except ValueError:
        return False
    return True

# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of variables: the name of each, and the reader that has its range and its shape.

Whoever adds a variable adds a row to the table of its room; a test holds the tables against roles and docs.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Mapping

from . import schema
from .address import of_no_host
from .schema import Reader, Report
from .visible import UNSEEN

Readers = Mapping[str, Reader]

STRAY = re.compile(f"[\\r{UNSEEN}]")  # a newline and a tab are a part of lines
LONGEST_SECONDS = 86400  # of a time after which somebody gives up: a day
LONGEST_WAIT = 3600
IS_NULL = "is null: give it a value, or leave it out"

port = schema.integer(1, 65535)
networks = schema.list_of(schema.network, at_least=1)
timeout = schema.seconds(0.01, LONGEST_SECONDS)


def read_variables(readers: Readers, variables: Mapping[str, Any], report: Report) -> None:
    """Read the variables that are in a table; one that is null would be no default, but the word `None`."""
    for name, read in readers.items():
        if name not in variables:
            continue
        if variables[name] is None:
            report(name, IS_NULL)
        else:
            read(variables[name], name, report)


def own_lines(value: Any, path: str, report: Report) -> Any:
    """Read lines of a program's own language: one text, in which only the newline ends a line."""
    if isinstance(value, (list, tuple)):
        report(path, "is a list: write the lines as one text, below a |")
        return schema.INVALID
    if not isinstance(value, str):
        report(path, "is not text")
        return schema.INVALID
    stray = STRAY.search(value)
    if stray:
        report(path, f"has the character U+{ord(stray.group()):04X}, which is no part of a line")
        return schema.INVALID
    return value


def listening_address(value: Any, path: str, report: Report) -> Any:
    """Read an address on which a program may listen: one that a host can have, or all of a family (0.0.0.0, ::)."""
    parsed = schema.address(value, path, report)
    if not parsed:
        return schema.INVALID
    why = "" if parsed.is_unspecified or parsed.is_loopback else of_no_host(parsed)
    if parsed.version == 6 and parsed.is_link_local:
        why = "is valid on one interface only, and a program that listens on it has to name that"
    if why:
        report(path, f"{parsed} {why}")
        return schema.INVALID
    return parsed


def remote_host(value: Any, path: str, report: Report) -> Any:
    """Read the address or the name of a host to which a connection can lead, as it was written."""
    read = schema.host(value, path, report)
    if read is schema.INVALID or not schema.is_address(read):
        return read
    address = ipaddress.ip_address(read)
    why = "" if address.is_loopback else of_no_host(address)
    if address.version == 6 and address.is_link_local:
        why = "is valid on one interface only"
    if why:
        schema.wrong_word(read, f"{why}: no connection leads there", path, report)
        return schema.INVALID
    return read


def optional(read: Reader) -> Reader:
    """Read the empty text, which stands for nothing, or what `read` reads."""

    def read_or_nothing(value: Any, path: str, report: Report) -> Any:
        return "" if value == "" else read(value, path, report)

    return read_or_nothing


def is_true(value: Any) -> bool:
    """Tell whether a switch is on, as it was written; one that cannot be read is off."""
    return bool(schema.boolean(value, "", lambda path, message: None))

# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers for untrusted nested data: every problem becomes a Finding with the path of the value.

A reader takes `(value, path, report)` and returns the value in its proper type, or INVALID after
calling `report(path, message)`. Readers are combined, so that one pass reports every wrong value.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Mapping, Optional

from .address import InterfaceAddress, is_host_name, is_wildcard_mask, parsed
from .errors import Finding
from .quoting import LARGEST, Discreet, Report, inside, place, quoted, wrong, wrong_word
from .visible import UNSEEN

# What readers of other rooms need beside those that are here
__all__ = ("InterfaceAddress", "Report", "inside", "place", "quoted", "wrong", "wrong_word")

Reader = Callable[[Any, str, Report], Any]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
LINE = re.compile(f"[^\\n\\r\\t{UNSEEN}]+\\Z")  # nor what str.splitlines takes for the end of one
LONGEST_NAME = 255  # of a file on Linux; a line of keepalived and of haproxy takes more


class _Invalid:
    """The type of INVALID, which is false."""

    def __bool__(self) -> bool:
        return False


INVALID = _Invalid()


@dataclass(frozen=True)
class Field:
    """A key of a record: the reader of its value, and the default when the key is absent or null."""

    read: Reader
    required: bool = False
    default: Any = None


def collector(findings: list[Finding]) -> Report:
    """Return a `report` that appends to `findings`."""
    return lambda path, message: findings.append(Finding(path, message))


def unknown_key(key: object, known: Iterable[str], what: str) -> str:
    """Return `what` with a hint: the most similar known key, else all known keys."""
    names = sorted(known)
    close = difflib.get_close_matches(quoted(key).strip("'"), names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the keys are {', '.join(names)}"
    return f"{what}; {hint}"


def discreet(read: Reader) -> Reader:
    """Read what may hold a secret: no finding quotes a value, or a key that could be one."""
    return lambda value, path, report: read(value, path, report if isinstance(report, Discreet) else Discreet(report))


class Record:
    """Reads a mapping with these keys and no others into a dictionary that has all of them."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.may_be_empty = not any(field.required for field in fields.values())

    def __call__(self, value: Any, path: str, report: Report) -> Any:
        """Read one mapping."""
        if not isinstance(value, Mapping):
            wrong(value, "is not a mapping", path, report)
            return INVALID
        for number, key in enumerate(value, start=1):
            if key not in self.fields:
                said = unknown_key(key, self.fields, "unknown key")
                nameless = isinstance(report, Discreet) and "did you mean" not in said
                report(f"{path}[key {number}]" if nameless else inside(path, key), said)
        return {key: self._field(key, field, value, path, report) for key, field in self.fields.items()}

    def _field(self, key: str, field: Field, value: Mapping[Any, Any], path: str, report: Report) -> Any:
        given = value.get(key)
        if given is None and key in value and isinstance(field.read, Record) and field.read.may_be_empty:
            given = {}  # `tcp:` says all that `tcp: {}` does
        if given is not None:
            return field.read(given, f"{path}.{key}", report)
        if field.required:
            report(f"{path}.{key}", "is missing")
            return INVALID
        return field.default


def record(fields: Mapping[str, Field]) -> Reader:
    """Read a mapping with these keys and no others; null means {} where no key is required."""
    return Record(fields)


def part_of(fields: Mapping[str, Field]) -> Reader:
    """Read these keys of a mapping, and ignore all others."""
    whole = record(fields)

    def read(value: Any, path: str, report: Report) -> Any:
        if isinstance(value, Mapping):
            value = {key: value[key] for key in value if key in fields}
        return whole(value, path, report)

    return read


def list_of(item: Reader, at_least: int = 0, or_one: bool = False) -> Reader:
    """Read a list of items into a tuple; with `or_one`, a value that is not a list is read as a list of one."""

    def read(value: Any, path: str, report: Report) -> Any:
        if or_one and not isinstance(value, (list, tuple)):
            value = [value]
        if not isinstance(value, (list, tuple)):
            wrong(value, "is not a list", path, report)
            return INVALID
        if len(value) < at_least:
            report(path, f"needs at least {at_least} item{'s' if at_least > 1 else ''}")
            return INVALID
        return tuple(item(each, f"{path}[{index}]", report) for index, each in enumerate(value))

    return read


def mapping_of(item: Reader) -> Reader:
    """Read a mapping with any keys that are text or whole numbers, which become text."""

    def read(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, Mapping):
            wrong(value, "is not a mapping", path, report)
            return INVALID
        out = {}
        for number, (key, each) in enumerate(value.items(), start=1):
            where, text = place(path, key, number, report), _text_of(key)
            if text is None:
                report(where, "has a key that is no text")
            else:
                out[text] = item(each, where, report)
        return out

    return read


def integer(low: int, high: int, why: Optional[Mapping[int, str]] = None) -> Reader:
    """Read a whole number from `low` to `high`, or its text; `why` has a reason for refused values that users try."""

    def read(value: Any, path: str, report: Report) -> Any:
        text = _text_of(value)
        whole = int(text) if text and re.fullmatch(r"0|-?[1-9][0-9]{0,8}", text) else None
        if whole is None or not low <= whole <= high:
            reason = (why or {}).get(whole, "") if whole is not None else ""
            wrong(
                value, f"is not a whole number from {low} to {high}" + (f": {reason}" if reason else ""), path, report
            )
            return INVALID
        return whole

    return read


def seconds(low: float, high: float) -> Reader:
    """Read a number of seconds from `low` to `high`, or its text, into a float."""

    def read(value: Any, path: str, report: Report) -> Any:
        text = str(value) if isinstance(value, float) else _text_of(value)
        number = float(text) if text and re.fullmatch(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?", text) else None
        if number is None or not low <= number <= high:
            wrong(value, f"is not a number of seconds from {low:g} to {high:g}", path, report)
            return INVALID
        return number

    return read


def boolean(value: Any, path: str, report: Report) -> Any:
    """Read true or false, or their text in YAML 1.1 (yes, no)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "yes", "false", "no"):
        return value.lower() in ("true", "yes")
    wrong(value, "is neither true nor false", path, report)
    return INVALID


def choice(*choices: str) -> Reader:
    """Read one of these words."""

    def read(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str) or value not in choices:
            wrong(value, f"is not one of {', '.join(choices)}", path, report)
            return INVALID
        return str(value)

    return read


def matching(pattern: re.Pattern[str], what: str, longest: Optional[int] = None) -> Reader:
    """Read a string or an integer that matches `pattern` into a string; `what` names it in findings: "a name"."""

    def read(value: Any, path: str, report: Report) -> Any:
        text = _text_of(value)
        if text is None or not pattern.match(text):
            wrong(value, f"is not {what}", path, report)
            return INVALID
        if longest and len(text) > longest:
            wrong(value, f"has {len(text)} characters, and {longest} is the most", path, report)
            return INVALID
        return text

    return read


name = matching(NAME, "a name (letters, digits, dot, dash and underscore)", LONGEST_NAME)
line = matching(LINE, "a line of text")
word = matching(re.compile(r"[!-~]+\Z"), "a word without spaces")


def host(value: Any, path: str, report: Report) -> Any:
    """Read an IP address or a host name, as it was written."""
    looks_numeric = isinstance(value, str) and re.fullmatch(r"[0-9.]+|.*:.*", value)
    if not isinstance(value, str) or not (is_address(value) if looks_numeric else is_host_name(value)):
        wrong(value, "is neither an address nor a host name", path, report)
        return INVALID
    return value


def host_name(value: Any, path: str, report: Report) -> Any:
    """Read the name of a host, and no address."""
    if not isinstance(value, str) or is_address(value) or not is_host_name(value):
        wrong(value, "is not a host name: labels of at most 63 letters, digits and dashes, with dots", path, report)
        return INVALID
    return value


def is_address(text: str) -> bool:
    """Tell whether `text` is an IPv4 or IPv6 address."""
    return parsed(ipaddress.ip_address, text) is not None


def address(value: Any, path: str, report: Report) -> Any:
    """Read an IP address into an object of `ipaddress`."""
    found = parsed(ipaddress.ip_address, value)
    if found is None:
        wrong_word(value, "is not an address", path, report)
        return INVALID
    return found


def interface_address(value: Any, path: str, report: Report) -> Any:
    """Read an address with its prefix length, such as 192.0.2.10/24, into an interface of `ipaddress`."""
    found = parsed(ipaddress.ip_interface, value)
    if found is None:
        wrong_word(value, "is not an address", path, report)
        return INVALID
    if "/" not in value:
        example = f"{value}/{24 if found.version == 4 else 64}"
        wrong_word(value, f"has no prefix length, such as {example}", path, report)
        return INVALID
    return INVALID if _has_wildcard_mask(value, found, path, report) else found


def network(value: Any, path: str, report: Report) -> Any:
    """Read a network, such as 192.0.2.0/24, into a network of `ipaddress`."""
    found = parsed(ipaddress.ip_interface, value)
    if found is not None and _has_wildcard_mask(value, found, path, report):
        return INVALID
    if found is None or found.ip != found.network.network_address:
        hint = "" if found is None else f"; did you mean {found.network}?"
        wrong_word(value, f"is not a network{hint}", path, report)
        return INVALID
    return found.network


def _has_wildcard_mask(value: str, found: InterfaceAddress, path: str, report: Report) -> bool:
    if not is_wildcard_mask(value, found.network):
        return False
    wrong_word(value, f"has a wildcard mask, as access lists have it: did you mean {found}?", path, report)
    return True


def _text_of(value: Any) -> Optional[str]:
    """Return a string, or a whole number of at most 18 digits as text; None for everything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST else None

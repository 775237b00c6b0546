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
from typing import Any, Callable, Iterable, Mapping, Optional, TypeVar, Union

from .errors import Finding

Report = Callable[[str, str], None]
Reader = Callable[[Any, str, Report], Any]
Parsed = TypeVar("Parsed")
InterfaceAddress = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# RFC 1123 §2.1; a last label of digits or in hexadecimal would be an address to the C library (inet_aton)
HOST = re.compile(rf"(?=.{{1,253}}\Z)(?!(.*\.)?(0[xX][0-9A-Fa-f]*|[0-9]+)\Z)({LABEL}\.)*{LABEL}\Z")


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


def inside(path: str, key: object) -> str:
    """Return the path of a key of the user's own choice, on one line whatever its type and text."""
    return f"{path}.{key}" if re.fullmatch(r"[^\W\d][\w.-]*", str(key)) else f"{path}[{key!r}]"


def unknown_key(key: object, known: Iterable[str], what: str) -> str:
    """Return `what` with a hint: the most similar known key, else all known keys."""
    names = sorted(known)
    close = difflib.get_close_matches(str(key), names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the keys are {', '.join(names)}"
    return f"{what}; {hint}"


def record(fields: Mapping[str, Field]) -> Reader:
    """Read a mapping with these keys and no others into a dictionary that has all of them."""

    def read(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, Mapping):
            report(path, f"{value!r} is not a mapping")
            return INVALID
        for key in value:
            if key not in fields:
                report(inside(path, key), unknown_key(key, fields, "unknown key"))
        out: dict[str, Any] = {}
        for key, field in fields.items():
            if key in value and value[key] is not None:
                out[key] = field.read(value[key], f"{path}.{key}", report)
            elif field.required:
                report(f"{path}.{key}", "is missing")
                out[key] = INVALID
            else:
                out[key] = field.default
        return out

    return read


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
            report(path, f"{value!r} is not a list")
            return INVALID
        if len(value) < at_least:
            report(path, f"needs at least {at_least} item{'s' if at_least > 1 else ''}")
            return INVALID
        return tuple(item(each, f"{path}[{index}]", report) for index, each in enumerate(value))

    return read


def mapping_of(item: Reader) -> Reader:
    """Read a mapping with any keys, which become text."""

    def read(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, Mapping):
            report(path, f"{value!r} is not a mapping")
            return INVALID
        return {str(key): item(each, inside(path, key), report) for key, each in value.items()}

    return read


def integer(low: int, high: int, why: Optional[Mapping[int, str]] = None) -> Reader:
    """Read a whole number from `low` to `high`, or its text; `why` has a reason for refused values that users try."""

    def read(value: Any, path: str, report: Report) -> Any:
        whole = not isinstance(value, bool) and re.fullmatch(r"-?[0-9]{1,9}", str(value))
        if not whole or not low <= int(value) <= high:
            reason = (why or {}).get(int(value), "") if whole else ""
            report(path, f"{value!r} is not a whole number from {low} to {high}" + (f": {reason}" if reason else ""))
            return INVALID
        return int(value)

    return read


def seconds(low: float, high: float) -> Reader:
    """Read a number of seconds from `low` to `high`, or its text, into a float."""

    def read(value: Any, path: str, report: Report) -> Any:
        numeric = not isinstance(value, bool) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", str(value))
        if not numeric or not low <= float(value) <= high:
            report(path, f"{value!r} is not a number of seconds from {low:g} to {high:g}")
            return INVALID
        return float(value)

    return read


def boolean(value: Any, path: str, report: Report) -> Any:
    """Read true or false, or their text in YAML 1.1 (yes, no)."""
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "yes", "false", "no"):
        return str(value).lower() in ("true", "yes")
    report(path, f"{value!r} is neither true nor false")
    return INVALID


def choice(*choices: str) -> Reader:
    """Read one of these words."""

    def read(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str) or value not in choices:
            report(path, f"{value!r} is not one of {', '.join(choices)}")
            return INVALID
        return str(value)

    return read


def matching(pattern: re.Pattern[str], what: str) -> Reader:
    """Read a string or an integer that matches `pattern` into a string; `what` names it in findings: "a name"."""

    def read(value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, (str, int)) or isinstance(value, bool) or not pattern.match(str(value)):
            report(path, f"{value!r} is not {what}")
            return INVALID
        return str(value)

    return read


name = matching(NAME, "a name (letters, digits, dot, dash and underscore)")
# Neither what str.splitlines takes for the end of a line, nor other control characters, nor half a character
line = matching(re.compile("[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+\\Z"), "a line of text")
word = matching(re.compile(r"[!-~]+\Z"), "a word without spaces")


def host(value: Any, path: str, report: Report) -> Any:
    """Read an IP address or a host name, as it was written."""
    looks_numeric = isinstance(value, str) and re.fullmatch(r"[0-9.]+|.*:.*", value)
    if not isinstance(value, str) or not (is_address(value) if looks_numeric else HOST.match(value)):
        report(path, f"{value!r} is neither an address nor a host name")
        return INVALID
    return value


def is_address(text: str) -> bool:
    """Tell whether `text` is an IPv4 or IPv6 address."""
    return _parsed(ipaddress.ip_address, text) is not None


def address(value: Any, path: str, report: Report) -> Any:
    """Read an IP address into an object of `ipaddress`."""
    parsed = _parsed(ipaddress.ip_address, value)
    if parsed is None:
        report(path, f"{_shown(value)} is not an address")
        return INVALID
    return parsed


def interface_address(value: Any, path: str, report: Report) -> Any:
    """Read an address with its prefix length, such as 192.0.2.10/24, into an interface of `ipaddress`."""
    parsed = _parsed(ipaddress.ip_interface, value)
    if parsed is None:
        report(path, f"{_shown(value)} is not an address")
        return INVALID
    if "/" not in value:
        report(path, f"{value} has no prefix length, such as {value}/{24 if parsed.version == 4 else 64}")
        return INVALID
    return parsed


def network(value: Any, path: str, report: Report) -> Any:
    """Read a network, such as 192.0.2.0/24, into a network of `ipaddress`."""
    parsed = _parsed(ipaddress.ip_interface, value)
    if parsed is None or parsed.ip != parsed.network.network_address:
        hint = "" if parsed is None else f"; did you mean {parsed.network}?"
        report(path, f"{_shown(value)} is not a network{hint}")
        return INVALID
    return parsed.network


def _parsed(parse: Callable[[str], Parsed], value: Any) -> Optional[Parsed]:
    """Return the parsed string, or None. A zone (`%eth0`) is refused: its address is valid on one interface only."""
    if not isinstance(value, str) or "%" in value:
        return None
    try:
        return parse(value)
    except ValueError:
        return None


def _shown(value: Any) -> str:
    """Return a wrong address as it was written, or its `repr` where that would not fit on one line."""
    return value if isinstance(value, str) and re.fullmatch("[!-~]+", value) else repr(value)

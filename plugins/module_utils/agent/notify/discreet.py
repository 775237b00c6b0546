# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for the variables `notify_*`: what can be checked like the real ones, and shows no secret."""

from __future__ import annotations

import re
from typing import Any, Mapping

from ...basics import stand_in as basics
from .message import FIELDS

CLEAR = {
    "notify_mail": ("to", "from", "server", "port", "tls", "user", "ca_file"),
    "notify_webhooks": ("name", "method", "ca_file"),
    "notify_commands": ("name", "timeout_seconds"),
}
"""The keys whose values are no secrets; whatever is of another shape than it should may be one."""

LISTED = "to"
AFTER_HOST = re.compile(r"(?P<kept>\w+://(?![^/?#]*@)[^/?#]*/?)(?P<hidden>.*)\Z", re.DOTALL)
AFTER_SLASH = re.compile(r"(?P<kept>/?)(?P<hidden>.*)\Z", re.DOTALL)


def stand_in(name: str, value: Any) -> Any:
    """Return a variable without its secrets."""
    if name not in CLEAR:
        return value
    if isinstance(value, (list, tuple)):
        return [_channel(name, each) for each in value]
    return _channel(name, value)


def _channel(name: str, value: Any) -> Any:
    if not isinstance(value, Mapping):
        return basics.stand_in(value)
    return {
        basics.hidden_key(key): each if key in CLEAR[name] and _is_clear(key, each) else _of(key, each)
        for key, each in value.items()
    }


def _is_clear(key: Any, value: Any) -> bool:
    """Tell whether a value is what a key without secrets can have: a URL, which may have a password, is not."""
    listed = value if isinstance(value, (list, tuple)) and key == LISTED else [value]
    return all(each is None or (isinstance(each, (str, int, float)) and "://" not in str(each)) for each in listed)


def _of(key: object, value: Any) -> Any:
    if key == "url":
        return _after(AFTER_HOST, value)
    if key == "argv" and isinstance(value, (list, tuple)):
        return [_after(AFTER_SLASH, each) for each in value]
    return basics.stand_in(value, FIELDS)


def _after(pattern: re.Pattern[str], value: Any) -> Any:
    """Return a text of which only the beginning is kept."""
    found = pattern.match(value) if isinstance(value, str) else None
    return found["kept"] + basics.stand_in(found["hidden"]) if found else basics.stand_in(value)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks for the secrets in the variables `notify_*`: the masked variables can be checked like the real ones."""

from __future__ import annotations

import math
import re
from typing import Any, Mapping

SECRET_KEYS = ("password", "headers", "form", "body")
AFTER_HOST = re.compile(r"(?P<kept>\w+://(?![^/?#]*@)[^/?#]*/?)(?P<hidden>.*)\Z", re.DOTALL)
# All letters but those of a field in braces, which is no secret; what is no ASCII stays none, and is refused as before
OTHER = "\N{BLACK SQUARE}"
HIDDEN = re.compile("(\\{\\w+\\})|[^\x00-\x20{}\x7f-\x9f\u2028\u2029]")


def stand_in(name: str, value: Any) -> Any:
    """Return a variable with its secrets masked by asterisks."""
    if name not in ("notify_mail", "notify_webhooks"):
        return value
    return _without(value)


def _without(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_without(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {key: _of(key, each) for key, each in value.items()}


def _of(key: object, value: Any) -> Any:
    if key == "url":
        return _url(value)
    return _hidden(value) if key in SECRET_KEYS else value


def _url(value: Any) -> Any:
    found = AFTER_HOST.match(value) if isinstance(value, str) else None
    return found["kept"] + HIDDEN.sub("*", found["hidden"]) if found else _hidden(value)


def _hidden(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hidden(each) for each in value]
    if value is None or isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return value
    return HIDDEN.sub(lambda found: found[1] or ("*" if found[0].isascii() else OTHER), str(value))

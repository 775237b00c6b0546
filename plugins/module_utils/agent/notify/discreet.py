# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets in the variables `notify_*`, and masks for them: masked variables can be checked like the real ones."""

from __future__ import annotations

import re
from typing import Any, List, Mapping
from urllib.parse import urlsplit

from ..config import Channel, Command, Mail

SECRET_KEYS = ("password", "headers", "form", "body")
AFTER_HOST = re.compile(r"(?P<kept>\w+://(?![^/?#]*@)[^/?#]*/?)(?P<hidden>.*)\Z", re.DOTALL)
# All letters but those of a field in braces, which is no secret
HIDDEN = re.compile(r"(\{\w+\})|[^\x00-\x20{}\x7f]")


def secrets_of(channel: Channel) -> List[str]:
    """Return the texts of a channel that nobody is to read: also the arguments of a command, which may have a token."""
    if isinstance(channel, Mail):
        return [channel.password]
    if isinstance(channel, Command):
        return list(channel.argv[1:])
    parts = urlsplit(channel.url)
    before_host = parts.netloc.rpartition("@")[0]
    return [before_host, parts.path, parts.query, *_texts([channel.headers, channel.body, channel.form])]


def _texts(value: Any) -> List[str]:
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, (list, tuple)):
        return [text for each in value for text in _texts(each)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


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
    if value is None or isinstance(value, bool):
        return value
    return HIDDEN.sub(lambda found: found[1] or "*", str(value))

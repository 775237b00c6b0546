# SPDX-License-Identifier: GPL-3.0-or-later
"""The configurations of a node's notifier and status page, which the role writes as JSON."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple, Union

from ..basics.errors import HaLbError


class Mail(NamedTuple):
    """Mail over SMTP."""

    name: str
    to: Tuple[str, ...]
    sender: str
    server: str
    port: int
    tls: str
    user: str = ""
    password: str = ""
    ca_file: str = ""


class Webhook(NamedTuple):
    """A request to a server: JSON, or a form."""

    name: str
    url: str
    method: str
    headers: Mapping[str, str]
    body: Any = None
    form: Optional[Mapping[str, str]] = None
    ca_file: str = ""
    host: str = ""
    """That of the URL, for people."""


class Command(NamedTuple):
    """A program of the host."""

    name: str
    argv: Tuple[str, ...]
    timeout_seconds: float


Channel = Union[Mail, Webhook, Command]
KINDS = {"mail": Mail, "webhook": Webhook, "command": Command}


class Config(NamedTuple):
    """The configuration of the notifier: the channels, and the states (`on`) that are sent to them."""

    cluster: str
    node: str
    on: Tuple[str, ...]
    changes_per_minute: int
    channels: Tuple[Channel, ...]


class PageConfig(NamedTuple):
    """The configuration of the status page: the networks that may see it. Where it listens systemd knows."""

    cluster: str
    node: str
    networks: Tuple[str, ...]


def whom(channel: Channel) -> str:
    """Return the receiver of a channel for people; of a web hook only the host, because the rest may be a secret."""
    if isinstance(channel, Mail):
        return ", ".join(channel.to)
    return channel.host if isinstance(channel, Webhook) else channel.argv[0]


def read_config(text: str) -> Config:
    """Read the notifier's configuration.

    Raises HaLbError when it is not as the role writes it.
    """
    try:
        data = json.loads(text)
        channels = tuple(read_channel(each) for each in data.pop("channels"))
        return Config(**{key: _frozen(each) for key, each in data.items()}, channels=channels)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise HaLbError(f"the configuration of the notifier cannot be read: {type(error).__name__} {error}") from error


def read_page_config(text: str) -> PageConfig:
    """Read the status page's configuration.

    Raises HaLbError when it is not as the role writes it.
    """
    try:
        return PageConfig(**{key: _frozen(each) for key, each in json.loads(text).items()})
    except (AttributeError, TypeError, ValueError) as error:
        raise HaLbError(f"the configuration of the status page cannot be read: {error}") from error


def read_channel(data: Mapping[str, Any]) -> Channel:
    """Read a channel of the configuration; raises KeyError and TypeError where it is not one."""
    settings = {key: _frozen(each) for key, each in data.items() if key != "kind"}
    channel: Channel = KINDS[data["kind"]](**settings)
    return channel


def as_data(channel: Channel) -> Dict[str, Any]:
    """Return what `read_channel` reads."""
    return {"kind": kind_of(channel), **channel._asdict()}


def kind_of(channel: Channel) -> str:
    """Return the kind of a channel, one of KINDS."""
    return type(channel).__name__.lower()


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

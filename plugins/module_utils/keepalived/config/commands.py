# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that a configuration has run: checks, and notifications of a change."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Iterable, Iterator, Optional, Tuple

from ..language.tree import Directive, Place
from .model import Node

CHECKS = ("script", "misc_path")
OF_AN_INSTANCE = (
    "notify",
    "notify_master",
    "notify_backup",
    "notify_fault",
    "notify_stop",
    "notify_deleted",
    "notify_master_rx_lower_pri",
)
NOTIFICATIONS = (
    *OF_AN_INSTANCE,
    "notify_up",
    "notify_down",
    "quorum_up",
    "quorum_down",
    "startup_script",
    "shutdown_script",
)
READS = "<"
"""A script that begins so is no program: the file that follows must be readable."""


@dataclass(frozen=True)
class Command:
    """A program with its arguments, as keepalived takes it apart: the first word of the line, without a shell."""

    keyword: str
    owner: str
    """The block that it stands in, such as `vrrp_script chk`."""
    text: str
    argv: Tuple[str, ...]
    user: str
    """Who runs it; empty where nobody is named."""
    place: Place

    @property
    def program(self) -> str:
        """Return what is run."""
        return self.argv[0]

    @property
    def checks(self) -> bool:
        """Tell whether somebody's health depends on it."""
        return self.keyword in CHECKS


def commands(node: Node) -> Tuple[Command, ...]:
    """Return every program that the configuration of a node names."""
    named = node.setting("script_user")
    user = named.arguments[0] if named and named.arguments else ""
    return tuple(_commands(node.tree.directives, "", user))


def _commands(directives: Iterable[Directive], owner: str, user: str) -> Iterator[Command]:
    for directive in directives:
        if directive.keyword in (*CHECKS, *NOTIFICATIONS) and directive.arguments:
            command = _command(directive, owner, user)
            if command:
                yield command
        if directive.block:
            own = directive.last("user")
            name = " ".join(word.text for word in directive.words)
            yield from _commands(directive.block, name, own.arguments[0] if own and own.arguments else user)


def _command(directive: Directive, owner: str, user: str) -> Optional[Command]:
    text = directive.arguments[0]
    argv = split(text)
    if not argv or argv[0].startswith(READS):
        return None
    said = directive.arguments[1] if len(directive.arguments) > 1 else user
    return Command(directive.keyword, owner, text, argv, said, directive.place)


def split(text: str) -> Tuple[str, ...]:
    """Take a command line apart; quotes that do not end are taken as they are."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())

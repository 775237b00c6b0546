# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that a configuration runs: check scripts, and notify scripts for changes of state."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Iterable, Iterator, Optional, Tuple

from ...basics.discreet import HIDDEN
from ..language.tree import Directive, Place
from .model import ConfiguredNode

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
NAMED = re.compile(r"[\w./+-]+\Z")
READS_FILE = "<"
"""A script `<FILE` runs no program: keepalived wants to read the file."""


@dataclass(frozen=True)
class ScriptCommand:
    """A command line of the configuration, split as keepalived does: without a shell."""

    keyword: str
    owner: str
    """The block that it stands in, such as `vrrp_script chk`; empty outside all blocks."""
    text: str
    argv: Tuple[str, ...]
    user: str
    """The user that runs it; empty for keepalived's default."""
    place: Place

    @property
    def shown(self) -> str:
        """Return the program as messages name it; what is neither a path nor a name may be a secret."""
        return self.program if NAMED.match(self.program) else HIDDEN

    @property
    def program(self) -> str:
        """Return the program, argv[0]."""
        return self.argv[0]

    @property
    def checks(self) -> bool:
        """Tell whether it is a check: its exit status is the health of an instance or of a real server."""
        return self.keyword in CHECKS


def commands(node: ConfiguredNode) -> Tuple[ScriptCommand, ...]:
    """Return every command of a node's configuration, in the order of the file."""
    setting = node.setting("script_user")
    user = setting.arguments[0] if setting and setting.arguments else ""
    return tuple(_commands(node.tree.directives, "", user))


def _commands(directives: Iterable[Directive], owner: str, user: str) -> Iterator[ScriptCommand]:
    for directive in directives:
        if directive.keyword in (*CHECKS, *NOTIFICATIONS) and directive.arguments:
            command = _command(directive, owner, user)
            if command:
                yield command
        if directive.block:
            own = directive.last("user")
            name = " ".join(word.text for word in directive.words)
            yield from _commands(directive.block, name, own.arguments[0] if own and own.arguments else user)


def _command(directive: Directive, owner: str, user: str) -> Optional[ScriptCommand]:
    text = directive.arguments[0]
    argv = split(text)
    if not argv or argv[0].startswith(READS_FILE):
        return None
    own_user = directive.arguments[1] if len(directive.arguments) > 1 else user
    return ScriptCommand(directive.keyword, owner, text, argv, own_user, directive.place)


def split(text: str) -> Tuple[str, ...]:
    """Split a command line at a shell's quotes; with an unclosed quote, at blanks alone."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())

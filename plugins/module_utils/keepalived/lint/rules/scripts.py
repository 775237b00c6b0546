# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that keepalived cannot or will not run: it goes on without them, and only logs it."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Iterator, Mapping, Optional, Sequence

from ....lint.finding import Found, Rule, Severity
from ...config.commands import ScriptCommand, commands
from ...config.model import ConfiguredNode

SHELLS = ("sh", "bash", "dash", "ash", "ksh", "zsh", "busybox")
SHELL_ONLY = re.compile(r"(\|\|?|&&?|;)\Z|.+;\Z|(2|&)?>|<(?!<)|.*(\$\(|`)")
USUAL_USER = "keepalived_script"


def _not_runnable(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        files = node.facts.get("files", {})
        for command in commands(node):
            lacks = _lacks(files.get(command.program), runner(node, command))
            if lacks:
                yield Found(
                    node.name,
                    command.place,
                    f"{command.owner} runs {command.shown}, which {lacks} on {node.name}",
                    effect=_without(node, command),
                    severity=None if command.checks else Severity.WARNING,
                )


def _lacks(file: Optional[Mapping[str, Any]], user: str) -> str:
    """Return why a script cannot be run; empty if it can."""
    if file is None:
        return ""
    if not file.get("exists", True):
        return "is not there"
    if not file.get("executable", True):
        return f"{user} may not run"
    return "" if file.get("shebang", True) else "does not begin with #!"


def _without(node: ConfiguredNode, command: ScriptCommand) -> str:
    if command.checks:
        return f"keepalived goes on without this check, and {node.name} stays active with a service that is broken"
    return "keepalived goes on, and nobody is told of the change"


def runner(node: ConfiguredNode, command: ScriptCommand) -> str:
    """Return the user of a script: the configured one, else keepalived_script if it exists, else root."""
    if command.user:
        return command.user
    return USUAL_USER if USUAL_USER in node.facts.get("users", ()) else "root"


def _insecure(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        if node.setting("enable_script_security") is None:
            continue
        for command in commands(node):
            reason = _refusal(node, command)
            if reason:
                yield Found(
                    node.name,
                    command.place,
                    f"{command.owner} runs {command.shown}, and {reason} on {node.name}",
                    effect=_without(node, command),
                    severity=None if command.checks else Severity.WARNING,
                )


def _refusal(node: ConfiguredNode, command: ScriptCommand) -> str:
    users = node.facts.get("users")
    if not command.user and users is not None and USUAL_USER not in users:
        return f"there is no user {USUAL_USER} to run it"
    if command.user and users is not None and command.user not in users:
        return f"there is no user {command.user} to run it"
    writable = node.facts.get("files", {}).get(command.program, {}).get("writable_by", "")
    return f"others than root can change {writable}" if writable else ""


def _unguarded(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        found = commands(node)
        if found and node.setting("enable_script_security") is None:
            yield Found(
                node.name,
                found[0].place,
                f"{node.name} runs {found[0].shown} without enable_script_security",
            )


def _shell(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for command in commands(node):
            word = shell_word(command)
            if word:
                yield Found(
                    node.name,
                    command.place,
                    f"{command.owner} has `{word}` in its command line, and no shell that understands it",
                    effect=f"{command.shown} gets `{word}` as an argument, and the check says nothing of the service",
                )
            elif node.facts.get("commands", {}).get(command.program, "") is None:
                yield Found(
                    node.name,
                    command.place,
                    f"{command.owner} runs {command.shown}, and {node.name} has no such program",
                    effect=_without(node, command),
                    fix=f"install {command.shown} on {node.name}, or check with something that is there",
                )


def shell_word(command: ScriptCommand) -> str:
    """Return the first word of a command line that only a shell understands; empty if there is none."""
    if posixpath.basename(command.program) in SHELLS:
        return ""
    return next((word for word in command.argv if SHELL_ONLY.match(word)), "")


RULES = (
    Rule(
        id="KA135",
        severity=Severity.ERROR,
        title="a script that cannot be run",
        why="keepalived goes on without the script, so a node with a broken service stays active",
        fix="put the script there, executable for its user and with a #! line, on every node",
        evidence="keepalived.conf(5), script; measured on 2.2.7 and 2.4.3, where keepalived -t accepts it",
        check=_not_runnable,
        needs=("files",),
    ),
    Rule(
        id="KA136",
        severity=Severity.ERROR,
        title="a script that enable_script_security keeps from being run",
        why="keepalived removes the script, so a node with a broken service stays active",
        fix="let root alone write to the script and its folders, and name a script_user that exists",
        evidence="keepalived.conf(5), enable_script_security; measured",
        check=_insecure,
        needs=("files", "users"),
    ),
    Rule(
        id="KA137",
        severity=Severity.WARNING,
        title="scripts without enable_script_security",
        why="keepalived runs scripts that anybody can change, as root unless there is a user keepalived_script",
        fix="put enable_script_security and a script_user into global_defs",
        evidence="keepalived.conf(5), enable_script_security; keepalived -t returns 6",
        check=_unguarded,
    ),
    Rule(
        id="KA138",
        severity=Severity.WARNING,
        title="a command that is not there, or that only a shell understands",
        why="the check fails always, which puts every node into FAULT, or keepalived removes it",
        fix="put the command line into a script, or into /bin/sh -c '...'",
        evidence="keepalived, set_script_params_array and find_path",
        check=_shell,
        needs=("commands",),
    ),
)

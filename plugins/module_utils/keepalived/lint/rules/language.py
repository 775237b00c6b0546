# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that keepalived cannot read, or not in the version of the node."""

from __future__ import annotations

from typing import Iterable, Iterator, Mapping, Optional, Sequence, Tuple

from ....lint.finding import Found, Rule, Severity
from ...config.model import ConfiguredNode
from ...language.keywords import TOP, inside, since
from ...language.tree import Directive

WORSE: Mapping[str, Tuple[str, Optional[Severity]]] = {
    "duplicate": ("what is written here has no effect", None),
    "structure": (
        "keepalived reads what follows as something else, and whole instances can be missing",
        Severity.ERROR,
    ),
    "limit": ("what comes after it was not looked at", Severity.ERROR),
}


def _unreadable(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for problem in node.tree.problems:
            if problem.kind != "include":
                effect, severity = WORSE.get(problem.kind, ("", None))
                yield Found(node.name, problem.place, problem.message, effect=effect, severity=severity)
        if node.version:
            yield from _too_new(node, node.version, TOP, node.tree.directives)


def _too_new(
    node: ConfiguredNode, version: Tuple[int, ...], block: Optional[str], directives: Iterable[Directive]
) -> Iterator[Found]:
    for directive in directives if block is not None else ():
        first = since(block or TOP, directive.keyword)
        if first and first > version:
            yield Found(
                node.name,
                directive.place,
                f"{node.name} has keepalived {dotted(version)}, and {directive.keyword} came with {dotted(first)}",
                effect=f"{node.name} ignores {directive.keyword}"
                + (", with all that is in its block" if directive.block else ""),
                fix=f"remove {directive.keyword}, or install keepalived {dotted(first)} or later",
            )
        elif directive.block:
            yield from _too_new(node, version, inside(block, directive.keyword), directive.block)


def dotted(version: Iterable[int]) -> str:
    """Return a version as text: 2.3.3."""
    return ".".join(map(str, version))


def _not_included(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for problem in node.tree.problems:
            if problem.kind == "include":
                yield Found(node.name, problem.place, problem.message)


RULES = (
    Rule(
        id="KA169",
        severity=Severity.WARNING,
        title="something that keepalived cannot read",
        why="keepalived leaves it out, often with the rest of its block, and starts all the same",
        fix="write it as keepalived.conf(5) has it, in the version that this node runs",
        evidence="keepalived, lib/parser.c; keepalived -t logs it",
        check=_unreadable,
    ),
    Rule(
        id="KA170",
        severity=Severity.WARNING,
        title="a file that cannot be included",
        why="keepalived goes on without it and returns 0, so whole instances can be missing",
        fix="put the file there, and write includea, with which keepalived refuses to start without it",
        evidence="keepalived.conf(5), include; measured",
        check=_not_included,
    ),
)

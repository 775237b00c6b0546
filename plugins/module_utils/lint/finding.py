# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and findings of a linter; the product that is linted is not known here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable, Iterable, Mapping, Optional, Tuple


class Severity(Enum):
    """The severity of a rule or a finding, the worst first; the value is the letter that is printed."""

    ERROR = "E"
    """Causes an outage or two holders of a VIP, for certain or likely."""
    WARNING = "W"
    """Works, but makes failover slower or less safe, or will fail later."""
    INFO = "I"
    """Does no harm: a matter of tidiness."""


@dataclass(frozen=True)
class LintFinding:
    """One problem: its place, the values, the effect, and the fix. `lint` makes it of Found and its Rule."""

    rule: str
    severity: Severity
    node: str
    file: str
    line: int
    column: int
    message: str
    """One sentence with the values."""
    effect: str
    """The effect, in seconds and VIPs where that is known."""
    fix: str
    values: Mapping[str, str]
    """The value of every node, where nodes differ."""


@dataclass(frozen=True)
class Found:
    """What the check of a rule yields; an empty effect, fix or severity is that of the rule."""

    node: str
    place: Tuple[str, int, int]
    """File, line and column."""
    message: str
    effect: str = ""
    fix: str = ""
    severity: Optional[Severity] = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """A rule of the linter. `check` gets all nodes of a cluster together, and yields what it finds."""

    id: str
    severity: Severity
    title: str
    """The problem, in a few words."""
    why: str
    """The effect."""
    fix: str
    evidence: str
    """The source: an issue, a section of a manual or of an RFC, or `measured`."""
    check: Callable[[Any], Iterable[Found]]
    needs: Tuple[str, ...] = ()
    """The names of the facts without which it cannot be checked."""

# SPDX-License-Identifier: GPL-3.0-or-later
"""What a linter says, whatever it reads: rules, and what they find."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable, Iterable, Mapping, Optional, Tuple


class Severity(Enum):
    """How bad it is."""

    ERROR = "E"
    """An outage or two holders, for certain or likely."""
    WARNING = "W"
    """It is worse than it could be, or will be."""
    INFO = "I"
    """A matter of order."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what the values are, what will come of it, and what to do."""

    rule: str
    severity: Severity
    node: str
    file: str
    line: int
    column: int
    message: str
    """One sentence with the values."""
    effect: str
    """What it will lead to, in seconds and VIPs where that can be said."""
    fix: str
    values: Mapping[str, str]
    """What each node says, where nodes differ."""


@dataclass(frozen=True)
class Found:
    """What a rule has found; what is left out here is as the rule says it."""

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
    """A rule: why it is one, and how to tell. `check` is given all nodes of a cluster together."""

    id: str
    severity: Severity
    title: str
    """What is wrong, in a few words."""
    why: str
    """What it leads to."""
    fix: str
    evidence: str
    """Where to read it: an issue, a section of a manual or of an RFC, or `measured`."""
    check: Callable[[Any], Iterable[Found]]
    needs: Tuple[str, ...] = ()
    """The facts without which it can't tell, by their names."""

# SPDX-License-Identifier: GPL-3.0-or-later
"""How many messages people get: one for every change, and a digest of instances that flap."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, Mapping, Optional, Tuple

from ..states import StateChange

WINDOW_SECONDS = 60.0
QUIET_SECONDS = 10.0


@dataclass(frozen=True)
class Flapping:
    """The changes of one instance that are held back: their number, and the last one."""

    count: int
    last: StateChange


@dataclass(frozen=True)
class Pacing:
    """When messages were sent, and the changes that are held back, by instance.

    `first` and `latest` are the times of the first and the last of them. All times are in seconds since the epoch.
    """

    sent: Tuple[float, ...] = ()
    held: Mapping[str, Flapping] = field(default_factory=dict)
    first: float = 0.0
    latest: float = 0.0


def admit(pacing: Pacing, change: StateChange, most: int) -> Tuple[Pacing, bool]:
    """Return whether a change is sent at once: at most `most` in a minute, and none while others are held back."""
    sent = tuple(each for each in pacing.sent if 0 <= change.time - each < WINDOW_SECONDS)
    if not pacing.held and len(sent) < most:
        return replace(pacing, sent=(*sent, change.time)), True
    count = pacing.held[change.instance].count if change.instance in pacing.held else 0
    held = {**pacing.held, change.instance: Flapping(count + 1, change)}
    return Pacing(sent, held, pacing.first if pacing.held else change.time, change.time), False


def due(pacing: Pacing, now: float) -> Tuple[Pacing, Optional[Mapping[str, Flapping]]]:
    """Return the changes that are held back, once none came for QUIET_SECONDS or WINDOW_SECONDS have passed; else None.

    If the clock was set back, they are due at once.
    """
    if not pacing.held:
        return pacing, None
    quiet, waited = now - pacing.latest, now - pacing.first
    if 0 <= quiet < QUIET_SECONDS and waited < WINDOW_SECONDS:
        return pacing, None
    return Pacing((*pacing.sent, now)), pacing.held


def as_data(pacing: Pacing) -> Dict[str, Any]:
    """Return the pacing as plain data."""
    held = {name: {"count": each.count, "last": vars(each.last)} for name, each in pacing.held.items()}
    return {"told": list(pacing.sent), "held": held, "first": pacing.first, "latest": pacing.latest}


def from_data(data: Mapping[str, Any]) -> Pacing:
    """Read what `as_data` wrote."""
    held = {name: Flapping(each["count"], StateChange(**each["last"])) for name, each in data["held"].items()}
    return Pacing(tuple(data["told"]), held, data["first"], data["latest"])

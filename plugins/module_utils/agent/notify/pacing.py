# SPDX-License-Identifier: GPL-3.0-or-later
"""How many messages people get: one for every change, and a digest of instances that flap."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ..states import StateChange

WINDOW_SECONDS = 60.0
QUIET_SECONDS = 10.0


class Flapping(NamedTuple):
    """The changes of one instance that are held back: their number, and the last one."""

    changes: int
    last: StateChange


class Pacing(NamedTuple):
    """When messages were sent, and the changes that are held back, by instance.

    `first` and `latest` are the times of the first and the last of them. All times are in seconds since the epoch.
    """

    sent: Tuple[float, ...] = ()
    held: Mapping[str, Flapping] = {}
    first: float = 0.0
    latest: float = 0.0


def room(pacing: Pacing, now: float, most: int) -> Tuple[Pacing, bool]:
    """Return whether a message may be sent now: at most `most` in a minute, and none while changes are held back."""
    sent = tuple(each for each in pacing.sent if 0 <= now - each < WINDOW_SECONDS)
    if pacing.held or len(sent) >= most:
        return pacing._replace(sent=sent), False
    return pacing._replace(sent=(*sent, now)), True


def admit(pacing: Pacing, change: StateChange, most: int) -> Tuple[Pacing, bool]:
    """Return whether a change is sent at once, where there is room; it is held back where not."""
    pacing, at_once = room(pacing, change.time, most)
    if at_once:
        return pacing, True
    count = pacing.held[change.instance].changes if change.instance in pacing.held else 0
    held = {**pacing.held, change.instance: Flapping(count + 1, change)}
    return Pacing(pacing.sent, held, pacing.first if pacing.held else change.time, change.time), False


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
    held = {name: {"count": each.changes, "last": each.last._asdict()} for name, each in pacing.held.items()}
    return {"told": list(pacing.sent), "held": held, "first": pacing.first, "latest": pacing.latest}


def from_data(data: Mapping[str, Any]) -> Pacing:
    """Read what `as_data` wrote."""
    held = {name: Flapping(each["count"], StateChange(**each["last"])) for name, each in data["held"].items()}
    return Pacing(tuple(data["told"]), held, data["first"], data["latest"])

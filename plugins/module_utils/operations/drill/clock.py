# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the clock of a host is from ours, so that what hosts write down can be drawn on one line of time."""

from __future__ import annotations

from typing import NamedTuple, Sequence

from ...basics.errors import HaLbError


class Look(NamedTuple):
    """What a host said of its time, and when it was asked and had answered by our own; in seconds since the epoch."""

    asked: float
    said: str
    answered: float


class Offset(NamedTuple):
    """What the host's clock is ahead, and by how much that may be wrong, in seconds."""

    offset_seconds: float
    uncertainty_seconds: float


def offset_of(looks: Sequence[Look]) -> Offset:
    """Return what the quickest answer says (RFC 5905, section 8).

    Raises: HaLbError, when it is not a time.
    """
    best = min(looks, key=lambda look: look.answered - look.asked)
    try:
        there = float(best.said)
    except ValueError:
        raise HaLbError(f"the host does not tell its time: it says {best.said.strip()!r} to date +%s.%N") from None
    half = (best.answered - best.asked) / 2
    return Offset(round(there - best.asked - half, 6), round(half, 6))

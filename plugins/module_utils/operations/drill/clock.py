# SPDX-License-Identifier: GPL-3.0-or-later
"""The offset of a host's clock from ours, so that the times of several hosts can be drawn on one time axis."""

from __future__ import annotations

import re
from typing import NamedTuple, Sequence

from ...basics.errors import HaLbError
from ...basics.visible import shortened

TIME = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")


class Look(NamedTuple):
    """One query of a host's clock: what it printed, and when it was asked and had answered by our clock.

    Times are in seconds since the epoch.
    """

    asked: float
    printed: str
    answered: float


class Offset(NamedTuple):
    """How far the host's clock is ahead of ours, and the error bound of that, in seconds."""

    offset_seconds: float
    uncertainty_seconds: float


def offset_of(looks: Sequence[Look]) -> Offset:
    """Return the offset by the answer with the shortest round trip (RFC 5905 §8).

    Raises HaLbError when that answer is not a time.
    """
    best = min(looks, key=lambda look: look.answered - look.asked)
    said = best.printed.strip()
    if not TIME.fullmatch(said):
        raise HaLbError(f"the host does not tell its time: it says {shortened(said, 60)!r} to date +%s.%N")
    there = float(said)
    half = (best.answered - best.asked) / 2
    return Offset(round(there - best.asked - half, 6), round(half, 6))

# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks that do not agree: which one is off, and by how much."""

from __future__ import annotations

from datetime import timedelta
from statistics import median_low
from typing import Mapping

# Of 50 hosts, some are asked half a minute after others
TOLERANCE_SECONDS = 60.0


def clocks_apart(clocks: Mapping[str, float]) -> list[str]:
    """Say which clocks are off; `clocks` are seconds since the epoch, by whose they are, and most are right."""
    if len(clocks) < 2:
        return []
    right = median_low(clocks.values())
    return [
        f"the clock of {whose} is {timedelta(seconds=round(abs(at - right)))} {'ahead of' if at > right else 'behind'} "
        f"{_others(whose, clocks)}: VRRP does not mind, but logs, certificates and apt do; set it right, with NTP"
        for whose, at in clocks.items()
        if abs(at - right) > TOLERANCE_SECONDS
    ]


def _others(whose: str, clocks: Mapping[str, float]) -> str:
    others = [each for each in clocks if each != whose]
    return f"that of {others[0]}" if len(others) == 1 else "the others"

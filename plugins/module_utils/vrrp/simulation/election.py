# SPDX-License-Identifier: GPL-3.0-or-later
"""The arithmetic of an election, as keepalived does it (RFC 9568 §6.1, RFC 3768 §6.1 for version 2)."""

from __future__ import annotations

from typing import Iterable, Optional

from ..model import Layout, Settings
from ..weights import FAULT_WEIGHT

OWNER = 255


def skew(version: int, priority: int, interval: float) -> float:
    """Seconds a backup of this priority waits after a goodbye, and on top of the missed adverts.

    Version 2 counts in fractions of one second whatever the interval is; version 3 in fractions of the interval.
    """
    return (256 - priority) / 256 * (1.0 if version == 2 else interval)


def active_down_interval(version: int, priority: int, interval: float, adverts: int) -> float:
    """Seconds after the last advert at which a backup of this priority becomes active: it has missed so many."""
    return adverts * interval + skew(version, priority, interval)


def effective_priority(base: int, contributions: Iterable[int] = ()) -> int:
    """The priority a node advertises: its base and what its trackers add, kept within 1 to 254 (keepalived's rule)."""
    return OWNER if base == OWNER else max(1, min(254, base + sum(contributions)))


def weigh(base: int, contributions: Iterable[int]) -> Optional[int]:
    """Return the effective priority, or None for FAULT (keepalived's rule for tracked files)."""
    given = tuple(contributions)
    if base != OWNER and any(each <= FAULT_WEIGHT for each in given):
        return None
    return effective_priority(base, given)


def takeover_time(layout: Layout, settings: Settings) -> float:
    """Seconds in which the slowest backup of any instance takes over from a node that falls silent."""
    priorities = [priority for instance in layout.instances for priority in instance.priorities.values()]
    return active_down_interval(
        settings.version, min(priorities), settings.advert_interval, settings.down_timer_adverts
    )

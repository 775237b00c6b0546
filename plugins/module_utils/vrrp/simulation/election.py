# SPDX-License-Identifier: GPL-3.0-or-later
"""Timers and priorities of an election, as keepalived computes them (RFC 9568 §6.1; for version 2, RFC 3768 §6.1)."""

from __future__ import annotations

from typing import Iterable, Optional

from ..model import Layout, Settings
from ..weights import FAULT_WEIGHT

OWNER = 255  # the priority of the owner of the address


def skew(version: int, priority: int, interval: float) -> float:
    """Return the skew time in seconds: how long a backup waits after a goodbye, or after the missed adverts.

    It is a fraction of one second in version 2, and of the interval in version 3.
    """
    return (256 - priority) / 256 * (1.0 if version == 2 else interval)


def active_down_interval(version: int, priority: int, interval: float, adverts: int) -> float:
    """Return the Active_Down_Interval in seconds: a backup that has missed `adverts` adverts becomes active."""
    return adverts * interval + skew(version, priority, interval)


def effective_priority(base: int, contributions: Iterable[int] = ()) -> int:
    """Return the priority that a node advertises: base and contributions of trackers, limited to 1 to 254."""
    return OWNER if base == OWNER else max(1, min(254, base + sum(contributions)))


def weigh(base: int, contributions: Iterable[int]) -> Optional[int]:
    """Return the effective priority, or None for FAULT, as keepalived computes them from tracked files."""
    weights = tuple(contributions)
    if base != OWNER and any(weight <= FAULT_WEIGHT for weight in weights):
        return None
    return effective_priority(base, weights)


def takeover_time(layout: Layout, settings: Settings) -> float:
    """Return the seconds in which the slowest backup of any instance takes over from a node that stops sending."""
    priorities = [priority for instance in layout.instances for priority in instance.priorities.values()]
    return active_down_interval(
        settings.version, min(priorities), settings.advert_interval, settings.down_timer_adverts
    )

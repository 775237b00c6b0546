# SPDX-License-Identifier: GPL-3.0-or-later
"""Election arithmetic: how long it takes, and who wins (RFC 9568 §6.1 and §6.4; RFC 3768 §6.1 for version 2)."""

from __future__ import annotations

import ipaddress
from typing import Iterable, Mapping

from .model import Layout, Settings

OWNER = 255


def skew_time(priority: int, settings: Settings) -> float:
    """Seconds a backup of this priority waits after a goodbye, and on top of the missed adverts.

    Version 2 counts in fractions of one second whatever the interval is; version 3 in fractions of the interval.
    """
    unit = 1.0 if settings.version == 2 else settings.advert_interval
    return (256 - priority) / 256 * unit


def active_down_interval(priority: int, settings: Settings) -> float:
    """Seconds after the last advert at which a backup of this priority becomes active."""
    return settings.down_timer_adverts * settings.advert_interval + skew_time(priority, settings)


def effective_priority(base: int, contributions: Iterable[int] = ()) -> int:
    """The priority a node advertises: its base and what its trackers add, kept within 1 to 254 (keepalived's rule)."""
    return OWNER if base == OWNER else max(1, min(254, base + sum(contributions)))


def winner(priorities: Mapping[str, int], addresses: Mapping[str, str]) -> str:
    """The node that wins an election among these; equal priorities go to the higher address (RFC 9568 §6.4.3).

    Raises ValueError when there is no candidate.
    """
    return max(priorities, key=lambda node: (priorities[node], int(ipaddress.ip_address(addresses[node]))))


def takeover_time(layout: Layout, settings: Settings) -> float:
    """Seconds in which the slowest backup of any instance takes over from a node that falls silent."""
    priorities = [priority for instance in layout.instances for priority in instance.priorities.values()]
    return active_down_interval(min(priorities), settings)

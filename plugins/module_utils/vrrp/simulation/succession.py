# SPDX-License-Identifier: GPL-3.0-or-later
"""Which router is finally active, computed without a simulation; all routers of an instance hear each other.

It takes microseconds, and a test compares it with the simulator. All routers have the same preempt_delay: different
ones would decide between equal priorities.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence


class Standing(NamedTuple):
    """One router: its effective priority, or None when it is down or in FAULT."""

    priority: Optional[int]
    preempts: bool
    rank: int
    """The rank of its address: the highest wins at equal priority (RFC 9568 §6.4.3)."""


def successor(routers: Sequence[Standing], active: Optional[int] = None) -> Optional[int]:
    """Return the index of the router that is finally active, or None; `active` is the index of the one until now."""
    sitting = routers[active].priority if active is not None else None
    able = [index for index, router in enumerate(routers) if router.priority is not None]
    if sitting is not None:
        able = [index for index in able if routers[index].preempts and (routers[index].priority or 0) > sitting]
    first = max(able, key=lambda index: (routers[index].priority or 0, routers[index].rank), default=None)
    return active if sitting is not None and first is None else first

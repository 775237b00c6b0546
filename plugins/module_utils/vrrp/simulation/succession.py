# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is active in the end, by arithmetic, where all routers of an instance hear each other.

It says what the simulator says, which tests hold it to, and takes microseconds. A preempt_delay only matters to it
between equal priorities, where the shorter one would win; it is taken to be the same for all.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence


class Standing(NamedTuple):
    """One router: its effective priority, or None when it is down or in FAULT."""

    priority: Optional[int]
    preempts: bool
    rank: int
    """Of its address among those of all: the highest wins between equal priorities (RFC 9568 §6.4.3)."""


def successor(routers: Sequence[Standing], active: Optional[int] = None) -> Optional[int]:
    """Return the index of the router that is active in the end, if the one of this index has been until now."""
    sitting = routers[active].priority if active is not None else None
    able = [index for index, each in enumerate(routers) if each.priority is not None]
    if sitting is not None:
        able = [index for index in able if routers[index].preempts and (routers[index].priority or 0) > sitting]
    first = max(able, key=lambda index: (routers[index].priority or 0, routers[index].rank), default=None)
    return active if sitting is not None and first is None else first

# SPDX-License-Identifier: GPL-3.0-or-later
"""How exposed each unit may be at most, as `systemd-analyze security` rates it from 0 to 10, and why some are above.

The unit tests hold what the roles print to it, the tests of the lab what runs on the nodes.
"""

from __future__ import annotations

MOST = 2.5
# Above it, because of what the program does; what each may do is in the README of its role
ABOVE = {
    # Addresses, raw sockets and priorities need root's capabilities; and its check script runs as another user
    "keepalived": 2.9,
    # A master as root reads keys and binds ports for workers of another user, in a chroot; anybody may be its client
    "haproxy": 3.0,
    # As haproxy; and logs and caches are where its owner says
    "nginx": 2.9,
}
# On hosts that are no balancers
ELSEWHERE = ("ha_lb-real-server",)
AGENTS = ("ha_lb-guard", "ha_lb-ear", "ha_lb-notify", "ha_lb-status", "ha_lb-watch")
# Of capability.h, what an agent has of root's rights; the others have nothing
LENT = {"ha_lb-guard": 1 << 12 | 1 << 0, "ha_lb-ear": 1 << 13}  # CAP_NET_ADMIN and CAP_CHOWN; CAP_NET_RAW


def bound_of(unit: str) -> float:
    """Return how exposed a unit may be."""
    return ABOVE.get(unit, MOST)


def command(unit: str, *options: str) -> list[str]:
    """Return the command that fails where a unit is more exposed than it may be; its last line has the rating."""
    threshold = f"--threshold={bound_of(unit) * 10:.0f}"
    return ["systemd-analyze", "security", "--no-pager", threshold, *options, f"{unit}.service"]

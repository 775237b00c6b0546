# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node that must not be active adds to its priority, by way of keepalived's tracked files."""

from __future__ import annotations

# From the highest priority, 254, to the lowest, 1: below every healthy peer
DRAIN_WEIGHT = -253
# Half the range: who is cut off from its uplinks is below every healthy peer, if all of those have at least
# LEAST_WITH_UPLINKS; it is above every drained one, and keeps its place among those that are cut off as well
UPLINK_WEIGHT = -126
LEAST_WITH_UPLINKS = 254 + UPLINK_WEIGHT + 1
# keepalived's rule for a tracked file: its value times its weight, and this much is FAULT (keepalived.conf(5))
FAULT_WEIGHT = -254

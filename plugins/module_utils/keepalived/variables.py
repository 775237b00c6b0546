# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role keepalived that are no setting of VRRP: the range and the shape of each."""

from __future__ import annotations

from ..basics import schema
from ..basics.variables import LONGEST_WAIT, Readers, port

VARIABLES: Readers = {
    "keepalived_garp_delay_seconds": schema.integer(0, 60),
    "keepalived_garp_repeat": schema.integer(1, 60),
    "keepalived_garp_refresh_seconds": schema.integer(0, LONGEST_WAIT),
    "keepalived_check_port": port,
    "keepalived_check_fall": schema.integer(1, 60),
    "keepalived_check_rise": schema.integer(1, 60),
    "keepalived_realtime_priority": schema.integer(0, 99),  # sched(7)
    "keepalived_firewall_enabled": schema.boolean,
    "keepalived_drop_strangers": schema.boolean,
}

# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a node give up its VIPs, whether its peers preempt or not."""

from __future__ import annotations

from typing import Any

from ..basics import schema
from ..basics.errors import Finding, Refused
from .weights import DRAIN_WEIGHT, FAULT_WEIGHT


def leave_weight(preempt: Any) -> int:
    """Return what makes a node give up its VIPs; where peers do not preempt, a lower priority does not.

    Raises Refused for what is neither true nor false.
    """
    findings: list[Finding] = []
    preempts = schema.boolean(preempt, "keepalived_preempt", schema.collector(findings))
    if findings:
        raise Refused(findings)
    return DRAIN_WEIGHT if preempts else FAULT_WEIGHT

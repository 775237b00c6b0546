# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a run of site is about to change anything, by what every node has and runs."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ...cluster.record import Record, of_every_node
from ...keepalived.live.standing import drained_by
from ..status import misplaced


def differing_nodes(vips: Any, record: Record, other_engines: Sequence[str]) -> list[str]:
    """Return the nodes on which site has something to do; all that were asked where a VIP has not one holder.

    `compared` of a node's record is what M(service_state) returned for every role. A node that runs one of the
    `other_engines`, or was left drained by a run that is dead, has something to do as well.
    Raises Refused for wrong VIPs.
    """
    asked = [node for node, known in record.items() if known.get("compared")]
    if misplaced(vips, of_every_node(record, "before")):
        return asked
    return [node for node in asked if _differs(record[node], other_engines)]


def _differs(known: Mapping[str, Any], other_engines: Sequence[str]) -> bool:
    before = known.get("before") or {}
    if "running" not in before or drained_by(before) or {*other_engines}.intersection(before.get("units") or ()):
        return True
    return any(role.get("differs", True) for role in known["compared"])


def to_activate(roles: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether something that is staged is not in force yet, by what M(service_state) returned for these roles.

    In check mode nothing is staged, so the files differ still.
    """
    return any(role.get("files") or any(role.get("unit", {"failed": True}).values()) for role in roles)

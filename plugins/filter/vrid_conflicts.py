# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: vrid_conflicts
short_description: What is wrong on the wire, of what all nodes heard
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: >-
  Judges together what M(evenkeel.ha_lb.vrid_conflict) returned on each node. What several nodes heard alike is said
  once, and two nodes that are both active show even when neither hears the other.
positional: answers, instances, taken_vrids, macs
options:
  _input: {description: C(heard) by the name of the node., type: dict, required: true}
  answers: {description: C(answers) by the name of the node., type: dict, required: true}
  instances:
    description: Our instances, as M(evenkeel.ha_lb.vrid_conflict) takes them.
    type: list
    elements: dict
    required: true
  taken_vrids: {description: VRIDs that are not free although nobody was heard., type: list, elements: int, default: []}
  macs: {description: C(macs) of all nodes., type: list, elements: str, default: []}
"""
EXAMPLES = r"""
wrong: "{{ {'lb1': wire.heard} | evenkeel.ha_lb.vrid_conflicts({'lb1': wire.answers}, instances) }}"
"""
RETURN = r"""
_value:
  description: C(conflicts) and C(free_vrids), as M(evenkeel.ha_lb.vrid_conflict) returns them.
  type: dict
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..plugin_utils.filter_io import as_filters


def vrid_conflicts(
    heard: Mapping[str, Sequence[Mapping[str, Any]]],
    answers: Mapping[str, Sequence[Mapping[str, Any]]],
    instances: Any,
    taken_vrids: Iterable[int] = (),
    macs: Iterable[str] = (),
) -> dict[str, Any]:
    from ..module_utils.wire.conflicts import conflicts

    return conflicts(heard, answers, instances, taken_vrids, macs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(vrid_conflicts)

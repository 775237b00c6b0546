# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: vrrp_layout
short_description: Lay out virtual addresses over nodes
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: >-
  The same as the module M(evenkeel.ha_lb.vrrp_layout), without a task. The options have the same names; the proof is
  only made when it is asked for.
positional: vips
options:
  _input: {description: The nodes., type: list, elements: dict, required: true}
  vips: {description: The virtual addresses., type: list, elements: dict, required: true}
  vrrp_version: {description: Version of the protocol., type: int, default: 3}
  transport: {description: How adverts travel., type: str, default: unicast}
  advert_interval_seconds: {description: Time between adverts; 0.1 by default and 1 for version 2., type: float}
  down_timer_adverts: {description: Adverts that may be missed., type: int, default: 3}
  preempt: {description: Whether a node that returns takes its VIPs back., type: bool, default: true}
  preempt_delay_seconds: {description: How long it waits before., type: float, default: 5}
  taken_vrids: {description: VRIDs of others on the segment., type: list, elements: int, default: []}
  in_use: {description: Instances as they run now., type: list, elements: dict, default: []}
  uplinks: {description: Addresses that a node must reach., type: list, elements: raw, default: []}
  proof: {description: Whether to prove the layout., type: bool, default: false}
  sync_groups: {description: Groups of VIPs that never part., type: list, elements: dict, default: []}
  node: {description: The node whose own view is wanted., type: str}
  interfaces: {description: The interfaces of that node., type: list, elements: dict, default: []}
"""
EXAMPLES = r"""
layout: "{{ keepalived_nodes | evenkeel.ha_lb.vrrp_layout(keepalived_vips) }}"
"""
RETURN = r"""
_value:
  description: C(layout), C(takeover_seconds), C(dns), C(proof) if asked for and, for a node, C(instances).
  type: dict
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def vrrp_layout(nodes: Any, vips: Any, **options: Any) -> dict[str, Any]:
    from ..module_utils.cluster.layout_result import layout_result

    return layout_result(nodes, vips, **options)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(vrrp_layout)

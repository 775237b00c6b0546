# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drain_outlook
short_description: What draining a node, or bringing it back, means for the cluster
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Puts together what M(evenkeel.ha_lb.vrrp_info) said on each node.
options:
  _input: {description: Name of the node., type: str, required: true}
  vips: {description: "The VIPs, as C(ha_lb_vips).", type: list, elements: dict, required: true}
  asked:
    description: The results of M(evenkeel.ha_lb.vrrp_info) in a loop over all nodes.
    type: list
    elements: dict
    required: true
  preempt: {description: Whether nodes take back what they are first choice for., type: bool, default: true}
  key: {description: The loop's variable., type: str, default: __ha_lb_peer}
"""
EXAMPLES = r"""
outlook: "{{ 'lb1' | evenkeel.ha_lb.drain_outlook(ha_lb_vips, asked.results) }}"
"""
RETURN = r"""
_value:
  description: >-
    C(drained) (by people), C(silent) (why the node cannot be asked), C(refused) (why it must not be drained now),
    C(misplaced) (VIPs without exactly one holder) and C(takes) (addresses that it will hold when it is back).
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(drain_outlook="module_utils.operations.drain.drain_outlook")

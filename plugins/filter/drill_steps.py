# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drill_steps
short_description: What each drill may cost, and how long it lasts
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: By the proof of the layout, as C(preflight) makes it.
options:
  _input:
    description: >-
      The drills, as the filter P(evenkeel.ha_lb.drill_wanted#filter) gives them.
    type: list
    elements: dict
    required: true
  nodes:
    description: >-
      The nodes, as the filter P(evenkeel.ha_lb.cluster_nodes#filter) gives them.
    type: list
    elements: dict
    required: true
  variables:
    description: >-
      The variables of the cluster, as the filter P(evenkeel.ha_lb.cluster_variables#filter) gives them.
    type: dict
    required: true
  hosts: {description: "All hosts of the inventory, as the nodes.", type: list, elements: dict, required: true}
  margin:
    description: Seconds by which a measured outage may be above the predicted one.
    type: float
    required: true
"""
EXAMPLES = r"""
steps: "{{ drills | evenkeel.ha_lb.drill_steps(ha_lb_nodes, {'ha_lb_vips': ha_lb_vips}, hosts=[], margin=0.5) }}"
"""
RETURN = r"""
_value:
  description: A step for each drill, for P(evenkeel.ha_lb.drill_outcome#filter).
  type: list
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(drill_steps="module_utils.operations.drill.steps.drill_steps")

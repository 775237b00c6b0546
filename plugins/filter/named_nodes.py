# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: named_nodes
short_description: Which nodes a playbook is asked to work on
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Reads C(ha_lb_node), a name, a list of names, or names with commas between them.
options:
  _input: {description: What was said., type: raw, required: true}
  group: {description: Names of the nodes of the cluster., type: list, elements: str, required: true}
"""
EXAMPLES = r"""
names: "{{ (ha_lb_node | default('') | evenkeel.ha_lb.named_nodes(groups['loadbalancers'])).names }}"
"""
RETURN = r"""
_value:
  description: C(names), and C(refused), a sentence that is empty when all of them are nodes.
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(named_nodes="module_utils.cluster.check.named_nodes")

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drill_health
short_description: Why no drill may begin
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Judges what M(evenkeel.ha_lb.vrrp_info) and M(evenkeel.ha_lb.vip_probe) registered on each node.
options:
  _input: {description: "The VIPs, as C(ha_lb_vips).", type: list, elements: dict, required: true}
  nodes: {description: "Names of the nodes.", type: list, elements: str, required: true}
  hostvars: {description: "Ansible's C(hostvars).", type: dict, required: true}
"""
EXAMPLES = r"""
findings: "{{ ha_lb_vips | evenkeel.ha_lb.drill_health(groups['loadbalancers'], hostvars) }}"
"""
RETURN = r"""
_value:
  description: Sentences; none when every node is fit and every VIP has exactly one holder and answers.
  type: list
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(drill_health="module_utils.operations.drill.plan.drill_health")

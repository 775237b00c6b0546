# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: split_brain
short_description: Explain why more than one node holds a VIP
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Puts together what M(evenkeel.ha_lb.vrrp_info) returned on each node before and after
    M(evenkeel.ha_lb.vrid_conflict) listened there, what that heard, and the nodes' configurations and firewalls.
options:
  _input: {description: "The VIPs, as C(ha_lb_vips).", type: list, elements: dict, required: true}
  nodes: {description: "The nodes, as C(ha_lb_nodes).", type: list, elements: dict, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
"""
EXAMPLES = r"""
split: "{{ ha_lb_vips | evenkeel.ha_lb.split_brain(ha_lb_nodes, hostvars) }}"
"""
RETURN = r"""
_value:
  description:
    - C(vips), each address that is held twice, with C(vip), C(address), C(nodes), C(answers) (C(mac), C(node)) and
      C(message).
    - C(causes), the likeliest first, with C(kind), C(message) and C(cure).
    - C(says), all of this in sentences. All three are empty when no VIP has two holders.
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(split_brain="module_utils.operations.split_brain.result.split_brain")

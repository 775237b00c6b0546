# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: vrids_in_use
short_description: The VRIDs with which VIPs run already
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: >-
  Reads what M(evenkeel.ha_lb.vrrp_info) registered on each node as C(__ha_lb_before). A VIP keeps its VRID whatever
  becomes of the list that it stands in.
positional: nodes, hostvars
options:
  _input: {description: The virtual addresses., type: list, elements: dict, required: true}
  nodes: {description: Names of the nodes., type: list, elements: str, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
"""
EXAMPLES = r"""
in_use: "{{ ha_lb_vips | evenkeel.ha_lb.vrids_in_use(ansible_play_hosts, hostvars) }}"
"""
RETURN = r"""
_value:
  description: A list of C({vip, vrid}).
  type: list
  elements: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(vrids_in_use="module_utils.operations.status.vrids_in_use")

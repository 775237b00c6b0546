# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: stands_alone
short_description: Why no other node could take over from one that is about to be changed
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Judges what M(evenkeel.ha_lb.vrrp_info) said on each node before a rolling change, and what is changed.
options:
  _input: {description: Name of the node., type: str, required: true}
  nodes: {description: Names of all nodes., type: list, elements: str, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
"""
EXAMPLES = r"""
why: "{{ 'lb1' | evenkeel.ha_lb.stands_alone(['lb1', 'lb2'], hostvars) }}"
"""
RETURN = r"""
_value:
  description: A sentence; empty when another node could take over, or when this one serves nobody.
  type: str
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(stands_alone="module_utils.operations.site.order.stands_alone")

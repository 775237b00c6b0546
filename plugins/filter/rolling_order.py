# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: rolling_order
short_description: The order of a rolling change
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Sorts nodes so that those that are unfit come first, then those that hold fewest VIPs, and new nodes last.
options:
  _input: {description: Names of the nodes., type: list, elements: str, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
  leaving: {description: Whether the nodes are to be removed., type: bool, default: false}
"""
EXAMPLES = r"""
order: "{{ ansible_play_hosts | evenkeel.ha_lb.rolling_order(hostvars) }}"
"""
RETURN = r"""
_value:
  description: The names, in order.
  type: list
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(rolling_order="module_utils.operations.site.order.rolling_order")

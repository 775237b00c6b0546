# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: moved_addresses
short_description: Which addresses would move from one VRRP instance to another
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: >-
  Compares the configurations that are there with the VIPs that are wanted. keepalived needs two steps for such a move.
options:
  _input:
    description: The C(config) that M(evenkeel.ha_lb.keepalived_config) returned of each node.
    type: list
    elements: dict
    required: true
  vips: {description: The VIPs as in C(ha_lb_vips)., type: list, elements: dict, required: true}
"""
EXAMPLES = r"""
moved: "{{ configs | evenkeel.ha_lb.moved_addresses(ha_lb_vips) }}"
"""
RETURN = r"""
_value:
  description: A sentence for each.
  type: list
  elements: str
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(moved_addresses="module_utils.keepalived.config.former.moved_addresses")

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: former_peers
short_description: Whom the nodes speak to that are nodes no more
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Compares the unicast peers of the configurations that are there with the nodes of the inventory.
options:
  _input:
    description: The C(config) that M(evenkeel.ha_lb.keepalived_config) returned of each node.
    type: list
    elements: dict
    required: true
  nodes:
    description: The nodes, as the filter P(evenkeel.ha_lb.cluster_nodes#filter) gives them.
    type: list
    elements: dict
    required: true
  interfaces:
    description: The interfaces of each node, as the filter P(evenkeel.ha_lb.interfaces#filter) gives them.
    type: dict
    required: true
"""
EXAMPLES = r"""
gone: "{{ configs | evenkeel.ha_lb.former_peers(ha_lb_nodes, interfaces) }}"
"""
RETURN = r"""
_value:
  description: Their addresses.
  type: list
  elements: str
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(former_peers="module_utils.keepalived.config.former.former_peers")

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_nodes
short_description: The nodes of a cluster, from an inventory group
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Reads the members of a group and their addresses from the inventory, as data for C(keepalived_nodes).
options:
  _input: {description: Names of the hosts in the group., type: list, elements: str, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
"""
EXAMPLES = r"""
keepalived_nodes: "{{ groups['loadbalancers'] | evenkeel.ha_lb.cluster_nodes(hostvars) }}"
"""
RETURN = r"""
_value:
  description: A list of C({name, address, ansible_host}).
  type: list
  elements: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(cluster_nodes="module_utils.cluster.check.nodes_of")

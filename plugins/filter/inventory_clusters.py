# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: inventory_clusters
short_description: All clusters of an inventory
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Finds the hosts that have C(ha_lb_vips), and puts those that have the same ones together.
positional: hostvars, ours
options:
  _input: {description: Ansible's C(groups)., type: dict, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
  ours: {description: The group that comes first., type: str, required: true}
"""
EXAMPLES = r"""
clusters: "{{ groups | evenkeel.ha_lb.inventory_clusters(hostvars, 'loadbalancers') }}"
"""
RETURN = r"""
_value:
  description: A list of C({name, nodes, variables}); a secret is replaced by asterisks.
  type: list
  elements: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(inventory_clusters="module_utils.cluster.inventory.clusters_of")

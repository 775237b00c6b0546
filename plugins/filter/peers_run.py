# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: peers_run
short_description: Which instances the peers of a node run during a rolling change
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Goes by what M(evenkeel.ha_lb.vrrp_info) said on each node before a rolling change, and what is changed.
options:
  _input: {description: Name of the node., type: str, required: true}
  nodes: {description: Names of all nodes., type: list, elements: str, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
"""
EXAMPLES = r"""
instances: "{{ 'lb1' | evenkeel.ha_lb.peers_run(['lb1', 'lb2'], hostvars) }}"
"""
RETURN = r"""
_value:
  description: Their names; none, once a peer is changed and runs all that is wanted.
  type: list
  elements: str
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(peers_run="module_utils.operations.site.order.peers_run")

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: site_summary
short_description: What became of each node in a rolling change
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Puts together what the playbook C(site) noted on each node while it changed them one after another.
options:
  _input: {description: Names of the nodes., type: list, elements: str, required: true}
  rolling: {description: The nodes in the order of the change., type: list, elements: str, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
  check: {description: Whether nothing was changed because it was a dry run., type: bool, default: false}
"""
EXAMPLES = r"""
summary: "{{ groups['loadbalancers'] | evenkeel.ha_lb.site_summary(groups['ha_lb_rolling'], hostvars) }}"
"""
RETURN = r"""
_value:
  description: C(says) (a table, and reasons), C(nodes) (the same as data) and C(failed).
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(site_summary="module_utils.operations.site.summary.site_summary")

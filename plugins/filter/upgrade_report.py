# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: upgrade_report
short_description: How an upgrade went
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Puts together what the playbook C(upgrade) registered on each node.
options:
  _input: {description: Names of the nodes., type: list, elements: str, required: true}
  upgrading: {description: Names of those that were to be changed., type: list, elements: str, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
"""
EXAMPLES = r"""
report: "{{ ['lb1', 'lb2'] | evenkeel.ha_lb.upgrade_report(hostvars, ['lb1']) }}"
"""
RETURN = r"""
_value:
  description: C(rows), C(table) and C(findings).
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(upgrade_report="module_utils.operations.upgrade.upgrade_report")

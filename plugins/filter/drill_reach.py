# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drill_reach
short_description: Why a client cannot measure
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Compares what M(evenkeel.ha_lb.vip_probe) answered on the client and on the nodes.
options:
  _input: {description: The answers on the client., type: list, elements: dict, required: true}
  nodes: {description: The answers on the nodes., type: list, elements: dict, required: true}
"""
EXAMPLES = r"""
findings: "{{ answers | evenkeel.ha_lb.drill_reach(hostvars.lb1.answers) }}"
"""
RETURN = r"""
_value:
  description: Sentences; none when the same services answer the same.
  type: list
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(drill_reach="module_utils.operations.drill.plan.drill_reach")

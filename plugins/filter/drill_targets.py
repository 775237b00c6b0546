# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drill_targets
short_description: Which services a drill measures
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: One for each address, over HTTP where there is one.
options:
  _input:
    description: >-
      Services, as the filter P(evenkeel.ha_lb.service_layout#filter) gives them.
    type: list
    elements: dict
    required: true
"""
EXAMPLES = r"""
targets: "{{ (ha_lb_services | evenkeel.ha_lb.service_layout(ha_lb_vips)).services | evenkeel.ha_lb.drill_targets }}"
"""
RETURN = r"""
_value:
  description: Services, each with the address that is measured.
  type: list
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(drill_targets="module_utils.operations.drill.plan.drill_targets")

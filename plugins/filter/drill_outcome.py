# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drill_outcome
short_description: What a drill has shown
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Puts what client and nodes have seen on one line of time, and holds it against what was predicted.
options:
  _input:
    description: >-
      A step, as the filter P(evenkeel.ha_lb.drill_steps#filter) gives it.
    type: dict
    required: true
  seen:
    description: >-
      C(node), C(nodes), C(vips), C(client), C(clocks), C(watched), C(measured), C(fault), C(lacks) and
      C(after).
    type: dict
    required: true
"""
EXAMPLES = r"""
outcome: "{{ step | evenkeel.ha_lb.drill_outcome(seen) }}"
"""
RETURN = r"""
_value:
  description: C(status), C(reasons), and all that the report shows.
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(drill_outcome="module_utils.operations.drill.outcome.drill_outcome")

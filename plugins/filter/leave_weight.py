# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: leave_weight
short_description: What a node adds to its priority to leave
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Below every healthy peer; FAULT where peers do not preempt, whom a lower priority does not move.
options:
  _input: {description: Whether peers preempt., type: bool, required: true}
"""
EXAMPLES = r"""
value: "{{ true | evenkeel.ha_lb.leave_weight }}"
"""
RETURN = r"""
_value:
  description: What M(evenkeel.ha_lb.vrrp_drain) takes as its C(value).
  type: int
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(leave_weight="module_utils.vrrp.weights.leave_weight")

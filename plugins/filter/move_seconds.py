# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: move_seconds
short_description: How long VIPs may take to move
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Reads the variables C(keepalived_*), whose defaults are those of the role.
options:
  _input: {description: "The variables of the node, by name.", type: dict, required: true}
"""
EXAMPLES = r"""
seconds: "{{ {'keepalived_vrrp_version': 2} | evenkeel.ha_lb.move_seconds }}"
"""
RETURN = r"""
_value:
  description: Seconds.
  type: float
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(move_seconds="module_utils.operations.drain.move_seconds")

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: listen_seconds
short_description: How long to listen before a node that sends no adverts is silent
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Reads the variables C(keepalived_*), whose defaults are those of the role.
options:
  _input: {description: "The variables of the node, by name.", type: dict, required: true}
"""
EXAMPLES = r"""
seconds: "{{ {'keepalived_vrrp_version': 2} | evenkeel.ha_lb.listen_seconds }}"
"""
RETURN = r"""
_value:
  description: Seconds.
  type: float
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(listen_seconds="module_utils.operations.split_brain.evidence.listen_seconds")

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: notify_config
short_description: What the notifier and the status page of a node read
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Reads the variables C(notify_*), and returns the configurations of the two, with all that was left out.
options:
  _input: {description: The variables of the role C(notify), by their names., type: dict, required: true}
  node: {description: Name of the node., type: str, required: true}
"""
EXAMPLES = r"""
config: "{{ {'notify_commands': notify_commands} | evenkeel.ha_lb.notify_config(inventory_hostname) }}"
"""
RETURN = r"""
_value:
  description: C(notifier) and C(page).
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(notify_config="module_utils.agent.notify.read.notify_config")

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: interfaces
short_description: The network interfaces of a host, from its facts
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Reduces C(ansible_facts) to what the layout needs.
options:
  _input: {description: The facts of a host., type: dict, required: true}
"""
EXAMPLES = r"""
interfaces: "{{ ansible_facts | evenkeel.ha_lb.interfaces }}"
"""
RETURN = r"""
_value:
  description: A list of C({name, addresses, own}).
  type: list
  elements: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(interfaces="module_utils.vrrp.host.interfaces_from_facts")

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_variables
short_description: The variables of a host that belong to this collection
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: >-
  Picks the variables that begin with C(ha_lb_), C(keepalived_) or the name of the engine that is chosen. A secret is
  replaced by as many asterisks as it has characters.
options:
  _input: {description: The variables of one host., type: dict, required: true}
"""
EXAMPLES = r"""
variables: "{{ hostvars[inventory_hostname] | evenkeel.ha_lb.cluster_variables }}"
"""
RETURN = r"""
_value:
  description: The variables, by name.
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(cluster_variables="module_utils.cluster.check.variables_of")

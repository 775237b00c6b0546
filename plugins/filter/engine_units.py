# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: engine_units
short_description: Every engine as it is on a host, the chosen one first
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Which engines there are, and of every one its unit, its packages and how its configuration is tested.
  - For the roles and playbooks of this collection, which name no engine themselves; it may change with any version.
options:
  _input:
    description: Name of the engine that is chosen; where it is empty, or no engine has it, the default comes first.
    type: str
    required: true
"""
EXAMPLES = r"""
packages: "{{ ('nginx' | evenkeel.ha_lb.engine_units | first).packages.Debian }}"
"""
RETURN = r"""
_value:
  description: A list of C({name, unit, path, test, trial, packages, versioned, from_source}).
  type: list
  elements: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(engine_units="module_utils.engines.catalogue.engine_units")

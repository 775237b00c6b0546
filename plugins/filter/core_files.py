# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: core_files
short_description: The part of the core that programs on a node need
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Follows the imports of the modules that are named. The packages that they are in belong to it.
options:
  _input: {description: "Modules, as C(agent.look).", type: list, elements: str, required: true}
  target: {description: Directory that becomes the package of them., type: path, required: true}
"""
EXAMPLES = r"""
files: "{{ ['agent.look'] | evenkeel.ha_lb.core_files('/usr/local/lib/ha_lb') }}"
"""
RETURN = r"""
_value:
  description: Directories and files, as M(evenkeel.ha_lb.managed_files) takes them.
  type: list
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(core_files="module_utils.host.bundle.core_files")

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drill_wanted
short_description: Which drills are run, and whether they may be
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Refuses what nobody has agreed to.
options:
  _input: {description: "Names of drills; none: all.", type: raw, required: true}
  group: {description: "What the cluster is called.", type: str, required: true}
  nodes: {description: "Names of its nodes.", type: list, elements: str, required: true}
  consent: {description: "What must be its name.", type: raw, required: true}
  client: {description: "The host that measures.", type: str, required: true}
  hosts: {description: "The hosts of the inventory.", type: list, elements: str, required: true}
  proxy: {description: "The proxy's unit.", type: str, required: true}
  words: {description: "The variables that some drills want besides.", type: dict, required: true}
  margin:
    description: Seconds by which a measured outage may be above the predicted one.
    type: float
    required: true
  page: {description: "Where a page is wanted; nothing, if none is.", type: str, required: true}
"""
EXAMPLES = r"""
drills: "{{ [] | evenkeel.ha_lb.drill_wanted(group='edge', nodes=['lb1', 'lb2'], consent='edge', client='localhost',
             hosts=['lb1', 'lb2'], proxy='haproxy', words={}, margin=0.5, page='') }}"
"""
RETURN = r"""
_value:
  description: C(drills), name and title of each, and C(refused), sentences.
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(drill_wanted="plugin_utils.drill_chart.wanted")

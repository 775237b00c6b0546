# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: drill_report
short_description: The report of a run of drills
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: For a terminal, as data, as JUnit XML, and for a page, which is drawn with matplotlib.
options:
  _input:
    description: What the filter P(evenkeel.ha_lb.drill_outcome#filter) returned of each drill.
    type: list
    elements: dict
    required: true
  about: {description: "C(cluster), C(nodes), C(vips), C(client) and C(began).", type: dict, required: true}
  page: {description: Whether to draw., type: bool, default: false}
"""
EXAMPLES = r"""
report: "{{ outcomes | evenkeel.ha_lb.drill_report(about, page=true) }}"
"""
RETURN = r"""
_value:
  description: C(says), lines for a terminal; C(failures), sentences; C(data); C(junit); and C(page) for its template.
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(drill_report="plugin_utils.drill_chart.report")

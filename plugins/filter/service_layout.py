# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: service_layout
short_description: Read services and pools into the form that a proxy's configuration prints
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Checks services and pools against each other and against the VIPs.
positional: vips, pools
options:
  _input: {description: The services., type: list, elements: dict, required: true}
  vips: {description: The virtual addresses., type: list, elements: dict, required: true}
  pools: {description: The pools., type: list, elements: dict, default: []}
  engine:
    description: >-
      Who is to serve them, C(haproxy), C(nginx) or C(lvs). What it cannot do is refused, and what its template prints
      is added; without it, only what all engines have in common.
    type: str
"""
EXAMPLES = r"""
layout: "{{ haproxy_services | evenkeel.ha_lb.service_layout(haproxy_vips, haproxy_pools, engine='haproxy') }}"
"""
RETURN = r"""
_value:
  description: C(services) and C(pools); for an engine, with what its template prints besides, which may change.
  type: dict
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def service_layout(services: Any, vips: Any, pools: Any = (), engine: str = "") -> dict[str, Any]:
    from ..module_utils.engines.service_layout import services_result

    return services_result(services, vips, pools, engine)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(service_layout)

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_status
short_description: Judge the state of the whole cluster
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Puts together what M(evenkeel.ha_lb.vrrp_info) and M(evenkeel.ha_lb.vip_probe) registered on each node.
positional: record, order, accepted
options:
  _input: {description: "The VIPs, as C(ha_lb_vips).", type: list, elements: dict, required: true}
  record:
    description: >-
      What is known of every node, by its name: C(now), what M(evenkeel.ha_lb.vrrp_info) returned, and C(answers), those
      of M(evenkeel.ha_lb.vip_probe). A node of which nothing is known was not asked.
    type: dict
    required: true
  order: {description: The nodes that were to be changed in this run., type: list, elements: str, default: []}
  accepted:
    description: The nodes of which people know that they cannot take over, as C(ha_lb_accept_degraded).
    type: list
    elements: str
    default: []
"""
EXAMPLES = r"""
status: "{{ ha_lb_vips | evenkeel.ha_lb.cluster_status({'lb1': {'now': vrrp_of_lb1}, 'lb2': {'now': vrrp_of_lb2}}) }}"
"""
RETURN = r"""
_value:
  description: >-
    C(rows), C(table), C(can_take_over), C(findings), C(pending), C(shared), C(warnings), C(drained), C(acts), C(heard),
    C(drift) and C(notes).
  type: dict
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def cluster_status(*args: Any, **kwargs: Any) -> dict[str, Any]:
    from ..module_utils.operations import status

    return status.cluster_status(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(cluster_status)

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: preflight
short_description: What the playbook preflight has to say
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Lays out and proves a cluster, and says it for people in a terminal, as data, and for a page.
options:
  _input:
    description: The nodes, as the filter P(evenkeel.ha_lb.cluster_nodes#filter) gives them.
    type: list
    elements: dict
    required: true
  variables:
    description: The variables of the cluster, as the filter P(evenkeel.ha_lb.cluster_variables#filter) gives them.
    type: dict
    required: true
  cluster: {description: What the cluster is called., type: str, required: true}
  seen:
    description: >-
      What was found out before. C(refused), sentences about the input, with any of which nothing is proved;
      C(interfaces) of each node, as the filter P(evenkeel.ha_lb.interfaces#filter) gives them; C(wire), what
      M(evenkeel.ha_lb.vrid_conflict) returned, by node; C(clusters), as the filter
      P(evenkeel.ha_lb.inventory_clusters#filter) gives them; C(configs), the C(config) that
      M(evenkeel.ha_lb.keepalived_config) returned of each node; C(states), what M(evenkeel.ha_lb.vrrp_info) returned,
      by node; C(nodes), those in the run; C(auth_pass), the password of VRRP.
    type: dict
    default: {}
"""
EXAMPLES = r"""
said: "{{ ha_lb_nodes | evenkeel.ha_lb.preflight({'ha_lb_vips': ha_lb_vips}, 'loadbalancers') }}"
"""
RETURN = r"""
_value:
  description: >-
    C(says), lines for a terminal; C(findings), sentences that speak against a change; C(data), the layout, its proof,
    and what was heard; C(page), what the template of the page prints.
  type: dict
"""

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.filter_io import as_filters


class FilterModule:
    def filters(self):
        return as_filters(preflight="module_utils.operations.preflight.result.preflight")

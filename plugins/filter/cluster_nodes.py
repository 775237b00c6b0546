# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_nodes
short_description: The nodes of a cluster, from an inventory group
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Reads the members of a group and their addresses from the inventory, as data for C(keepalived_nodes).
options:
  _input: {description: Names of the hosts in the group., type: list, elements: str, required: true}
  hostvars: {description: Ansible's C(hostvars)., type: dict, required: true}
"""
EXAMPLES = r"""
keepalived_nodes: "{{ groups['loadbalancers'] | evenkeel.ha_lb.cluster_nodes(hostvars) }}"
"""
RETURN = r"""
_value:
  description: A list of C({name, address, ansible_host}).
  type: list
  elements: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..plugin_utils.filter_io import as_filters


def cluster_nodes(group: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    from ..module_utils.cluster.check import nodes_of

    return nodes_of(group, hostvars)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(cluster_nodes)

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: private_cluster
short_description: "Private to the collection: clusters and nodes of the inventory"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - >-
    C(cluster_variables) takes the variables of one host. Returns those that begin with C(ha_lb_), C(keepalived_),
    C(notify_) or the name of the engine that is chosen; a secret is replaced by as many asterisks as it has
    characters.
  - >-
    C(inventory_clusters) takes C(groups), C(hostvars) and the name of the group that comes first. Returns C({name,
    nodes, variables}) of every cluster: hosts with the same C(ha_lb_vips).
  - >-
    C(named_nodes) takes C(ha_lb_node) (a name, a list, or names with commas between them) and the names of the nodes.
    Returns C(names), and C(refused), a sentence that is empty when all of them are nodes.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def cluster_variables(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster.check import variables_of

    return variables_of(*args, **kwargs)


def inventory_clusters(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster.inventory import clusters_of

    return clusters_of(*args, **kwargs)


def named_nodes(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import check

    return check.named_nodes(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(cluster_variables, inventory_clusters, named_nodes)

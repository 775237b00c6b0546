# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: private_site
short_description: "Private to the collection: the playbook site"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - >-
    C(differing_nodes) takes C(ha_lb_vips), the record of the run, and the engines that are not chosen. Returns the
    names of the nodes on which site has something to do.
  - >-
    C(exchange_refusals) takes the record of the run, and all engines, the chosen one first. Returns a sentence for
    every node on which a proxy would take the place of virtual servers, or they of it.
  - >-
    C(failed_nodes) takes names of nodes and the record of the run. Returns those whose change has failed.
  - >-
    C(left_alone) takes the name of a node, the order of the change, and the record of the run. Returns whether the
    node stays as it is, because it, or one before it, has failed.
  - >-
    C(peers_run) takes the name of a node, the names of all nodes, and the record of the run. Returns the names of
    the instances that its peers run; none, once a peer is changed and runs all that is wanted.
  - >-
    C(reload_back) takes a simultaneous reload, and the names of the nodes that took part in it. Returns the reload
    by which they revert.
  - >-
    C(reloaded_nodes) takes names of nodes and the record of the run. Returns those that took part in a simultaneous
    reload.
  - >-
    C(rolling_order) takes names of nodes, the record of the run, and whether they are C(leaving). Returns the names
    in the order of the change: those that are unfit first, then those that hold fewest VIPs, and new nodes last.
  - >-
    C(site_summary) takes the record of the run, the order of the change, the units whose journals explain a
    failure, and whether it was a C(check). Returns C(says) (a table, and reasons), C(nodes) (the same as data) and
    C(failed).
  - >-
    C(stands_alone) takes the same as C(peers_run). Returns a sentence why no other node could take over from this
    one; empty when one could, or when this one serves nobody.
  - >-
    C(to_activate) takes what the roles have compared after staging. Returns whether something of it is still to be
    put in force.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def differing_nodes(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import differences

    return differences.differing_nodes(*args, **kwargs)


def exchange_refusals(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import exchange

    return exchange.exchange_refusals(*args, **kwargs)


def failed_nodes(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import order

    return order.failed_nodes(*args, **kwargs)


def left_alone(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import order

    return order.left_alone(*args, **kwargs)


def peers_run(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import order

    return order.peers_run(*args, **kwargs)


def reload_back(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import order

    return order.reload_back(*args, **kwargs)


def reloaded_nodes(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import order

    return order.reloaded_nodes(*args, **kwargs)


def rolling_order(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import order

    return order.rolling_order(*args, **kwargs)


def site_summary(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import summary

    return summary.site_summary(*args, **kwargs)


def stands_alone(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import order

    return order.stands_alone(*args, **kwargs)


def to_activate(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.site import differences

    return differences.to_activate(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(
            differing_nodes,
            exchange_refusals,
            failed_nodes,
            left_alone,
            peers_run,
            reload_back,
            reloaded_nodes,
            rolling_order,
            site_summary,
            stands_alone,
            to_activate,
        )

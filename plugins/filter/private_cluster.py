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
    C(clocks_by_node) takes names of hosts and C(hostvars). Returns what time it was on every one when facts were
    gathered, in seconds since the epoch.
  - >-
    C(first_locked) takes the record of the run. Returns the first node whose lock this run has.
  - >-
    C(found_on) takes the record of the run, names of nodes, and what else was found. Returns what preflight reads:
    C(nodes), C(states), C(wire), C(configs), and the rest as it is.
  - >-
    C(interfaces_by_node) takes names of hosts and C(hostvars). Returns the interfaces of every one, as
    P(evenkeel.ha_lb.interfaces#filter).
  - >-
    C(inventory_clusters) takes C(groups), C(hostvars) and the name of the group that comes first. Returns C({name,
    nodes, variables}) of every cluster: hosts with the same C(ha_lb_vips).
  - >-
    C(likely_vrids) takes C(ha_lb_vips), right or wrong. Returns the VRIDs that they will have, where none is taken.
  - >-
    C(loaded) takes anything, and returns it. Where Ansible itself templates, and not a worker that it forks for a task
    and a host, all workers after that have the core, which each would load anew.
  - >-
    C(locks_of_others) takes the record of the run. Returns a sentence for every node whose lock another run has.
  - >-
    C(named_nodes) takes C(ha_lb_node) (a name, a list, or names with commas between them) and the names of the
    nodes. Returns C(names), and C(refused), a sentence that is empty when all of them are nodes.
  - >-
    C(names_of_a_run) takes names of variables. Returns those of a run, which mean something without a cluster.
  - >-
    C(node_records) takes the names of the nodes, C(hostvars), the id of the run, the variable of every key, and
    C(ha_lb_vips). Returns the record of the run: what is known of every node, by its name.
  - >-
    C(of_every_node) takes the record of the run and a key. Returns what is known under that key, by node.
  - >-
    C(right_addresses) takes C(ha_lb_vips). Returns the addresses as they are written; fails with every finding where
    it is wrong.
  - >-
    C(role_refusals) takes the variables of a role that is used alone. Returns what is wrong with them, as sentences.
  - >-
    C(run_refusals) takes the variables of a run, and the names of the nodes. Returns what is wrong with them, as
    sentences.
  - >-
    C(unreadable) takes names of hosts, C(hostvars), and the name of the variable that has what the lookup
    C(given_variables) reports. Returns a sentence for what cannot be read; for what all hosts say alike, one.
  - >-
    C(usurped) takes names of hosts and C(hostvars). Returns a sentence for every host that says a variable of ours as
    a fact of itself.
  - >-
    C(vip_addresses) takes C(ha_lb_vips), right or wrong. Returns the addresses as they are written.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters

CORE = (
    *(f"cluster.{name}" for name in ("check", "facts", "given", "inventory", "layout_result", "record", "variables")),
    *(f"operations.{name}" for name in ("site.differences", "site.order", "site.summary", "status")),
    *("engines.service_layout", "host.bundle"),
)


def clocks_by_node(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import facts

    return facts.clocks_by_node(*args, **kwargs)


def first_locked(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import record

    return record.first_locked(*args, **kwargs)


def found_on(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import record

    return record.found_on(*args, **kwargs)


def interfaces_by_node(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import facts

    return facts.interfaces_by_node(*args, **kwargs)


def inventory_clusters(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster.inventory import clusters_of

    return clusters_of(*args, **kwargs)


def likely_vrids(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import inventory

    return inventory.likely_vrids(*args, **kwargs)


def loaded(value: Any) -> Any:
    from importlib import import_module

    for name in CORE:
        import_module(f"...module_utils.{name}", __name__)
    return value


def locks_of_others(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import record

    return record.locks_of_others(*args, **kwargs)


def named_nodes(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import check

    return check.named_nodes(*args, **kwargs)


def names_of_a_run(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import variables

    return variables.names_of_a_run(*args, **kwargs)


def node_records(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import record

    return record.node_records(*args, **kwargs)


def of_every_node(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import record

    return record.of_every_node(*args, **kwargs)


def right_addresses(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import inventory

    return inventory.right_addresses(*args, **kwargs)


def role_refusals(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import variables

    return variables.role_refusals(*args, **kwargs)


def run_refusals(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import variables

    return variables.run_refusals(*args, **kwargs)


def unreadable(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import given

    return given.unreadable(*args, **kwargs)


def usurped(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import facts

    return facts.usurped(*args, **kwargs)


def vip_addresses(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.cluster import inventory

    return inventory.vip_addresses(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(
            clocks_by_node,
            first_locked,
            found_on,
            interfaces_by_node,
            inventory_clusters,
            likely_vrids,
            loaded,
            locks_of_others,
            named_nodes,
            names_of_a_run,
            node_records,
            of_every_node,
            right_addresses,
            role_refusals,
            run_refusals,
            unreadable,
            usurped,
            vip_addresses,
        )

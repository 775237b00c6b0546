# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: private_operations
short_description: "Private to the collection: the playbooks other than site and drill"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - >-
    C(drain_outlook) takes the name of a node, C(ha_lb_vips), and what M(evenkeel.ha_lb.vrrp_info) returned of every
    node. Returns what draining it, or bringing it back, means: C(drained) (by people), C(silent) (why it cannot be
    asked), C(refused) (why it must not be drained now), C(misplaced) (VIPs without exactly one holder), C(shared)
    (VIPs with more than one) and C(takes) (addresses that it will hold when it is back).
  - >-
    C(listen_seconds) takes the variables of a node. Returns how long to listen before a node that sends no adverts
    is silent, in seconds.
  - >-
    C(move_seconds) takes the variables of a node. Returns the longest that VIPs take to move, in seconds.
  - >-
    C(package_arguments) takes C(changes) of M(evenkeel.ha_lb.upgrade_plan), and C(before) or C(after). Returns what apt
    is told to install.
  - >-
    C(preflight) takes the nodes, the variables of the cluster, its name, and what was found before (C(refused),
    C(interfaces), C(wire), C(clusters), C(configs), C(states), C(nodes), C(auth_pass)). Returns C(says), lines for
    a terminal; C(findings), sentences that speak against a change; C(data); and C(page) for its template.
  - >-
    C(split_brain) takes C(ha_lb_vips), the nodes, and the record of the run. Returns C(vips), every address that is
    held twice; C(causes), the likeliest first, with C(kind), C(message) and C(cure); and C(says), the same in
    sentences.
  - >-
    C(upgradable) takes the record of the run and names of nodes. Returns those that have something to change.
  - >-
    C(upgrade_packages) takes the unit of the chosen engine, and the source builds by product. Returns the packages that
    an upgrade changes, by the key of their version.
  - >-
    C(upgrade_refusals) takes the record of the run and names of nodes. Returns what speaks against their upgrade,
    in sentences.
  - >-
    C(upgrade_report) takes the record of the run, and the names of the nodes that were to be changed. Returns
    C(rows), C(table) and C(findings).
  - >-
    C(vrids_in_use) takes C(ha_lb_vips) and the record of the run. Returns C({vip, vrid}) of every VIP that runs
    already.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def drain_outlook(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations import drain

    return drain.drain_outlook(*args, **kwargs)


def listen_seconds(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.split_brain import evidence

    return evidence.listen_seconds(*args, **kwargs)


def move_seconds(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations import drain

    return drain.move_seconds(*args, **kwargs)


def package_arguments(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations import upgrade

    return upgrade.package_arguments(*args, **kwargs)


def preflight(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.preflight import result

    return result.preflight(*args, **kwargs)


def split_brain(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.split_brain import result

    return result.split_brain(*args, **kwargs)


def upgradable(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations import upgrade

    return upgrade.upgradable(*args, **kwargs)


def upgrade_packages(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations import upgrade

    return upgrade.upgrade_packages(*args, **kwargs)


def upgrade_refusals(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations import upgrade

    return upgrade.upgrade_refusals(*args, **kwargs)


def upgrade_report(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations import upgrade

    return upgrade.upgrade_report(*args, **kwargs)


def vrids_in_use(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations import status

    return status.vrids_in_use(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(
            drain_outlook,
            listen_seconds,
            move_seconds,
            package_arguments,
            preflight,
            split_brain,
            upgradable,
            upgrade_packages,
            upgrade_refusals,
            upgrade_report,
            vrids_in_use,
        )

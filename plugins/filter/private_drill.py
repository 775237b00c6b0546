# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: private_drill
short_description: "Private to the collection: the playbook drill"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - >-
    C(drill_health) takes C(ha_lb_vips), the names of the nodes, and what M(evenkeel.ha_lb.vrrp_info) and
    M(evenkeel.ha_lb.vip_probe) returned on them. Returns sentences why no drill may begin.
  - >-
    C(drill_outcome) takes a step and what was seen (C(node), C(nodes), C(vips), C(client), C(clocks), C(watched),
    C(measured), C(fault), C(lacks), C(after)). Returns C(status), C(reasons), and all that the report shows.
  - >-
    C(drill_reach) takes what M(evenkeel.ha_lb.vip_probe) was answered on the client, and on the nodes. Returns
    sentences why the client cannot measure.
  - >-
    C(drill_report) takes all outcomes, C(about) (C(cluster), C(nodes), C(vips), C(client), C(began), C(steps)) and
    whether to draw a C(page). Returns C(says), lines for a terminal; C(failures), sentences; C(data); C(junit); and
    C(page) for its template.
  - >-
    C(drill_steps) takes C(drills), the nodes, the variables of the cluster, all hosts of the inventory, and a
    margin in seconds. Returns a step for every drill: what it may cost, and how long it lasts.
  - >-
    C(drill_targets) takes services, as P(evenkeel.ha_lb.service_layout#filter) returns them. Returns those that are
    measured: one for every address, over HTTP where there is one.
  - >-
    C(drill_wanted) takes names of drills (none: all), C(group), C(nodes), C(consent), C(client), C(hosts),
    C(proxy), C(words), C(margin) and C(page). Returns C(drills), name and title of each, and C(refused), sentences.
  - >-
    C(holder_of) takes the record of the run and an address. Returns the node that holds it.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def drill_health(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.drill import plan

    return plan.drill_health(*args, **kwargs)


def drill_outcome(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.drill import outcome

    return outcome.drill_outcome(*args, **kwargs)


def drill_reach(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.drill import plan

    return plan.drill_reach(*args, **kwargs)


def drill_report(*args: Any, **kwargs: Any) -> Any:
    from ..plugin_utils.drill_chart import report

    return report(*args, **kwargs)


def drill_steps(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.drill import steps

    return steps.drill_steps(*args, **kwargs)


def drill_targets(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.drill import plan

    return plan.drill_targets(*args, **kwargs)


def drill_wanted(*args: Any, **kwargs: Any) -> Any:
    from ..plugin_utils.drill_chart import wanted

    return wanted(*args, **kwargs)


def holder_of(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.operations.drill import plan

    return plan.holder_of(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(
            drill_health, drill_outcome, drill_reach, drill_report, drill_steps, drill_targets, drill_wanted, holder_of
        )

# SPDX-License-Identifier: GPL-3.0-or-later
"""How often is asked, and which server a drill lets down: a host of the inventory, and not the last of its pool."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ...engines.service_layout import services_result
from .plan import drill_targets

INTERVAL = 0.01  # seconds between two requests to one target
FASTEST = 0.002  # seconds between two requests to whichever


class Backend(NamedTuple):
    """A host of the inventory, and the port on which it serves."""

    host: str
    port: int


def interval_of(variables: Mapping[str, Any]) -> float:
    """Return the seconds between two requests to one target: the client has to keep up with all of them."""
    return round(max(INTERVAL, FASTEST * len(drill_targets(_services(variables)["services"]))), 3)


def backend_of(hosts: Sequence[Mapping[str, Any]], variables: Mapping[str, Any]) -> Optional[Backend]:
    """Return the first server of the pools that are measured which is one of the hosts, and whose pool has others."""
    result = _services(variables)
    pools = [each["pool"] for each in drill_targets(result["services"])]
    for pool in result["pools"]:
        regular = [server for server in pool["servers"] if not server["backup"]]
        if pool["name"] in pools and len(regular) > 1:
            for server in regular:
                names = [each["name"] for each in hosts if server["address"] in _addresses(each)]
                if names:
                    return Backend(names[0], server["port"])
    return None


def _services(variables: Mapping[str, Any]) -> dict[str, Any]:
    vips = variables.get("ha_lb_vips")
    return services_result(variables.get("ha_lb_services") or [], vips, variables.get("ha_lb_pools") or [])


def _addresses(host: Mapping[str, Any]) -> Sequence[str]:
    """Return what a host is known by."""
    given = host["address"]
    own = list(given) if isinstance(given, (list, tuple)) else [given]
    return [str(each) for each in (*own, host["ansible_host"], host["name"])]

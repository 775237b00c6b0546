# SPDX-License-Identifier: GPL-3.0-or-later
"""The server that a drill makes refuse connections, and the pace of the measurement."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ...engines.service_layout import services_result
from .plan import drill_targets

INTERVAL = 0.01  # seconds between two requests to one target
FASTEST = 0.002  # seconds between any two requests


class Backend(NamedTuple):
    """A server of a pool that is a host of the inventory, and its port."""

    host: str
    port: int


def interval_of(variables: Mapping[str, Any]) -> float:
    """Return the seconds between two requests to one target; more where there are many, so that the client keeps up."""
    return round(max(INTERVAL, FASTEST * len(drill_targets(_services(variables)["services"]))), 3)


def backend_of(hosts: Sequence[Mapping[str, Any]], variables: Mapping[str, Any]) -> Optional[Backend]:
    """Return the first server that is one of `hosts`, in a measured pool with other servers; None without one."""
    result = _services(variables)
    pools = [target["pool"] for target in drill_targets(result["services"])]
    for pool in result["pools"]:
        regular = [server for server in pool["servers"] if not server["backup"]]
        if pool["name"] in pools and len(regular) > 1:
            for server in regular:
                names = [host["name"] for host in hosts if server["address"] in _addresses(host)]
                if names:
                    return Backend(names[0], server["port"])
    return None


def _services(variables: Mapping[str, Any]) -> dict[str, Any]:
    vips = variables.get("ha_lb_vips")
    return services_result(variables.get("ha_lb_services") or [], vips, variables.get("ha_lb_pools") or [])


def _addresses(host: Mapping[str, Any]) -> Sequence[str]:
    """Return the names and addresses by which a pool may name a host."""
    given = host["address"]
    own = list(given) if isinstance(given, (list, tuple)) else [given]
    return [str(each) for each in (*own, host["ansible_host"], host["name"])]

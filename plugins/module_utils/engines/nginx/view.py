# SPDX-License-Identifier: GPL-3.0-or-later
"""What nginx.conf.j2 prints of services and pools besides the model.

Routes become a chain of maps: every map gives the pool of its route, or asks the next one.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Iterable, Sequence

from ...traffic.model import Pool, Route, Server, Service

RAW_PATH = "$ha_lb_path"  # without the query, and as the client wrote it
BALANCE = {
    "leastconn": "least_conn",
    "source": "hash $remote_addr consistent",
    "uri": f"hash {RAW_PATH} consistent",
    "random": "random two least_conn",
}
"""The directive of an algorithm; round robin, static or not, needs none."""


@dataclass(frozen=True)
class Map:
    """A `map` block: what it compares, and what its variable becomes; nothing, where there is no default."""

    source: str
    variable: str
    default: str
    choices: tuple[tuple[str, str], ...]
    """What matches, and the pool for it."""


def view_of_service(service: Service, number: int) -> dict[str, Any]:
    """Return `maps`, and `target`: the pool, or the variable of the first map, which holds it."""
    maps = maps_of(service, number)
    return {"maps": [asdict(each) for each in maps], "target": maps[0].variable if maps else service.pool}


def view_of_pool(pool: Pool) -> dict[str, Any]:
    """Return `balance`, a directive or nothing, and `weights`, the parameter of each server by its name."""
    return {
        "balance": BALANCE.get(pool.algorithm, ""),
        "weights": {server.name: _weight(server) for server in pool.servers},
    }


def _weight(server: Server) -> str:
    """Return the parameter; nginx takes no weight of 0 (ngx_http_upstream_module, server)."""
    return f"weight={server.weight}" if server.weight else "down"


def maps_of(service: Service, number: int) -> tuple[Map, ...]:
    """Return one map for each route of a service; the first that matches wins."""
    variables = [f"$ha_lb_route_{number}_{index}" for index in range(1, len(service.routes) + 1)]
    return tuple(
        Map(_source(route), variable, following, tuple((pattern, route.pool) for pattern in _patterns(route)))
        for route, variable, following in zip(service.routes, variables, [*variables[1:], service.pool or ""])
    )


def quoted(text: str) -> str:
    """Return `text` as a string of nginx's language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _source(route: Route) -> str:
    compared = (
        ("$host", route.host),
        ("$request_method", route.method),
        (RAW_PATH, route.path),
        (RAW_PATH, route.path_prefix),
        (_header_variable(route), route.header),
    )
    return quoted(" ".join(variable for variable, values in compared if values))


def _header_variable(route: Route) -> str:
    return f"$http_{route.header[0].lower().replace('-', '_')}" if route.header else ""


def _patterns(route: Route) -> Iterable[str]:
    """Yield a regular expression for each host: to words in a map, case makes no difference.

    Nothing that is compared has a space in it, but for the header, which comes last.
    """
    parts = [_any_of(route.method), _any_of(route.path), _any_of(route.path_prefix, "[^ ]*")]
    header = _any_of(route.header[1]) if route.header else ""
    for host in route.host or ("",):
        wanted = [_any_of((host.lower(),)) if host else "", *parts, header]
        yield quoted("~^" + " ".join(part for part in wanted if part) + "$")


def _any_of(values: Sequence[str], more: str = "") -> str:
    words = "|".join(map(re.escape, values))
    return words and (f"({words}){more}" if len(values) > 1 else f"{words}{more}")

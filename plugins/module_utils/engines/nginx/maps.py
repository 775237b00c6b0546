# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes in nginx's terms: a chain of maps, each of which gives the pool of its route or asks the next one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterable, Sequence

from ...traffic.model import Route, Service

RAW_PATH = "$ha_lb_path"  # without the query, and as the client wrote it


@dataclass(frozen=True)
class Map:
    """A `map` block: what it compares, and what its variable becomes; nothing, where there is no default."""

    source: str
    variable: str
    default: str
    choices: tuple[tuple[str, str], ...]
    """What matches, and the pool for it."""


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

# SPDX-License-Identifier: GPL-3.0-or-later
"""Which requests a route can have: those that no route before it takes, and that meet all of its conditions."""

from __future__ import annotations

from typing import Iterator, Sequence, Tuple

from .model import Route

EVERY_PATH = "/"


def unreachable(routes: Sequence[Route]) -> Iterator[Tuple[int, str]]:
    """Yield the number of each route that no request can reach, and why."""
    for index, route in enumerate(routes):
        if route.path and route.path_prefix and not any(_begins(each, route.path_prefix) for each in route.path):
            yield index, "no path of it begins with a path_prefix of it"
            continue
        first = next((number for number in range(index) if covers(routes[number], route)), None)
        if first is not None:
            yield index, f"routes[{first}] takes all of its requests"


def covers(wide: Route, narrow: Route) -> bool:
    """Tell whether every request that meets `narrow` meets `wide`."""
    return (
        _within(_lower(narrow.host), _lower(wide.host))
        and _within(narrow.method, wide.method)
        and _within(narrow.path, wide.path)
        and _begin_within(narrow, wide.path_prefix)
        and _same_header(narrow, wide)
    )


def _within(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    """Tell whether what is one of `narrow` is one of `wide`; no condition is met by all."""
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _begin_within(narrow: Route, wide: Sequence[str]) -> bool:
    if not wide or EVERY_PATH in wide:
        return True
    begins = narrow.path or narrow.path_prefix
    return bool(begins) and all(_begins(each, wide) for each in begins)


def _begins(path: str, prefixes: Sequence[str]) -> bool:
    return path.startswith(tuple(prefixes))


def _same_header(narrow: Route, wide: Route) -> bool:
    if wide.header is None:
        return True
    if narrow.header is None or narrow.header[0].lower() != wide.header[0].lower():
        return False
    return set(narrow.header[1]) <= set(wide.header[1])


def _lower(hosts: Sequence[str]) -> Tuple[str, ...]:
    return tuple(host.lower() for host in hosts)

# SPDX-License-Identifier: GPL-3.0-or-later
"""What all nodes of a cluster must say alike, because each of them decides by it alone."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..basics.errors import Finding
from ..basics.quoting import quoted
from ..vrrp.settings import OPTIONS
from .given import SECRETS

ALIKE = (
    "ha_lb_engine",
    "ha_lb_in_use",
    "ha_lb_pools",
    "ha_lb_services",
    "ha_lb_taken_vrids",
    "ha_lb_uplinks",
    "ha_lb_vips",
    "keepalived_sync_groups",
    *(f"keepalived_{option}" for option in OPTIONS if option != "vmac"),
)


def disagreements(hosts: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """Find the variables in which a host differs from the first one."""
    names = list(hosts)
    for name in ALIKE:
        there = hosts[names[0]].get(name) if names else None
        written = _written(there)
        for host in names[1:]:
            here = hosts[host].get(name)
            if _written(here) != written:
                difference = "is another one than" if name in SECRETS else _difference(here, there)
                yield Finding(
                    f"hostvars[{host}].{name}", f"{difference} on {names[0]}: the nodes of a cluster must agree"
                )


def _written(value: Any) -> str:
    """Return a value as text; one that has no end is reported where the input is read."""
    try:
        return str(value)
    except (RecursionError, ValueError):
        return f"no {type(value).__name__} that can be read"


def _difference(here: Any, there: Any) -> str:
    if isinstance(here, list) and isinstance(there, list):
        return "is another list than"
    return f"{_shown(here)}, and {_shown(there)}"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"is {quoted(value)[1:-1]}"
    return "is not set" if value is None else "is a list" if isinstance(value, list) else f"is {quoted(value)}"

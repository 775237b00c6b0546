# SPDX-License-Identifier: GPL-3.0-or-later
"""What listens where, and who answers: the engine-neutral service model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

ALGORITHMS = {
    "roundrobin": "in turn, by weight",
    "static-rr": "in turn, by weight, where weights do not change while they serve",
    "leastconn": "the server with the fewest connections",
    "first": "the first server that has room",
    "source": "by the client's address",
    "uri": "by the path of the request",
    "random": "at random, by weight",
}
"""Which server is next: the words of `ha_lb_pools`, and what they mean. An engine has its own words for them."""


@dataclass(frozen=True)
class Server:
    """A machine that answers."""

    name: str
    address: str
    port: int
    weight: int = 1
    backup: bool = False


@dataclass(frozen=True)
class Check:
    """How a server's health is found out; times are in seconds."""

    kind: str
    path: str = "/"
    host: str = ""
    expect: int = 200
    user: str = ""
    interval: float = 2.0
    fall: int = 3
    rise: int = 2


@dataclass(frozen=True)
class Pool:
    """Servers that answer alike."""

    name: str
    servers: tuple[Server, ...]
    algorithm: str
    check: Check
    mode: str = "http"


@dataclass(frozen=True)
class Route:
    """A condition on a request, and the pool for those that meet all of it."""

    pool: str
    host: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    path_prefix: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    header: Optional[tuple[str, tuple[str, ...]]] = None


@dataclass(frozen=True)
class Service:
    """A port on one or more VIPs."""

    name: str
    vips: tuple[str, ...]
    port: int
    mode: str
    routes: tuple[Route, ...]
    pool: Optional[str]


@dataclass(frozen=True)
class Traffic:
    """All services and pools of a cluster."""

    services: tuple[Service, ...]
    pools: tuple[Pool, ...]

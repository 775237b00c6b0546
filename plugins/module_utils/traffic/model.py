# SPDX-License-Identifier: GPL-3.0-or-later
"""What listens where, and who answers: the engine-neutral service model."""

from __future__ import annotations

import ipaddress
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

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "sed", "nq", "fo", "ovf")
"""Those of IPVS by its own names (ipvsadm(8), --scheduler), besides."""


CLAIMS = (
    "client-ip",
    "forwarded",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-forwarded-by",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-protocol",
    "x-forwarded-scheme",
    "x-forwarded-server",
    "x-forwarded-ssl",
    "x-original-forwarded-for",
    "x-original-host",
    "x-real-ip",
)
"""Headers by which a proxy tells a server who the client is, and what it asked for (RFC 7239, and those before it).

A server believes them, so they are taken away from a client that `forwarded.trust` does not name."""

HOST = r"(([a-z0-9_-]+[.])*[a-z0-9_-]+[.]?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
"""What a Host header may be, as a regular expression in which case makes no difference: a name or an address, and a
port. RFC 9110 §7.2 allows more, but programs differ in what they make of it, and routes and servers must not."""


@dataclass(frozen=True)
class Server:
    """A machine that answers; with port 0, on the port that the client has asked for."""

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
    port: Optional[int] = None
    """None: that of the server."""
    timeout: Optional[float] = None
    retry: Optional[float] = None
    """How long after a failure it is asked again."""
    warmup: Optional[float] = None
    """The longest random wait before the first check."""
    digest: str = ""
    """MD5 of the answer's body, in hexadecimal."""
    name: str = ""
    type: str = ""
    """The name and the type of a record that DNS is asked for."""
    command: str = ""


@dataclass(frozen=True)
class Layer4:
    """How packets, not connections, are given to the servers of a pool (ipvsadm(8))."""

    forwarding: str = "direct"
    tunnel: str = "ipip"
    tunnel_port: Optional[int] = None
    hash_port: bool = False
    hash_fallback: bool = False
    persistence: int = 0
    """For how many seconds a client stays with its server; 0: for one connection."""
    netmask: Optional[int] = None
    """Clients that agree in so many bits of their addresses stay together; None: none do."""
    quorum: int = 1
    one_packet: bool = False
    inhibit_on_failure: bool = False


@dataclass(frozen=True)
class Pool:
    """Servers that answer alike."""

    name: str
    servers: tuple[Server, ...]
    algorithm: str
    check: Check
    mode: str = "http"
    layer4: Layer4 = Layer4()


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
    trusted: tuple[str, ...] = ()
    """Networks of the proxies in front, whose CLAIMS are passed on."""
    ports: tuple[int, ...] = ()
    """All ports, where several are one service; `port` is the first of them."""


@dataclass(frozen=True)
class Traffic:
    """All services and pools of a cluster."""

    services: tuple[Service, ...]
    pools: tuple[Pool, ...]


def canonical_host(host: str) -> str:
    """Return a host as routes compare it: small letters, an IPv6 address in brackets (RFC 3986 §3.2.2)."""
    return f"[{ipaddress.ip_address(host)}]" if ":" in host else host.lower()

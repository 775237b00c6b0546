# SPDX-License-Identifier: GPL-3.0-or-later
"""What haproxy.cfg.j2 prints of services and pools besides the model: rules, and the options of servers."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ...traffic.model import Check, Pool, Route, Server, Service


def view_of_service(service: Service, number: int) -> dict[str, Any]:
    """Return `rules`, the use_backend rules in order: {pool, condition}."""
    return {"rules": [{"pool": route.pool, "condition": condition(route)} for route in service.routes]}


def view_of_pool(pool: Pool) -> Mapping[str, Any]:
    """Return `balance`, the words after that keyword, `request`, what a check over HTTP asks, and `options`.

    `options` are those of the servers, by name. The model's words for algorithms are those of haproxy.
    """
    return {
        "balance": pool.algorithm,
        "request": request(pool.check),
        "options": {server.name: options(server, pool.check) for server in pool.servers},
    }


def condition(route: Route) -> str:
    """Return the condition of a rule: anonymous ACLs, all of which must match (HAProxy Configuration Manual §7)."""
    return " ".join(_tests(route))


def _tests(route: Route) -> Iterator[str]:
    if route.host:
        yield f"{{ req.hdr(host),field(1,:),lower -m str {' '.join(host.lower() for host in route.host)} }}"
    if route.path:
        yield f"{{ path {' '.join(route.path)} }}"
    if route.path_prefix:
        yield f"{{ path -m beg {' '.join(route.path_prefix)} }}"
    if route.method:
        yield f"{{ method {' '.join(route.method)} }}"
    if route.header:
        name, values = route.header
        yield f"{{ req.hdr({name}) -m str {' '.join(map(quoted, values))} }}"


def quoted(text: str) -> str:
    """Return `text` as one word of haproxy's language: strong quotes, in which no character is special (§2.2)."""
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"


def request(check: Check) -> str:
    """Return what `http-check send` asks; HTTP/1.1 where it names a host."""
    host = f" ver HTTP/1.1 hdr Host {check.host}" if check.host else ""
    return f"meth GET uri {check.path}{host}"


def options(server: Server, check: Check) -> str:
    """Return what follows the address on a server's line."""
    times = f"inter {int(check.interval * 1000)}ms fall {check.fall} rise {check.rise}"
    return f"weight {server.weight} check {times}{' backup' if server.backup else ''}"

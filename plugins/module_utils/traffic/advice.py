# SPDX-License-Identifier: GPL-3.0-or-later
"""What is allowed of services and pools, and hardly meant: a warning each."""

from __future__ import annotations

from typing import Dict, Iterator, Tuple

from ..basics.address import bare
from ..basics.schema import is_address
from .model import Pool, Server, Traffic
from .routes import unreachable


def traffic_advice(traffic: Traffic) -> Iterator[str]:
    """Yield warnings: servers that are one, pools in which nobody answers, routes that no request reaches."""
    for pool in traffic.pools:
        yield from _same_sockets(pool)
        if not any(server.weight for server in pool.servers):
            yield f"pool {pool.name}: all its servers have weight 0, and nobody answers"
    for service in traffic.services:
        for index, why in unreachable(service.routes):
            yield f"service {service.name}: routes[{index}] never matches: {why}"


def _same_sockets(pool: Pool) -> Iterator[str]:
    seen: Dict[Tuple[str, int], Server] = {}
    for server in pool.servers:
        place = bare(server.address) if is_address(server.address) else server.address.lower()
        first = seen.setdefault((place, server.port), server)
        if first is not server:
            yield f"pool {pool.name}: {first.name} and {server.name} are one server, {place} port {server.port}"

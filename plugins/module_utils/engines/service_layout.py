# SPDX-License-Identifier: GPL-3.0-or-later
"""Services and pools as plain data: what the filter `service_layout` returns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, List, Mapping, Optional, Tuple

from ..basics.errors import Refused
from ..traffic.model import CLAIMS, HOST, Pool, Traffic
from ..traffic.read import read_traffic
from ..vrrp.read import read_vips
from .catalogue import engine_named
from .contract.engine import Engine


def services_result(services: Any, vips: Any, pools: Any = (), engine: Optional[str] = None) -> dict[str, Any]:
    """Return `services`, each with what it listens on, `pools`, and what a client may say: `claims` and `host`.

    With an engine, also what its template prints. Without one, nobody is asked what it cannot do. Raises Refused with
    every finding.
    """
    serving = engine_named(engine) if engine else None
    traffic, addresses = _read(services, vips, pools, engine)
    here = {each.name: [address for vip in each.vips for address in addresses[vip]] for each in traffic.services}
    return {
        "services": [
            {
                **asdict(service),
                "addresses": here[service.name],
                "sockets": [_socket(address, service.port) for address in here[service.name]],
                **(serving.view_of_service(service, number) if serving else {}),
            }
            for number, service in enumerate(traffic.services, start=1)
        ],
        "pools": [_pool(pool, serving) for pool in traffic.pools],
        "claims": list(CLAIMS),
        "host": HOST,
    }


def virtual_servers(services: Any, vips: Any, pools: Any = (), engine: str = "") -> List[Mapping[str, Any]]:
    """Return what keepalived.conf.j2 prints where the engine has no proxy; nothing where it has one.

    Raises Refused with every finding.
    """
    by_keepalived = engine_named(engine).by_keepalived
    if by_keepalived is None:
        return []
    traffic, addresses = _read(services, vips, pools, engine)
    return by_keepalived.virtual_servers(traffic, addresses)


def kernel_needs(services: Any, vips: Any, pools: Any = (), engine: str = "") -> dict[str, Any]:
    """Return C({modules, settings}), what the kernel of a node must have for an engine; nothing where there is a proxy.

    Raises Refused with every finding.
    """
    by_keepalived = engine_named(engine).by_keepalived
    if by_keepalived is None:
        return {"modules": [], "settings": {}}
    traffic, _addresses = _read(services, vips, pools, engine)
    return {"modules": list(by_keepalived.kernel_modules(traffic)), "settings": dict(by_keepalived.settings(traffic))}


def needed_modules(variables: Mapping[str, Any]) -> List[str]:
    """Return the modules that a node's variables ask of its kernel; none where these are wrong, as others report."""
    services, vips, pools = (variables.get(f"ha_lb_{noun}") or [] for noun in ("services", "vips", "pools"))
    try:
        return list(kernel_needs(services, vips, pools, str(variables.get("ha_lb_engine") or ""))["modules"])
    except Refused:
        return []


def _read(services: Any, vips: Any, pools: Any, engine: Optional[str]) -> Tuple[Traffic, dict[str, list[str]]]:
    known = {vip.name: vip.addresses for vip in read_vips(vips)}
    addresses = {name: [str(address.ip) for address in each] for name, each in known.items()}
    limits = engine_named(engine).limits if engine else None
    return read_traffic(services, pools, known, limits=limits), addresses


def _pool(pool: Pool, engine: Optional[Engine]) -> dict[str, Any]:
    servers = [{**asdict(server), "socket": _socket(server.address, server.port)} for server in pool.servers]
    return {**asdict(pool), "servers": servers, **(engine.view_of_pool(pool) if engine else {})}


def _socket(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

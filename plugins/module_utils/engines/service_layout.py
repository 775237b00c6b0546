# SPDX-License-Identifier: GPL-3.0-or-later
"""Services and pools as plain data: what the filter `service_layout` returns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..traffic.model import Pool, Service
from ..traffic.read import read_traffic
from ..vrrp.read import read_vips
from .catalogue import ENGINES
from .nginx.maps import maps_of


def services_result(services: Any, vips: Any, pools: Any = (), engine: str = ENGINES[0]) -> dict[str, Any]:
    """Return `services`, each with what it listens on, and `pools`; both in the engine's terms where those differ.

    Raises Refused with every finding.
    """
    addresses = {vip.name: [str(each.ip) for each in vip.addresses] for vip in read_vips(vips)}
    traffic = read_traffic(services, pools, list(addresses), engine=engine)
    here = {each.name: [address for vip in each.vips for address in addresses[vip]] for each in traffic.services}
    return {
        "services": [
            {
                **asdict(each),
                "addresses": here[each.name],
                "sockets": [_socket(address, each.port) for address in here[each.name]],
                **(_for_nginx(each, number) if engine == "nginx" else {}),
            }
            for number, each in enumerate(traffic.services, start=1)
        ],
        "pools": [_pool(each) for each in traffic.pools],
    }


def _pool(pool: Pool) -> dict[str, Any]:
    servers = [{**asdict(each), "socket": _socket(each.address, each.port)} for each in pool.servers]
    return {**asdict(pool), "servers": servers}


def _socket(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _for_nginx(service: Service, number: int) -> dict[str, Any]:
    maps = maps_of(service, number)
    return {"maps": [asdict(each) for each in maps], "target": maps[0].variable if maps else service.pool}

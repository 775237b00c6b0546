# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived.conf prints of services and pools: virtual servers (keepalived.conf(5), VIRTUAL SERVERS)."""

from __future__ import annotations

import ipaddress
import math
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from ...traffic.model import Check, Pool, Server, Service, Traffic
from .schedulers import flags, scheduler

METHODS = {"direct": "DR", "nat": "NAT", "tunnel": "TUN"}
BLOCKS = {
    "http": "HTTP_GET",
    "https": "SSL_GET",
    "tcp": "TCP_CHECK",
    "udp": "UDP_CHECK",
    "ping": "PING_CHECK",
    "smtp": "SMTP_CHECK",
    "dns": "DNS_CHECK",
    "script": "MISC_CHECK",
}
TIMEOUT = 2.0  # seconds for an answer
RETRY = 1.0  # seconds from a failure to the next question


def virtual_servers(traffic: Traffic, addresses: Mapping[str, Sequence[str]]) -> List[Mapping[str, Any]]:
    """Return a virtual server for every address of every service.

    {service, listens, family, group, settings, reals}: `listens` is what follows the keyword, `group` the lines of a
    virtual_server_group of that name, or nothing, `settings` lines, `reals` are {address, settings, block, check, url},
    `check` and `url` being lines.
    """
    pools = {pool.name: pool for pool in traffic.pools}
    return [
        _virtual(service, address, pools[service.pool])
        for service in traffic.services
        for address in (each for vip in service.vips for each in addresses[vip])
        if service.pool
    ]


def _virtual(service: Service, address: str, pool: Pool) -> Mapping[str, Any]:
    servers = reached_from(address, pool)
    name = f"{service.name}_{'ipv6' if ':' in address else 'ipv4'}_{address.replace(':', '_')}"
    spares = [server for server in servers if server.backup]
    return {
        "service": service.name,
        "listens": f"group {name}" if service.ports else f"{address} {service.port}",
        "group": [f"{address} {number}" for number in service.ports],
        "settings": [*_settings(service, address, pool), *(f"sorry_server {_socket(spare)}" for spare in spares)],
        "reals": [_real(server, service, pool) for server in servers if not server.backup],
    }


def reached_from(address: str, pool: Pool) -> Tuple[Server, ...]:
    """Return the servers for an address: those of its family, or, by a tunnel, all where it has none of its family."""
    alike = tuple(server for server in pool.servers if (":" in server.address) == (":" in address))
    return alike or (pool.servers if pool.layer4.forwarding == "tunnel" else ())


def _socket(server: Server) -> str:
    return f"{server.address} {server.port}" if server.port else server.address


def _settings(service: Service, address: str, pool: Pool) -> Iterator[str]:
    layer4, check = pool.layer4, pool.check
    yield f"lvs_sched {scheduler(pool.algorithm)}"
    yield from flags(pool)
    yield f"lvs_method {METHODS[layer4.forwarding]}{_tunnel(pool)}"
    yield f"protocol {service.mode.upper()}"
    if layer4.one_packet:
        yield "ops"
    if layer4.persistence:
        yield f"persistence_timeout {layer4.persistence}"
    if layer4.persistence and layer4.netmask:
        yield f"persistence_granularity {_mask(address, layer4.netmask)}"
    if layer4.quorum > 1:
        yield f"quorum {layer4.quorum}"
    yield f"delay_loop {check.interval:g}"
    yield from (["inhibit_on_failure"] if layer4.inhibit_on_failure else [])


def _tunnel(pool: Pool) -> str:
    layer4 = pool.layer4
    if layer4.forwarding != "tunnel":
        return ""
    return f" type {layer4.tunnel}" + (f" port {layer4.tunnel_port}" if layer4.tunnel_port else "")


def _mask(address: str, length: int) -> str:
    """Return a netmask as keepalived has it: of IPv6, a prefix length."""
    return str(length) if ":" in address else str(ipaddress.IPv4Network(f"0.0.0.0/{length}").netmask)


def _real(server: Server, service: Service, pool: Pool) -> Mapping[str, Any]:
    port = pool.check.port or (None if server.port else service.port)
    return {
        "listens": _socket(server),
        "weight": server.weight,
        "block": BLOCKS[pool.check.kind],
        "check": [*_asked(pool.check, port), *_times(pool.check)],
        "url": _url(pool.check),
    }


def _asked(check: Check, port: Any) -> Iterator[str]:
    if port and check.kind not in ("ping", "script"):
        yield f"connect_port {port}"
    if check.kind == "https" and check.host:
        yield "enable_sni"
    if check.kind == "dns":
        yield f"type {check.type}"
        yield f"name {check.name}"
    if check.kind == "script":
        yield f'misc_path "{check.command}"'


def _times(check: Check) -> Iterator[str]:
    timeout = check.timeout or TIMEOUT
    yield f"misc_timeout {math.ceil(timeout)}" if check.kind == "script" else f"connect_timeout {timeout:g}"
    yield f"retry {check.fall - 1}"
    yield f"delay_before_retry {check.retry or RETRY:g}"
    if check.warmup is not None:
        yield f"warmup {check.warmup:g}"


def _url(check: Check) -> List[str]:
    if check.kind not in ("http", "https"):
        return []
    said: Dict[str, Any] = {"virtualhost": check.host, "status_code": check.expect, "digest": check.digest}
    return [f"path {check.path}", *(f"{keyword} {value}" for keyword, value in said.items() if value)]

# SPDX-License-Identifier: GPL-3.0-or-later
"""From untrusted data to the service model: every wrong value is a Finding with its path, all at once."""

from __future__ import annotations

import re
from typing import Any, Callable, Collection, Iterable, Mapping, Optional, Sequence

from ..basics import schema
from ..basics.errors import Finding, Refused
from ..basics.schema import Field
from ..basics.variables import port, remote_host
from .checks import CHECK, check_of, kinds_of, url_path
from .layer4 import LAYER4, given, layer4_of, several_ports
from .model import ALGORITHMS, SCHEDULERS, Pool, Route, Server, Service, Traffic, canonical_host
from .servers import check_places

Records = Mapping[str, Mapping[str, Any]]
"""What was read of services or pools, by the path of each; a value that was wrong is None or INVALID."""
Limits = Callable[[Records, Records, Mapping[str, str], schema.Report], None]
"""Reports what somebody who is to serve these cannot do: of pools, of services, with the modes of pools by name."""

OWN_PREFIX = "ha_lb_"  # of the sections that the collection itself writes


def header_value(value: Any, path: str, report: schema.Report) -> Any:
    """Read a line of text as a header has it: what is around it is not of its value (RFC 9110 §5.5)."""
    read = schema.line(value, path, report)
    if read and read != read.strip():
        schema.wrong(value, "has blanks around it, which a header never has", path, report)
        return schema.INVALID
    return read


def route_path(value: Any, path: str, report: schema.Report) -> Any:
    """Read a path without a query."""
    read = url_path(value, path, report)
    if read and "?" in read:
        report(path, f"{value!r} has a query, and a route compares the path alone")
        return schema.INVALID
    return read


header_name = schema.matching(re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z"), "the name of a header")
method = schema.matching(re.compile(r"[A-Z]+\Z"), "an HTTP method in capitals")
methods = schema.list_of(method, at_least=1, or_one=True)
paths = schema.list_of(route_path, at_least=1, or_one=True)

SERVER = schema.record(
    {
        "name": Field(schema.name, required=True),
        "address": Field(remote_host, required=True),
        "port": Field(port, default=0),
        "weight": Field(schema.integer(0, 256), default=1),
        "backup": Field(schema.boolean, default=False),
    }
)
POOL_FIELDS = {
    "algorithm": Field(schema.choice(*ALGORITHMS, *SCHEDULERS), default="roundrobin"),
    "check": Field(CHECK),
    "servers": Field(schema.list_of(SERVER, at_least=1)),
    **LAYER4,
}
POOL = schema.record({"name": Field(schema.name, required=True), **POOL_FIELDS})
HEADER = schema.record(
    {
        "name": Field(header_name, required=True),
        "value": Field(schema.list_of(header_value, at_least=1, or_one=True), required=True),
    }
)
ROUTE = schema.record(
    {
        "pool": Field(schema.name, required=True),
        "host": Field(schema.list_of(schema.host, at_least=1, or_one=True), default=()),
        "path": Field(paths, default=()),
        "path_prefix": Field(paths, default=()),
        "method": Field(methods, default=()),
        "header": Field(HEADER),
    }
)


def proxies(value: Any, path: str, report: schema.Report) -> Any:
    """Read a network of proxies; everybody is none."""
    network = schema.network(value, path, report)
    if network and not network.prefixlen:
        report(path, f"{network} is everybody: name the networks of the proxies in front of the balancers")
        return schema.INVALID
    return network


FORWARDED = schema.record({"trust": Field(schema.list_of(proxies, at_least=1), required=True)})
SERVICE = schema.record(
    {
        "name": Field(schema.name, required=True),
        "vip": Field(schema.name),
        "vips": Field(schema.list_of(schema.name, at_least=1)),
        "port": Field(port),
        "ports": Field(several_ports),
        "mode": Field(schema.choice("http", "tcp", "udp"), default="http"),
        "routes": Field(schema.list_of(ROUTE), default=()),
        "pool": Field(schema.name),
        "forwarded": Field(FORWARDED),
        **POOL_FIELDS,
    }
)


def read_traffic(
    services: Any, pools: Any, vips: Collection[str], prefix: str = "ha_lb", limits: Optional[Limits] = None
) -> Traffic:
    """Read the services and pools; `limits` are those of whom is to serve.

    `vips` are the VIPs that there are: their names, or a mapping of names to addresses with prefix lengths.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    report = schema.collector(findings)
    raw_services = schema.list_of(SERVICE)(services, f"{prefix}_services", report) or ()
    raw_pools = schema.list_of(POOL)(pools, f"{prefix}_pools", report) or ()
    places = {f"{prefix}_pools[{index}]": raw for index, raw in enumerate(raw_pools) if raw}
    for index, raw in enumerate(raw_services):
        if raw and raw["servers"] is not None:
            places[f"{prefix}_services[{index}]"] = raw
    here = {f"{prefix}_services[{index}]": raw for index, raw in enumerate(raw_services) if raw}
    _check_pools(places, report)
    _check_server_ports(places, here, report)
    check_places(places, vips, report)
    pool_names = {raw["name"] for raw in places.values() if raw["name"]}
    for index, raw in enumerate(raw_services):
        if raw:
            _check_service(raw, f"{prefix}_services[{index}]", vips, pool_names, report)
    _check_ports(raw_services, f"{prefix}_services", report)
    modes = {pool: raw["mode"] for raw in raw_services if raw for pool in pools_used(raw)}
    if limits:
        limits(places, here, modes, report)
    if findings:
        raise Refused(findings)
    return Traffic(
        tuple(_service(raw) for raw in raw_services),
        tuple(_pool(raw, raw.get("mode") or modes.get(raw["name"], "http")) for raw in places.values()),
    )


def _check_pools(places: Mapping[str, Mapping[str, Any]], report: schema.Report) -> None:
    seen: dict[str, str] = {}
    for path, raw in places.items():
        if "vips" not in raw:  # a service has been looked at
            _check_free(raw["name"], path, report)
        if raw["name"] and raw["name"] in seen:
            report(f"{path}.name", f"{raw['name']} is already the name of a pool ({seen[raw['name']]})")
        seen.setdefault(raw["name"], path)
        if raw["servers"] is None:
            report(f"{path}.servers", "is missing")
        names: set[str] = set()
        for index, server in enumerate(raw["servers"] or ()):
            if server and server["name"] in names:
                report(f"{path}.servers[{index}].name", f"{server['name']} is already a server of this pool")
            if server and server["name"]:
                names.add(server["name"])
        kinds = kinds_of(raw["check"])
        if len(kinds) > 1:
            report(f"{path}.check", f"{' and '.join(kinds)} contradict: give one of them")


def _check_server_ports(pools: Records, services: Records, report: schema.Report) -> None:
    """Report servers without a port; those of services with several ports have that which the client asked for."""
    users: dict[str, list[Any]] = {}
    for raw in services.values():
        for pool in pools_used(raw):
            users.setdefault(pool, []).append(raw["ports"])
    for path, raw in pools.items():
        several = users.get(raw["name"])
        for index, server in enumerate(raw["servers"] or ()):
            if server and server["port"] == 0 and not (several and all(several)):
                report(f"{path}.servers[{index}].port", "is missing")


def _check_service(
    raw: Mapping[str, Any], path: str, vips: Collection[str], pools: set[str], report: schema.Report
) -> None:
    _check_free(raw["name"], path, report)
    if (raw["vip"] is None) == (raw["vips"] is None):
        report(f"{path}.vip", "is missing" if raw["vip"] is None else "contradicts vips: give one of them")
    named = [(f"{path}.vips[{number}]", vip) for number, vip in enumerate(raw["vips"] or ())]
    for number, (where, vip) in enumerate([(f"{path}.vip", raw["vip"]), *named]):
        if vip and vip not in vips:
            report(where, f"{vip} is not the name of a VIP ({_list(vips)})")
        elif vip and vip in [other for _place, other in named[: max(number - 1, 0)]]:
            report(where, f"{vip} is named twice")
    if raw["servers"] is None and raw["pool"] is None and raw["routes"] == ():
        report(f"{path}.pool", "is missing: say who answers, by servers, pool or routes")
    if raw["servers"] is not None and raw["pool"] is not None:
        report(f"{path}.pool", "contradicts servers: give one of them")
    if (raw["port"] is None) == (raw["ports"] is None):
        report(f"{path}.port", "is missing" if raw["port"] is None else "contradicts ports: give one of them")
    for word in (*(("check",) if raw["check"] is not None else ()), *given(raw)) if raw["servers"] is None else ():
        report(f"{path}.{word}", "belongs to the pool, or needs servers here")
    if raw["pool"] and raw["pool"] not in pools:
        report(f"{path}.pool", f"{raw['pool']} is not the name of a pool ({_list(pools)})")
    packets = {"tcp": "a TCP connection", "udp": "a datagram"}.get(raw["mode"] or "")
    if packets and raw["routes"]:
        report(f"{path}.routes", f"needs mode http: {packets} has no host, path or header")
    if packets and raw["forwarded"] is not None:
        report(f"{path}.forwarded", f"needs mode http: {packets} has no headers")
    for index, route in enumerate(raw["routes"] or ()):
        if not route:
            continue
        if route["pool"] and route["pool"] not in pools:
            report(f"{path}.routes[{index}].pool", f"{route['pool']} is not the name of a pool ({_list(pools)})")
        if all(route[key] in (None, ()) for key in ("host", "path", "path_prefix", "method", "header")):
            report(f"{path}.routes[{index}]", "has no condition: use the service's own pool for the rest")


def _check_free(name: Any, path: str, report: schema.Report) -> None:
    if name and name.startswith(OWN_PREFIX):
        report(f"{path}.name", f"{name} is not free: names that begin with {OWN_PREFIX} belong to the collection")


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "there are none"


def _check_ports(services: Sequence[Any], where: str, report: schema.Report) -> None:
    names: dict[str, int] = {}
    ports: dict[tuple[str, int, bool], int] = {}
    modes: dict[str, tuple[str, int]] = {}
    for index, raw in enumerate(services):
        if not raw:
            continue
        first = names.setdefault(raw["name"], index)
        two_pools = raw["servers"] is not None and services[first]["servers"] is not None  # has been said already
        if raw["name"] and first != index and not two_pools:
            report(f"{where}[{index}].name", f"{raw['name']} is already the name of {where}[{first}]")
        key = "port" if raw["ports"] is None else "ports"
        for vip in dict.fromkeys(_vips(raw)):
            for number in raw["ports"] or (raw["port"],):
                first = ports.setdefault((vip, number, raw["mode"] == "udp"), index)
                if vip and number and first != index:
                    report(f"{where}[{index}].{key}", f"port {number} of {vip} already belongs to {where}[{first}]")
        for pool in pools_used(raw):
            mode, first = modes.setdefault(pool, (raw["mode"], index))
            if mode and raw["mode"] and mode != raw["mode"]:
                report(f"{where}[{index}].mode", f"pool {pool} is used with mode {mode} by {where}[{first}]")


def _vips(raw: Mapping[str, Any]) -> tuple[str, ...]:
    return (raw["vip"],) if raw["vip"] else tuple(raw["vips"] or ())


def pools_used(raw: Mapping[str, Any]) -> list[str]:
    """Return the names of the pools that a record of a service uses."""
    default = raw["name"] if raw["servers"] is not None else raw["pool"]
    return [pool for pool in [default, *(route["pool"] for route in raw["routes"] or () if route)] if pool]


def _service(raw: Mapping[str, Any]) -> Service:
    default: Optional[str] = raw["name"] if raw["servers"] is not None else raw["pool"]
    trusted = tuple(str(network) for network in (raw["forwarded"] or {}).get("trust", ()))
    ports: tuple[int, ...] = raw["ports"] or ()
    routes = tuple(map(_route, raw["routes"]))
    return Service(raw["name"], _vips(raw), raw["port"] or ports[0], raw["mode"], routes, default, trusted, ports)


def _route(raw: Mapping[str, Any]) -> Route:
    header = (raw["header"]["name"], raw["header"]["value"]) if raw["header"] else None
    return Route(**{**raw, "host": tuple(map(canonical_host, raw["host"])), "header": header})


def _pool(raw: Mapping[str, Any], mode: str) -> Pool:
    servers = tuple(Server(**server) for server in raw["servers"])
    return Pool(raw["name"], servers, raw["algorithm"], check_of(raw["check"], mode), mode, layer4_of(raw))

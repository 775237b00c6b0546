# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the services, the health end point and the pages of a node listen, and which of them are one socket."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, List, Mapping, NamedTuple, Sequence

from ..agent.notify.read import STATUS_PORT
from ..basics import schema
from ..basics.errors import Finding
from ..basics.variables import is_true
from ..engines.contract.engine import Engine
from ..host.http_probe import CHECK_PORT

LOOPBACK = "127.0.0.1"
PAGE_PORT = 8404  # of the figures of an engine, whichever


class Socket(NamedTuple):
    """An address and a port, and the variable that says the port."""

    address: Any
    port: str
    path: str


def shared_sockets(variables: Mapping[str, Any], engine: Engine) -> List[Finding]:
    """Find the pages whose port something else has on the same address, or on all of them."""
    taken = [*_health(variables), *_services(variables)]
    findings = []
    for page in (*_figures(variables, engine), *_status_page(variables)):
        first = next((each for each in taken if _same(each, page)), None)
        if first:
            findings.append(Finding(page.path, f"{page.port} is already {first.path}"))
        taken.append(page)
    return list(dict.fromkeys(findings))


def _same(one: Socket, other: Socket) -> bool:
    if one.port != other.port or one.path == other.path:
        return False
    addresses = (one.address, other.address)
    if None in addresses or addresses[0] == addresses[1]:
        return True
    versions = {each.version for each in addresses}
    return len(versions) == 1 and any(each.is_unspecified for each in addresses)


def _health(variables: Mapping[str, Any]) -> Iterator[Socket]:
    port = variables.get("ha_lb_check_port", CHECK_PORT)
    yield Socket(ipaddress.ip_address(LOOPBACK), str(port), "ha_lb_check_port")


def _services(variables: Mapping[str, Any]) -> Iterator[Socket]:
    addresses = _vip_addresses(variables)
    for index, service in enumerate(_listed(variables.get("ha_lb_services"))):
        if isinstance(service, Mapping):
            for vip in _listed(service.get("vips", service.get("vip"))):
                for address in addresses.get(str(vip), ()):
                    if address:
                        yield Socket(address, str(service.get("port")), f"ha_lb_services[{index}].port")


def _vip_addresses(variables: Mapping[str, Any]) -> dict[str, List[Any]]:
    """Return the addresses of the VIPs by name; None for what is no address."""
    vips = (vip for vip in _listed(variables.get("ha_lb_vips")) if isinstance(vip, Mapping))
    return {str(vip.get("name")): [_address(each) for each in _listed(vip.get("addresses"))] for vip in vips}


def _figures(variables: Mapping[str, Any], engine: Engine) -> Iterator[Socket]:
    pages = {page.port: page for page in engine.variables.pages}
    for name in engine.variables.ports:
        page = pages.get(name)
        if page and is_true(variables.get(page.enabled)):
            address = _address(variables.get(page.address, LOOPBACK))
            if address:
                yield Socket(address, str(variables.get(name, PAGE_PORT)), name)
        elif not page and variables.get(name):
            yield Socket(None, str(variables[name]), name)


def _status_page(variables: Mapping[str, Any]) -> Iterator[Socket]:
    for each in _listed(variables.get("notify_status_addresses", LOOPBACK)):
        address = _address(each)
        if address:
            yield Socket(address, str(variables.get("notify_status_port", STATUS_PORT)), "notify_status_port")


def strange_addresses(
    variables: Mapping[str, Any], engine: Engine, interfaces: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    """Find the addresses for pages that neither the host nor a VIP has: nobody could see them."""
    here = {_address(each) for interface in interfaces for each in _listed(interface.get("addresses"))}
    if not here:
        return
    here.update(address for addresses in _vip_addresses(variables).values() for address in addresses)
    asked = [
        (f"notify_status_addresses[{index}]", each)
        for index, each in enumerate(_listed(variables.get("notify_status_addresses", [])))
    ]
    for page in engine.variables.pages:
        if is_true(variables.get(page.enabled)) and page.address in variables:
            asked.append((page.address, variables[page.address]))
    for path, each in asked:
        address = _address(each)
        if address and not (address.is_unspecified or address.is_loopback or address in here):
            yield Finding(path, f"{address} is an address neither of the host nor of a VIP: nobody could reach it")


def _address(value: Any) -> Any:
    """Return the address, with or without a prefix length, or None for what is none."""
    return schema.address(str(value).partition("/")[0], "", lambda path, message: None) or None


def _listed(value: Any) -> List[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]

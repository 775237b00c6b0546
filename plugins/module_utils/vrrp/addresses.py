# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses a VIP and a node can have: those of a host, in a subnet that a link can have, and each only once."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, Mapping, Sequence, Tuple

from ..basics import schema
from ..basics.address import Address, InterfaceAddress, Network, of_no_host, of_no_host_there

SHORTEST_PREFIX = {4: 8, 6: 16}
"""By version: a shorter one is a slip, such as /2 for /24, and would take half the world for neighbours."""

Placed = Sequence[Tuple[str, Any]]
"""Records that were read, with their paths; a value of them that was wrong is INVALID."""


def check_vip_addresses(vips: Placed, nodes: Placed, report: schema.Report) -> None:
    """Report addresses of VIPs that no host can have, that a node has itself, or that another VIP has."""
    owners = {
        address: node["name"]
        for _path, node in nodes
        if node["name"]
        for address in [*map(str, node["address"] or ()), *parsed_host(node["ansible_host"])]
    }
    seen: dict[str, str] = {}
    for path, interface_address in _addresses(vips, "addresses"):
        address = str(interface_address.ip)
        if address in seen:
            report(path, f"{address} is already in {seen[address]}")
        elif address in owners:
            report(path, f"{address} is the own address of {owners[address]}, and cannot move")
        elif not_virtual(interface_address):
            report(path, not_virtual(interface_address))
        seen.setdefault(address, path)


def not_virtual(address: InterfaceAddress) -> str:
    """Return why an address cannot be a VIP; empty where it can."""
    ip, network = address.ip, address.network
    why = of_no_host(ip)
    if not why and network.prefixlen < SHORTEST_PREFIX[ip.version]:
        return f"{address} takes all of {network} for one link: is /{24 if ip.version == 4 else 64} meant?"
    why = why or of_no_host_there(ip, network)
    return f"{address} is not an address that a host can have: it {why}" if why else ""


def check_node_addresses(nodes: Placed, vips: Placed, report: schema.Report) -> None:
    """Report addresses of nodes that no host can have, or of which a node has one of the same family already."""
    networks = {address.network for _path, address in _addresses(vips, "addresses")}
    for path, node in nodes:
        first: dict[int, Address] = {}
        for where, address in _addresses([(path, node)], "address"):
            why = _not_of_host(address, networks)
            if why:
                report(where, f"{address} is not an address that a host can have: it {why}")
            elif address.version in first:
                had = first[address.version]
                report(where, f"{address} is a second IPv{address.version} address beside {had}, and would not be used")
            first.setdefault(address.version, address)


def _not_of_host(address: Address, networks: set[Network]) -> str:
    reasons = (of_no_host(address), *(of_no_host_there(address, network) for network in networks))
    return next(filter(None, reasons), "")


def _addresses(records: Placed, key: str) -> Iterator[Tuple[str, Any]]:
    """Yield the addresses that could be read, with their paths."""
    for path, record in records:
        for number, address in enumerate(record[key] or ()):
            if address:
                yield f"{path}.{key}[{number}]", address


def parsed_host(host: Any) -> list[str]:
    """Return `ansible_host` as a list of one address, or an empty list when it is a name."""
    return [str(ipaddress.ip_address(host))] if isinstance(host, str) and schema.is_address(host) else []


def placed(records: Sequence[Any], where: str) -> list[Tuple[str, Mapping[str, Any]]]:
    """Return the records of a list that could be read, with their paths."""
    return [(f"{where}[{index}]", record) for index, record in enumerate(records) if record]

# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a host's facts can tell: the interface of a VIP, and addresses that clash with the host's own."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import Any, Iterator, Mapping, Optional, Sequence

from ..basics import schema
from ..basics.errors import Finding, Refused
from ..basics.schema import Field, InterfaceAddress
from .model import Cluster, Vip

INTERFACES = schema.list_of(
    schema.record(
        {
            "name": Field(schema.word, required=True),
            "addresses": Field(schema.list_of(schema.interface_address), required=True),
            "own": Field(schema.list_of(schema.address), required=True),
        }
    )
)


@dataclass(frozen=True)
class Interface:
    """A network interface with its addresses; `own` are those that no VRRP instance can have put there."""

    name: str
    addresses: tuple[InterfaceAddress, ...] = ()
    own: frozenset[str] = frozenset()


def interfaces_from_facts(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Reduce `ansible_facts` to the interfaces: a list of {name, addresses, own}, as plain data."""
    interfaces = []
    for name in facts.get("interfaces", ()):
        fact = facts.get(name.replace("-", "_").replace(".", "_").replace(":", "_"), {})
        first = [fact["ipv4"]] if "ipv4" in fact else []
        v4 = [f"{each['address']}/{each['netmask']}" for each in first + list(fact.get("ipv4_secondaries", ()))]
        v6 = [f"{each['address']}/{each['prefix']}" for each in fact.get("ipv6", ()) if each.get("scope") == "global"]
        addresses = [str(ipaddress.ip_interface(each)) for each in v4 + v6]
        interfaces.append({"name": name, "addresses": addresses, "own": [each["address"] for each in first]})
    return interfaces


def read_interfaces(raw: Any, path: str = "interfaces") -> tuple[Interface, ...]:
    """Read what `interfaces_from_facts` gave.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    interfaces = INTERFACES(raw, path, schema.collector(findings))
    if findings:
        raise Refused(findings)
    return tuple(Interface(each["name"], each["addresses"], frozenset(map(str, each["own"]))) for each in interfaces)


def read_hosts(raw: Any) -> dict[str, tuple[Interface, ...]]:
    """Read the interfaces of several hosts, by name of the host.

    Raises Refused with the findings of the first host that has any.
    """
    return {str(host): read_interfaces(each, f"interfaces.{host}") for host, each in raw.items()}


def at_rest(interfaces: Sequence[Interface], vips: Sequence[Vip]) -> tuple[Interface, ...]:
    """Return the interfaces as they are while the host holds no VIP: a file must not depend on who is active."""
    virtual = {address.ip for vip in vips for address in vip.addresses}
    return tuple(
        replace(each, addresses=tuple(address for address in each.addresses if address.ip not in virtual))
        for each in interfaces
    )


def interface_of(vip: Vip, family: str, interfaces: Sequence[Interface]) -> Optional[str]:
    """Return the interface that holds the subnet of the VIP, or None; the interfaces are those `at_rest`."""
    if vip.interface:
        return vip.interface if any(each.name == vip.interface for each in interfaces) else None
    for address in vip.addresses_of(family):
        for interface in interfaces:
            if any(address in own.network for own in interface.addresses):
                return interface.name
    return None


def check_hosts(cluster: Cluster, hosts: Mapping[str, Sequence[Interface]]) -> None:
    """Check every VIP against the interfaces of these hosts.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    for host, interfaces in hosts.items():
        # What cannot move is found wrong itself, and still makes its subnet one of the host
        movable = [vip for vip in cluster.vips if vip.interface or not _owned(vip, interfaces)]
        resting = at_rest(interfaces, movable)
        for vip in (each for each in cluster.vips if each.may_be_on(host)):
            findings += _check(vip, host, interfaces, resting)
    if findings:
        raise Refused(findings)


def _owned(vip: Vip, interfaces: Sequence[Interface]) -> dict[str, str]:
    """Return the addresses of the VIP that are a host's own, with the name of their interface."""
    addresses = [str(address.ip) for address in vip.addresses]
    return {address: each.name for each in interfaces for address in addresses if address in each.own}


def _check(vip: Vip, host: str, interfaces: Sequence[Interface], resting: Sequence[Interface]) -> Iterator[Finding]:
    if vip.interface:
        names = [each.name for each in interfaces]
        if vip.interface not in names:
            message = f"{host} has no interface {vip.interface} (it has {', '.join(names)})"
            yield Finding(f"{vip.path}.interface", message)
        return
    owned = _owned(vip, interfaces)
    for number, address in enumerate(vip.addresses):
        where, ip = f"{vip.path}.addresses[{number}]", str(address.ip)
        if ip in owned:
            yield Finding(where, f"{ip} is the own address of {host} ({owned[ip]}), and cannot move")
        elif interface_of(Vip(vip.name, (address,)), f"ipv{address.version}", resting) is None:
            there = [f"{each.name} {own}" for each in interfaces for own in each.addresses if each.name != "lo"]
            have = ", ".join(there) or "it has no address"
            yield Finding(where, f"{address} is in no subnet of {host} ({have}); set interface to use it there")

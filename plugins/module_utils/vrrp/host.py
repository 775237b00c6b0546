# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a host's facts can tell: the interface of a VIP, and addresses that clash with the host's own."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence

from .. import shape
from ..errors import Finding, Refused
from ..shape import Field, InterfaceAddress
from .model import Cluster, Vip

INTERFACES = shape.list_of(
    shape.record(
        {
            "name": Field(shape.word, required=True),
            "addresses": Field(shape.list_of(shape.interface_address), required=True),
            "own": Field(shape.list_of(shape.address), required=True),
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
    interfaces = INTERFACES(raw, path, shape.collector(findings))
    if findings:
        raise Refused(findings)
    return tuple(Interface(each["name"], each["addresses"], frozenset(map(str, each["own"]))) for each in interfaces)


def read_hosts(raw: Any) -> dict[str, tuple[Interface, ...]]:
    """Read the interfaces of several hosts, by name of the host.

    Raises Refused with the findings of the first host that has any.
    """
    return {str(host): read_interfaces(each, f"interfaces.{host}") for host, each in raw.items()}


def interface_of(vip: Vip, family: str, interfaces: Sequence[Interface], vips: Sequence[Vip] = ()) -> Optional[str]:
    """Return the interface that holds the subnet of the VIP, or None. Addresses that are VIPs do not count."""
    if vip.interface:
        return vip.interface if any(each.name == vip.interface for each in interfaces) else None
    virtual = {address.ip for each in vips for address in each.addresses}
    for address in vip.addresses_of(family):
        for interface in interfaces:
            if any(address.ip in own.network and own.ip not in virtual for own in interface.addresses):
                return interface.name
    return None


def check_hosts(cluster: Cluster, hosts: Mapping[str, Sequence[Interface]]) -> None:
    """Check every VIP against the interfaces of these hosts.

    Raises Refused with every finding.
    """
    findings = []
    for vip in cluster.vips:
        for host, interfaces in hosts.items():
            findings += _check(cluster, vip, host, interfaces)
    if findings:
        raise Refused(findings)


def _check(cluster: Cluster, vip: Vip, host: str, interfaces: Sequence[Interface]) -> list[Finding]:
    own = (f"{each.name} {address}" for each in interfaces for address in each.addresses if each.name != "lo")
    have = ", ".join(own) or "it has no address"
    findings = []
    if vip.interface and interface_of(vip, "", interfaces) is None:
        names = ", ".join(each.name for each in interfaces)
        findings.append(Finding(f"{vip.path}.interface", f"{host} has no interface {vip.interface} (it has {names})"))
    for number, address in enumerate(vip.addresses):
        where = f"{vip.path}.addresses[{number}]"
        owner = next((each for each in interfaces if str(address.ip) in each.own), None)
        alone = Vip(vip.name, (address,))
        if owner and not vip.interface:
            findings.append(Finding(where, f"{address.ip} is the own address of {host} ({owner.name}), and cannot move"))
        elif not vip.interface and interface_of(alone, f"ipv{address.version}", interfaces, cluster.vips) is None:
            findings.append(Finding(where, f"{address} is in no subnet of {host} ({have}); set interface to use it there"))
    return findings

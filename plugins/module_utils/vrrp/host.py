# SPDX-License-Identifier: GPL-3.0-or-later
"""The interfaces of a host: the one of a VIP by its subnet, and VIPs that are a host's own address."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import Any, Iterator, Mapping, Optional, Sequence

from ..basics import schema
from ..basics.address import Network
from ..basics.errors import Finding, HaLbError, Refused
from ..basics.schema import Field, InterfaceAddress
from ..basics.visible import shortened
from ..basics.wording import few
from .links import Links, misplaced, networks_of, prefix_advice, strange_addresses
from .model import LOOPBACK, Cluster, Vip

MOST_INTERFACES = 10_000
INTERFACE_NAME = re.compile(r"[!-~]{1,64}\Z")
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
    """A network interface and its addresses; `own` are those that cannot be a VIP that keepalived has added."""

    name: str
    addresses: tuple[InterfaceAddress, ...] = ()
    own: frozenset[str] = frozenset()


def interfaces_from_facts(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the interfaces in `ansible_facts` as plain data: a list of {name, addresses, own}.

    The first IPv4 address is the interface's own: keepalived adds its VIPs as further addresses.
    Raises HaLbError where the facts are none of interfaces.
    """
    try:
        names = list(facts.get("interfaces", ()))
        if len(names) > MOST_INTERFACES:
            raise HaLbError(f"its facts have more than {MOST_INTERFACES} interfaces")
        return [_from_facts(name, facts) for name in names]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        reason = shortened(f"{type(error).__name__} {error}", 100)
        raise HaLbError(f"its facts about interfaces cannot be read: {reason}") from error


def _from_facts(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    if not INTERFACE_NAME.match(name):
        raise HaLbError(f"its facts have an interface {shortened(name, 30)!r}, which is no name of one")
    fact = facts.get(name.replace("-", "_").replace(".", "_").replace(":", "_"), {})
    first = [fact["ipv4"]] if "ipv4" in fact else []
    ipv4 = [f"{entry['address']}/{entry['netmask']}" for entry in first + list(fact.get("ipv4_secondaries", ()))]
    ipv6 = [f"{entry['address']}/{entry['prefix']}" for entry in fact.get("ipv6", ()) if entry.get("scope") == "global"]
    addresses = [str(ipaddress.ip_interface(address)) for address in ipv4 + ipv6]
    own = [str(ipaddress.ip_address(entry["address"])) for entry in first]
    return {"name": name, "addresses": addresses, "own": own}


def read_interfaces(raw: Any, path: str = "interfaces") -> tuple[Interface, ...]:
    """Read a list of interfaces in the form of `interfaces_from_facts`.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    records = INTERFACES(raw, path, schema.collector(findings))
    if findings:
        raise Refused(findings)
    return tuple(
        Interface(record["name"], record["addresses"], frozenset(map(str, record["own"]))) for record in records
    )


def read_hosts(raw: Any) -> dict[str, tuple[Interface, ...]]:
    """Read a mapping from hosts to their interfaces, in the form of `interfaces_from_facts`.

    Raises Refused with the findings of the first host that has any.
    """
    return {str(host): read_interfaces(interfaces, f"interfaces.{host}") for host, interfaces in raw.items()}


def at_rest(interfaces: Sequence[Interface], vips: Sequence[Vip]) -> tuple[Interface, ...]:
    """Return the interfaces without the VIPs, so that keepalived.conf does not depend on which node is active."""
    virtual = {address.ip for vip in vips for address in vip.addresses}
    return tuple(
        replace(interface, addresses=tuple(address for address in interface.addresses if address.ip not in virtual))
        for interface in interfaces
    )


def interface_of(vip: Vip, family: str, interfaces: Sequence[Interface]) -> Optional[str]:
    """Return the name of the interface in the subnet of a VIP, or its explicit one; None where the host has none.

    The interfaces must be those `at_rest`: else an interface that holds the VIP would count as in its subnet.
    """
    if vip.interface:
        return vip.interface if any(interface.name == vip.interface for interface in interfaces) else None
    for address in vip.addresses_of(family):
        for interface in interfaces:
            if any(address in own.network for own in interface.addresses):
                return interface.name
    return None


def check_hosts(cluster: Cluster, hosts: Mapping[str, Sequence[Interface]]) -> None:
    """Check every VIP, and the addresses of the nodes, against the interfaces of these hosts.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    for host, interfaces in hosts.items():
        # A VIP that is a host's own address is reported by `_check`. Do not subtract it here: its subnet is still on
        # that interface
        movable = [vip for vip in cluster.vips if vip.interface or not _owned(vip, interfaces)]
        resting = at_rest(interfaces, movable)
        for vip in (vip for vip in cluster.vips if vip.may_be_on(host)):
            findings += _check(vip, host, interfaces, resting)
        own = [address for interface in interfaces for address in interface.own]
        findings += strange_addresses(cluster, host, _links(interfaces), own)
    known = {finding.path for finding in findings}
    findings += [each for each in misplaced(cluster, _networks(cluster, hosts)) if each.path not in known]
    if findings:
        raise Refused(findings)


def host_advice(cluster: Cluster, hosts: Mapping[str, Sequence[Interface]]) -> list[str]:
    """Return a sentence for every VIP that fits into the subnets of these hosts, and hardly as it was meant."""
    return list(prefix_advice(cluster, _networks(cluster, hosts)))


def _networks(cluster: Cluster, hosts: Mapping[str, Sequence[Interface]]) -> Mapping[Network, tuple[str, str]]:
    return networks_of({host: _links(at_rest(interfaces, cluster.vips)) for host, interfaces in hosts.items()})


def _links(interfaces: Sequence[Interface]) -> Links:
    return [(interface.name, address) for interface in interfaces for address in interface.addresses]


def _owned(vip: Vip, interfaces: Sequence[Interface]) -> dict[str, str]:
    """Return the addresses of the VIP that are a host's own, with the name of their interface."""
    addresses = [str(address.ip) for address in vip.addresses]
    return {address: interface.name for interface in interfaces for address in addresses if address in interface.own}


def _check(vip: Vip, host: str, interfaces: Sequence[Interface], resting: Sequence[Interface]) -> Iterator[Finding]:
    if vip.interface:
        names = [interface.name for interface in interfaces]
        if vip.interface not in names:
            message = f"{host} has no interface {vip.interface} (it has {few(names)})"
            yield Finding(f"{vip.path}.interface", message)
        return
    owned = _owned(vip, interfaces)
    for number, address in enumerate(vip.addresses):
        where, ip = f"{vip.path}.addresses[{number}]", str(address.ip)
        if ip in owned:
            yield Finding(where, f"{ip} is the own address of {host} ({owned[ip]}), and cannot move")
        elif interface_of(Vip(vip.name, (address,)), f"ipv{address.version}", resting) is None:
            present = [
                f"{interface.name} {own}"
                for interface in interfaces
                for own in interface.addresses
                if interface.name != LOOPBACK
            ]
            have = few(present) or "it has no address"
            yield Finding(where, f"{address} is in no subnet of {host} ({have}); set interface to use it there")

# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server of LVS: its variables, and what of them contradicts itself or the host."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping

from ...basics import schema
from ...basics.address import Address, of_no_host
from ...basics.errors import Finding, HaLbError, told
from ...basics.schema import Report
from ...basics.variables import Readers, port, read_variables
from ...vrrp.host import interfaces_from_facts

PREFIX = "lvs_real_server_"
VIPS = f"{PREFIX}vips"
FORWARDING = f"{PREFIX}forwarding"
GATEWAYS = f"{PREFIX}gateways"
# The devices on which the VIPs of a real server are, so that one which is there already is no finding
OWN_DEVICES = ("lo", "tunl0", "ip6tnl0", "gre0", "ip6gre0")


def host_address(value: Any, path: str, report: Report) -> Any:
    """Read the address of one host, without a prefix length."""
    if isinstance(value, str) and "/" in value and schema.is_address(value.partition("/")[0]):
        schema.wrong_word(value, "has a prefix length, and none is wanted here", path, report)
        return schema.INVALID
    address = schema.address(value, path, report)
    if address and (why := of_no_host(address)):
        report(path, f"{address} is not an address that a host can have: it {why}")
        return schema.INVALID
    return address


VARIABLES: Readers = {
    VIPS: schema.list_of(host_address),
    FORWARDING: schema.choice("direct", "nat", "tunnel"),
    f"{PREFIX}tunnel": schema.choice("ipip", "gue", "gre"),
    f"{PREFIX}tunnel_port": port,
    GATEWAYS: schema.list_of(host_address),
}


def real_server_refusals(variables: Mapping[str, Any], facts: Mapping[str, Any]) -> List[str]:
    """Return what is wrong with the variables of a real server, alone and on the host of these facts, as sentences.

    `variables` are those of the role, by name; `facts` are `ansible_facts`.
    """
    findings: List[Finding] = []
    read_variables(VARIABLES, variables, schema.collector(findings))
    if not findings:
        findings += _contradictions(variables)
    if not findings:
        findings += _of_host(variables, facts)
    return [str(each) for each in told(findings)]


def _contradictions(variables: Mapping[str, Any]) -> Iterator[Finding]:
    nat = variables[FORWARDING] == "nat"
    vips, gateways = _addresses(variables, VIPS), _addresses(variables, GATEWAYS)
    if nat and vips:
        yield Finding(VIPS, "is for direct and tunnel: with nat the VIPs are on the directors alone")
    if not nat and not vips:
        yield Finding(VIPS, f"is empty: with {variables[FORWARDING]} a server needs the VIPs that it serves")
    if nat and not gateways:
        yield Finding(GATEWAYS, "is empty: with nat all answers go back through the directors, so name their VIP")
    if not nat and gateways:
        yield Finding(GATEWAYS, f"is for nat: with {variables[FORWARDING]} a server answers its clients itself")
    for name, addresses in ((VIPS, vips), (GATEWAYS, gateways)):
        for number, address in enumerate(addresses):
            if address in addresses[:number]:
                yield Finding(f"{name}[{number}]", f"{address} is already in {name}[{addresses.index(address)}]")
    first: Dict[int, Address] = {}
    for number, address in enumerate(gateways):
        if first.setdefault(address.version, address) != address:
            why = f"{address} is a second gateway for IPv{address.version} beside {first[address.version]}"
            yield Finding(f"{GATEWAYS}[{number}]", f"{why}, and a default route has one")


def _of_host(variables: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what only the host knows: a VIP on an interface that answers for it, a default route that leads away."""
    if "interfaces" not in facts:
        yield Finding("ansible_facts", "says nothing of interfaces: gather the facts of this host first")
        return
    try:
        there = {
            address.partition("/")[0]: interface["name"]
            for interface in interfaces_from_facts(facts)
            for address in interface["addresses"]
            if interface["name"] not in OWN_DEVICES
        }
    except HaLbError as error:
        yield Finding("ansible_facts", str(error))
        return
    for number, address in enumerate(_addresses(variables, VIPS)):
        if str(address) in there:
            asked = "ARP" if address.version == 4 else "neighbour discovery"
            why = f"{address} is on {there[str(address)]} of this host, which answers {asked} for it"
            yield Finding(f"{VIPS}[{number}]", f"{why}: take it away there, or leave it out here")
    for number, address in enumerate(_addresses(variables, GATEWAYS)):
        route = facts.get(f"default_ipv{address.version}")
        now = route.get("gateway") if isinstance(route, Mapping) else None
        if not schema.is_address(str(now)):
            yield Finding(f"{GATEWAYS}[{number}]", f"this host has no default route over IPv{address.version}: {SET}")
        elif schema.address(str(now), "", lambda path, message: None) != address:
            yield Finding(f"{GATEWAYS}[{number}]", f"the default route of this host leads to {now}: {SET}")


SET = "let it lead to the directors' VIP, in the configuration of its network"


def _addresses(variables: Mapping[str, Any], name: str) -> List[Address]:
    """Return the addresses of a list that has been read without a finding."""
    return list(VARIABLES[name](variables[name], name, lambda path, message: None))

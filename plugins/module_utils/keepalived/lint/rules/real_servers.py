# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the hosts behind a virtual server, without which packets or answers are lost.

The fact `real_servers` of a director has, by address: {addresses: {lo: [...]}, sysctls: {...}, gateway, interface}.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from ....lint.finding import Found, Rule, Severity
from ...config.model import ConfiguredNode
from ...config.virtual_servers import RealServer, VirtualServer, virtual_servers

QUIET = {"arp_ignore": 1, "arp_announce": 2}


def _answers_arp(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for server in virtual_servers(node):
            for real in server.reals if server.method == "DR" and server.ip else ():
                lacks = _lacks(node.facts.get("real_servers", {}).get(real.ip), server)
                if lacks:
                    yield Found(
                        node.name,
                        real.directive.place,
                        f"{real.ip} of {server.name} {lacks}",
                        effect=f"{real.ip} drops packets for {server.ip}"
                        if lacks.startswith("has not")
                        else f"{real.ip} answers for {server.ip} in place of the director, and gets all clients",
                    )


def _lacks(facts: Any, server: VirtualServer) -> str:
    if not isinstance(facts, Mapping):
        return ""
    local = [address.partition("/")[0] for each in facts.get("addresses", {}).values() for address in each]
    if server.ip not in local:
        return f"has not {server.ip} on lo or a dummy"
    for name, least in QUIET.items():
        value = _largest(facts, name)
        if value < least:
            return f"has {name} {value}, and DR needs {least}"
    return ""


def _largest(facts: Mapping[str, Any], name: str) -> int:
    """Return the effective value: the larger one of `all` and of the interface (ip-sysctl of Linux)."""
    keys = ("all", facts.get("interface", "all"))
    values = [str(facts.get("sysctls", {}).get(f"net.ipv4.conf.{key}.{name}", "0")) for key in keys]
    return max((int(each) for each in values if each.isdigit()), default=0)


def _one_way(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        virtual = {address.ip for instance in node.instances for address in (*instance.addresses, *instance.excluded)}
        forwards = str(node.facts.get("sysctls", {}).get("net.ipv4.ip_forward", "1"))
        servers = [each for each in virtual_servers(node) if each.method == "NAT"]
        if servers and forwards == "0":
            yield Found(
                node.name,
                servers[0].directive.place,
                f"{servers[0].name} has the method NAT, and net.ipv4.ip_forward is 0 on {node.name}",
                effect="answers of the servers do not get back to the clients",
                fix="set net.ipv4.ip_forward = 1 on all directors",
            )
        for server in servers:
            for real in server.reals:
                yield from _gateway(node, server, real, virtual)


def _gateway(node: ConfiguredNode, server: VirtualServer, real: RealServer, virtual: set[str]) -> Iterator[Found]:
    facts = node.facts.get("real_servers", {}).get(real.ip, {})
    gateway = facts.get("gateway", "")
    if gateway and gateway not in virtual:
        yield Found(
            node.name,
            real.directive.place,
            f"{real.ip} of {server.name} has the gateway {gateway}, which is no VIP of {node.name}",
            effect=f"answers of {real.ip} do not pass the director, and clients discard them",
        )


RULES = (
    Rule(
        id="LV201",
        severity=Severity.ERROR,
        title="a server behind DR that answers for the VIP, or does not have it",
        why="packets reach a server as the client sent them, and a server that answers ARP for the VIP gets them all",
        fix="put the VIP with /32 on lo, and set arp_ignore = 1 and arp_announce = 2, on every server",
        evidence="Linux, ip-sysctl, arp_ignore and arp_announce",
        check=_answers_arp,
        needs=("real_servers",),
    ),
    Rule(
        id="LV203",
        severity=Severity.ERROR,
        title="answers that do not come back through the director",
        why="with NAT the director must see both ways, and forward them",
        fix="let the director hold the servers' gateway as a VIP, and set net.ipv4.ip_forward = 1",
        evidence="ipvsadm(8), masquerading",
        check=_one_way,
        needs=("real_servers", "sysctls"),
    ),
)

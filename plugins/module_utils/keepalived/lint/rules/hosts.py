# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration compared with its host: interfaces, addresses, sysctls and processes."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, Mapping, Optional, Sequence, Union

from ....basics.wording import listed
from ....lint.finding import Found, Rule, Severity
from ...config.model import Address, ConfiguredInstance, ConfiguredNode

USUAL_INTERFACE = "eth0"
INTERPRETERS = ("python", "python3", "perl", "ruby", "bash", "sh", "java", "node", "php")
COMM_LENGTH = 15
Interface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]


def interface_of(instance: ConfiguredInstance, address: Optional[Address] = None) -> str:
    """Return the interface of an instance, or of one of its addresses (`dev`)."""
    options = address.options if address else ()
    named = options[options.index("dev") + 1 :][:1] if "dev" in options else ()
    return named[0] if named else instance.interface or USUAL_INTERFACE


def known_interfaces(node: ConfiguredNode) -> Mapping[str, Mapping[str, Any]]:
    """Return the fact `interfaces` by name: {name, addresses, own}."""
    return {entry["name"]: entry for entry in node.facts.get("interfaces", ())}


def sysctl(node: ConfiguredNode, interface: str, name: str) -> bool:
    """Tell whether a sysctl of net.ipv4.conf is on for this interface or for all."""
    sysctls = node.facts.get("sysctls", {})
    return any(str(sysctls.get(f"net.ipv4.conf.{each}.{name}", "0")) not in ("0", "") for each in ("all", interface))


def _no_interface(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        known = known_interfaces(node)
        for instance in node.instances if known else ():
            name, place = interface_of(instance), instance.at("interface")
            if name not in known:
                if node.setting("dynamic_interfaces") is None:
                    has = listed(each for each in known if each != "lo") or "none"
                    yield Found(
                        node.name,
                        place,
                        f"{instance.name} is on {name}, and {node.name} has no such interface: it has {has}",
                    )
            elif instance.family == "ipv4" and not _own_addresses(instance, known[name], node):
                yield Found(
                    node.name,
                    place,
                    f"{instance.name} is on {name}, which has no IPv4 address of its own on {node.name}",
                    effect=f"keepalived has no address to send from, and {node.name} stays in FAULT",
                    fix=f"give {name} an address on every node, or the instance an interface that has one",
                )


def _own_addresses(instance: ConfiguredInstance, interface: Mapping[str, Any], node: ConfiguredNode) -> Sequence[str]:
    virtual = {each.ip for one in node.instances for each in (*one.addresses, *one.excluded)}
    found = [each.partition("/")[0] for each in interface["addresses"]]
    return [each for each in found if (":" not in each and each not in virtual) or each in interface.get("own", ())]


def _not_virtual(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        configured = node.facts.get("configured_addresses", {})
        own = {ip: name for name, entry in known_interfaces(node).items() for ip in _primary(entry)}
        for instance in node.instances:
            for address in (*instance.addresses, *instance.excluded):
                where = configured.get(address.ip) or own.get(address.ip)
                if where:
                    yield Found(
                        node.name,
                        address.place,
                        f"{address.ip} of {instance.name} is an address of {node.name} itself, by {where}",
                    )


def _primary(entry: Mapping[str, Any]) -> Sequence[str]:
    """Return the own addresses of an interface, without those with /32, which keepalived may have added."""
    prefixes = dict(each.partition("/")[::2] for each in entry["addresses"])
    return [ip for ip in entry.get("own", ()) if prefixes.get(ip) != "32"]


def _odd_subnets(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        known = known_interfaces(node)
        for instance in node.instances:
            for address in instance.addresses:
                name = interface_of(instance, address)
                virtual = parsed(f"{address.ip}/{address.prefix}" if address.prefix else address.ip)
                if name in known and virtual and virtual.ip.is_link_local is False:
                    yield from _odd_subnet(node, address, name, virtual, known[name])


def _odd_subnet(
    node: ConfiguredNode, address: Address, name: str, virtual: Interface, entry: Mapping[str, Any]
) -> Iterator[Found]:
    subnets = [each for each in map(parsed, entry["addresses"]) if each and each.ip != virtual.ip]
    holders = [each for each in subnets if virtual.ip in each.network]
    if not holders and virtual.network.prefixlen < virtual.network.max_prefixlen:
        yield Found(
            node.name,
            address.place,
            f"{virtual} is in no subnet of {name} on {node.name}, which has {listed(map(str, subnets)) or 'none'}",
            effect=f"{node.name} has a route to {virtual.network} while it is active, and none otherwise",
        )
    same = [each for each in holders if each.network == virtual.network]
    if same and virtual.version == 4 and "sysctls" in node.facts and not sysctl(node, name, "promote_secondaries"):
        yield Found(
            node.name,
            address.place,
            f"{virtual} is in the same subnet as {same[0]} on {node.name}, and promote_secondaries is off",
            effect=f"when {same[0].ip} is taken off {name}, the kernel removes {virtual.ip} with it",
            fix="set net.ipv4.conf.all.promote_secondaries = 1, or write the VIP with /32",
            severity=Severity.INFO,
        )


def parsed(text: str) -> Optional[Interface]:
    """Parse an address with its prefix length; None if it is none."""
    try:
        return ipaddress.ip_interface(text)
    except ValueError:
        return None


def _proxy_arp(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            name = interface_of(instance)
            switched = [each for each in ("proxy_arp", "proxy_arp_pvlan") if sysctl(node, name, each)]
            if switched:
                yield Found(
                    node.name,
                    instance.at("interface"),
                    f"{instance.name} is on {name}, where {node.name} has {listed(switched)} on",
                )


def _no_processes(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        every = [*(each.tracks for each in node.instances), *(each.tracks for each in node.groups)]
        tracks = [track for each in every for track in each if track.kind == "process"]
        if tracks and node.facts.get("initial_namespaces") is False:
            yield Found(
                node.name,
                tracks[0].place,
                f"{node.name} tracks the process {tracks[0].name}, in a container or a network namespace",
                effect=f"the kernel tells {node.name} of no process, and "
                + ("its weight never changes" if tracks[0].weight else "it stays in FAULT"),
            )


def _never_matches(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for tracker in node.trackers:
            process = tracker.directive.last("process") if tracker.kind == "process" else None
            reason = _why_unmatched(process.arguments[0]) if process and process.arguments else ""
            if process and reason and tracker.directive.last("full_command", "param_match") is None:
                yield Found(
                    node.name, process.place, f"{tracker.name} looks for the process {process.arguments[0]}, {reason}"
                )


def _why_unmatched(name: str) -> str:
    if "/" in name:
        return "and processes have names without their folder"
    if len(name) > COMM_LENGTH:
        return f"and the kernel keeps {COMM_LENGTH} characters of a name"
    return "which any program in that language is" if name in INTERPRETERS else ""


RULES = (
    Rule(
        id="KA147",
        severity=Severity.ERROR,
        title="an interface that is not there, or has no address",
        why="keepalived does not start, or stays in FAULT",
        fix="name an interface that the node has, or set dynamic_interfaces if it comes later",
        evidence="acassen/keepalived #2091 and #2695",
        check=_no_interface,
        needs=("interfaces",),
    ),
    Rule(
        id="KA148",
        severity=Severity.ERROR,
        title="a VIP is an address of a node itself",
        why="two nodes have it while another is active, and this one loses it when keepalived starts",
        fix="take the address out of the network's configuration, and leave it to keepalived",
        evidence="acassen/keepalived #2091 and #2219",
        check=_not_virtual,
        needs=("interfaces", "configured_addresses"),
    ),
    Rule(
        id="KA149",
        severity=Severity.WARNING,
        title="a VIP that does not fit the subnets of its interface",
        why="the active node has a route that others have not, and answers from an address that clients did not ask",
        fix="write the VIP with /32, or with the prefix length of the subnet that it is in",
        evidence="ip-address(8); Linux, promote_secondaries",
        check=_odd_subnets,
        needs=("interfaces",),
    ),
    Rule(
        id="KA156",
        severity=Severity.WARNING,
        title="a backup answers for the VIP by proxy ARP",
        why="clients learn the MAC of a node that is not active",
        fix="set proxy_arp and proxy_arp_pvlan to 0 on that interface and on all",
        evidence="keepalived.conf(5), KERNEL SETTINGS",
        check=_proxy_arp,
        needs=("sysctls",),
    ),
    Rule(
        id="KA167",
        severity=Severity.WARNING,
        title="processes are tracked where the kernel does not tell of them",
        why="the process connector answers in the first namespaces only, so the process counts as not there",
        fix="run keepalived in the host's network and process namespaces, or check with a script",
        evidence="acassen/keepalived #1469; Linux, cn_proc; measured",
        check=_no_processes,
        needs=("initial_namespaces",),
    ),
    Rule(
        id="KA168",
        severity=Severity.INFO,
        title="the name of a process that none has",
        why="track_process compares with the kernel's name of a process, which is short and without a folder",
        fix="use the first 15 characters of the program's name, or full_command with param_match",
        evidence="acassen/keepalived #1708; proc(5), comm",
        check=_never_matches,
    ),
)

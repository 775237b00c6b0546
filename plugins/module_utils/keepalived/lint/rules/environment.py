# SPDX-License-Identifier: GPL-3.0-or-later
"""Firewalls and clouds that drop adverts, and network services that remove VIPs."""

from __future__ import annotations

import ipaddress
import re
from typing import Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Sequence, Set

from ....basics.schema import InterfaceAddress
from ....basics.wording import listed
from ....lint.finding import Found, Rule, Severity
from ...config.model import ConfiguredInstance, ConfiguredNode
from .hosts import interface_of, parsed

VRRP = re.compile(r"\b(112|vrrp)\b", re.IGNORECASE)
AH = re.compile(r"\b(51|ah)\b", re.IGNORECASE)
CHAIN = re.compile(r"type filter hook (input|output) [^;]*;(?: *policy (\w+);)?")
UNCONDITIONAL = re.compile(r"(counter( packets \d+ bytes \d+)? )?(drop|reject( with .*)?)\Z")
IPTABLES_POLICY = re.compile(r":(INPUT|OUTPUT) DROP\b")
IPTABLES_LAST = re.compile(r"-A (INPUT|OUTPUT) -j (DROP|REJECT)\b")
FROM_SOME = re.compile(
    r"(?:[io]if(?:name)?|-[io]|[sd]addr|-[sd]) (\{[^{}]*\}|\S+) (?:counter packets \d+ bytes \d+ )?(?:-j )?accept",
    re.IGNORECASE,
)
"""A rule that accepts everything on some interfaces, or from or to some addresses."""
WORD = re.compile(r"[\w.:/@-]+")
ACCEPT = re.compile(r"accept", re.IGNORECASE)
MOST_WALLS = 16  # of one firewall; a real one has two or four
WAYS = {"input": "in", "output": "out"}


class Wall(NamedTuple):
    """A chain that drops by default; `way` is input or output."""

    way: str
    rules: Sequence[str]


def walls(text: str) -> List[Wall]:
    """Return the chains that drop by default, from the output of `nft list ruleset` or `iptables-save`."""
    found = [
        Wall(way.lower(), [line for line in text.splitlines() if line.startswith(f"-A {way} ")])
        for way in sorted(
            {match.group(1) for match in (*IPTABLES_POLICY.finditer(text), *IPTABLES_LAST.finditer(text))}
        )
    ]
    for block in re.split(r"^[ \t]*chain ", text, flags=re.MULTILINE)[1:]:
        lines = [line.strip() for line in block.partition("\n\t}")[0].splitlines()]
        base = next(filter(None, map(CHAIN.match, lines)), None)
        if base and (base.group(2) == "drop" or any(UNCONDITIONAL.match(line) for line in lines)):
            found.append(Wall(base.group(1), lines))
    return found


def _closed(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        text = str(node.facts.get("firewall", ""))
        accepted = [protocol for protocol in (AH, VRRP) if _accepts(protocol, text)]
        for wall in walls(text)[:MOST_WALLS]:
            doors = _doors(wall)
            instance = next((each for each in node.instances if not _let_through(doors, accepted, each)), None)
            if instance:
                protocol = "AH" if instance.auth_type == "AH" else "VRRP"
                yield Found(
                    node.name,
                    instance.directive.place,
                    f"the firewall of {node.name} lets no {protocol} {WAYS[wall.way]}, which {instance.name} needs",
                )


def _accepts(protocol: re.Pattern[str], text: str) -> bool:
    """Tell whether a rule accepts a protocol. One in any chain counts: a base chain may jump there."""
    return any(protocol.search(line) and ACCEPT.search(line) for line in text.splitlines())


class _Doors(NamedTuple):
    """What a wall lets through whole: interfaces and other names, and networks by their prefix length."""

    names: FrozenSet[str]
    networks: Mapping[int, FrozenSet[object]]

    def open_to(self, peer: InterfaceAddress) -> bool:
        """Tell whether a peer is in one of the networks: a look for each length, however many there are."""
        return any(
            ipaddress.ip_network((peer.ip, length), strict=False) in networks
            for length, networks in self.networks.items()
            if length <= peer.max_prefixlen
        )


def _doors(wall: Wall) -> _Doors:
    named = {word for match in filter(None, map(FROM_SOME.search, wall.rules)) for word in WORD.findall(match.group(1))}
    networks: Dict[int, Set[object]] = {}
    for found in map(parsed, named):
        if found:
            networks.setdefault(found.network.prefixlen, set()).add(found.network)
    return _Doors(frozenset(named), {length: frozenset(each) for length, each in networks.items()})


def _let_through(doors: _Doors, accepted: Sequence[re.Pattern[str]], instance: ConfiguredInstance) -> bool:
    """Tell whether adverts of an instance pass: their protocol, their interface or a peer is accepted."""
    if (AH if instance.auth_type == "AH" else VRRP) in accepted or interface_of(instance) in doors.names:
        return True
    return any(doors.open_to(peer) for peer in (parsed(each.ip) for each in instance.peers or ()) if peer)


def _cloud(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        cloud = node.facts.get("cloud", "")
        for instance in node.instances if cloud else ():
            if instance.peers is None:
                yield Found(
                    node.name,
                    instance.directive.place,
                    f"{instance.name} speaks multicast, and {node.name} is a machine of {cloud}, which delivers none",
                )
            elif not _has_notify(node, instance):
                yield Found(
                    node.name,
                    instance.directive.place,
                    f"{instance.name} has nobody told of a change, and {node.name} is a machine of {cloud}",
                    effect="the cloud goes on delivering the VIP to the machine that it knows for it",
                    fix="have notify_master move it by the cloud's API, or let the cloud allow it on all nodes",
                    severity=Severity.WARNING,
                )


def _has_notify(node: ConfiguredNode, instance: ConfiguredInstance) -> bool:
    group = node.group_of(instance)
    keywords = ("notify", "notify_master")
    return instance.has(*keywords) or bool(group and group.directive.last(*keywords))


def _services(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        services = node.facts.get("network_services", ())
        if services and node.instances and node.facts.get("keeps_addresses") is False:
            first = node.instances[0]
            yield Found(
                node.name,
                first.directive.place,
                f"{listed(services)} runs on {node.name}, and is not told to keep addresses that are not its own",
                effect=f"when it restarts it removes {_first(first)}, and nobody holds it until keepalived notices",
            )


def _first(instance: ConfiguredInstance) -> str:
    return instance.addresses[0].ip if instance.addresses else "the VIPs"


RULES = (
    Rule(
        id="KA153",
        severity=Severity.ERROR,
        title="the firewall drops adverts",
        why="the nodes do not hear each other, and all of them are active",
        fix="accept IP protocol 112 (51 with auth_type AH) from the peers and to them",
        evidence="RFC 9568 §5.1.1.4; firewalld, rich rules",
        check=_closed,
        needs=("firewall",),
    ),
    Rule(
        id="KA154",
        severity=Severity.ERROR,
        title="a cloud that does not deliver adverts or VIPs",
        why="the nodes do not hear each other, or nobody reaches the VIP",
        fix="use unicast_peer, and have the cloud allow the VIP on all nodes or move it by its API",
        evidence="acassen/keepalived #1367; bosh CPI release #98",
        check=_cloud,
        needs=("cloud",),
    ),
    Rule(
        id="KA155",
        severity=Severity.WARNING,
        title="the network's service takes VIPs away",
        why="when it restarts it removes addresses that it did not set",
        fix="set KeepConfiguration=yes for networkd, or have NetworkManager not manage that interface",
        evidence="acassen/keepalived #836, #1385, #2479 and #2564; systemd.network(5)",
        check=_services,
        needs=("network_services", "keeps_addresses"),
    ),
)

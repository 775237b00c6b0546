# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy beside keepalived: it must listen at the VIPs, and be ready for a takeover and a reload."""

from __future__ import annotations

import ipaddress
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from ....basics.wording import differ, listed
from ....engines.contract.bind import Bind
from ....engines.haproxy.config import PATH, Line, Section, seconds
from ....lint.finding import Found, Rule, Severity
from ...config.model import ConfiguredNode
from ...config.virtual_servers import virtual_servers
from ...language.tree import Place
from .hosts import known_interfaces
from .proxy_files import binds, haproxy, place_of

LONG_SECONDS = 60.0
"""The longest acceptable time that an old worker stays after a reload."""
NONLOCAL = {4: "net.ipv4.ip_nonlocal_bind", 6: "net.ipv6.ip_nonlocal_bind"}


def _vips(node: ConfiguredNode) -> Dict[str, Place]:
    """Return {VIP: place} of a node, without link-local ones."""
    return {
        address.ip: address.place
        for instance in node.instances
        for address in (*instance.addresses, *instance.excluded)
        if not address.ip.lower().startswith("fe80:")
    }


def _cannot_bind(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        vips = _vips(node)
        for bind in binds(node):
            name = NONLOCAL[ipaddress.ip_address(bind.address).version] if bind.address in vips else ""
            if name and not bind.transparent and str(node.facts.get("sysctls", {}).get(name, "1")) == "0":
                yield Found(
                    node.name,
                    place_of(bind),
                    f"the proxy of {node.name} listens at {bind.address}, and {name} is 0",
                    effect=f"it does not start while another node has {bind.address}, so {node.name} cannot take over",
                    fix=f"set {name} = 1 on all nodes",
                )


def _unserved(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        found, vips = binds(node), _vips(node)
        balanced = {each.ip for each in virtual_servers(node)}
        for vip, place in vips.items() if found else ():
            if vip not in balanced and not _serves(found, vip):
                yield Found(
                    node.name,
                    place,
                    f"{node.name} can hold {vip}, and its proxy does not listen there",
                    effect=f"clients of {vip} are refused when {node.name} is active",
                )
        yield from _nowhere(node, found, vips)


def _serves(found: Sequence[Bind], vip: str) -> bool:
    family = "ipv6" if ":" in vip else "ipv4"
    return any(bind.address == vip or family in bind.families for bind in found)


def _nowhere(node: ConfiguredNode, found: Sequence[Bind], vips: Dict[str, Place]) -> Iterator[Found]:
    own = {address.partition("/")[0] for entry in known_interfaces(node).values() for address in entry["addresses"]}
    for bind in found if own and vips else ():
        address = bind.address
        if address and address not in vips and address not in own and not ipaddress.ip_address(address).is_loopback:
            yield Found(
                node.name,
                place_of(bind),
                f"the proxy of {node.name} listens at {address}, which is neither a VIP nor an address of it",
                effect=f"nobody reaches {address} on {node.name}",
                fix=f"add {address} to an instance on all nodes, or remove it from the proxy",
            )


def _peers(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    lists: Dict[str, Dict[str, Tuple[str, Place]]] = {}
    for node in nodes:
        for section in haproxy(node):
            if section.kind == "peers":
                names = [
                    line.words[1]
                    for line in section.lines[1:]
                    if line.words[0] in ("peer", "server") and line.words[1:]
                ]
                lists.setdefault(section.name, {})[node.name] = (listed(sorted(names)), place_of(section.lines[0]))
                yield from _not_among(node, section, names)
    for name, known in lists.items():
        peers = {node: names for node, (names, _place) in known.items()}
        if len(set(peers.values())) > 1:
            (node_name, (_names, place)), *_others = known.items()
            yield Found(node_name, place, f"in the peers section {name}, {differ(peers, 'the peers')}", values=peers)
    yield from _orders(nodes)


def _not_among(node: ConfiguredNode, section: Section, names: Sequence[str]) -> Iterator[Found]:
    local = [line for each in haproxy(node) if each.kind == "global" for line in each.all("localpeer")]
    name = local[-1].words[1] if local and local[-1].words[1:] else node.facts.get("hostname", "")
    if name and names and name not in names:
        yield Found(
            node.name,
            place_of(section.lines[0]),
            f"the peers section {section.name} of {node.name} has {listed(names)}, and haproxy is called {name} there",
        )


def _orders(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    """Yield backends with their servers in another order: stick tables that peers share refer to servers by number."""
    backends: Dict[str, Dict[str, Tuple[str, Place]]] = {}
    for node in nodes:
        shares = any(section.kind == "peers" for section in haproxy(node))
        for section in haproxy(node) if shares else ():
            servers = [line.words for line in section.all("server") if line.words[1:]]
            if section.kind in ("backend", "listen") and servers and not all("id" in words for words in servers):
                names = ", ".join(words[1] for words in servers)
                backends.setdefault(section.name, {})[node.name] = (names, place_of(section.lines[0]))
    for name, known in backends.items():
        orders = {node: order for node, (order, _place) in known.items()}
        if len(set(orders.values())) > 1:
            (node_name, (_order, place)), *_others = known.items()
            yield Found(
                node_name,
                place,
                f"in the backend {name}, {differ(orders, 'the servers')}",
                effect="a stick table names servers by their number, so clients go to another server after a failover",
                fix="write the servers in the same order on all nodes, or give each an id",
                values=orders,
            )


def _old_workers(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        sections = haproxy(node)
        everywhere = [section for section in sections if section.kind == "global"]
        graces = [line for section in sections for line in section.all("grace")]
        if graces:
            yield Found(
                node.name,
                place_of(graces[0]),
                f"haproxy of {node.name} has grace",
                effect="after a reload, old and new processes take connections side by side",
                fix="remove grace",
            )
        longest = _longest(sections)
        if longest and everywhere and not any(section.all("hard-stop-after") for section in everywhere):
            name = longest.words[1]
            yield Found(
                node.name,
                place_of(longest),
                f"haproxy of {node.name} has timeout {name} {longest.words[2]} and no hard-stop-after",
                effect=f"after a reload the old process stays while a connection does, idle up to {longest.words[2]}",
            )


def _longest(sections: Sequence[Section]) -> Optional[Line]:
    found: List[Tuple[float, Line]] = []
    for section in sections:
        for line in section.all("timeout"):
            if len(line.words) > 2 and line.words[1] in ("client", "server", "tunnel"):
                found.append((seconds(line.words[2]) or 0.0, line))
    worst = max(found, key=lambda each: each[0], default=None)
    return worst[1] if worst and worst[0] >= LONG_SECONDS else None


def _sockets(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        sections = [section for section in haproxy(node) if section.kind == "global"]
        sockets = [line for section in sections for line in section.all("stats", "socket")]
        if haproxy(node) and not sockets:
            first = place_of(sections[0].lines[0]) if sections else Place(PATH, 1)
            yield Found(
                node.name,
                first,
                f"haproxy of {node.name} has no stats socket",
                effect="nobody can drain a server, or see whether a reload has worked",
                fix="put stats socket /run/haproxy/admin.sock mode 660 level admin into global",
            )
        for line in sockets:
            mode = dict(zip(line.words, line.words[1:])).get("mode", "")
            if "admin" in line.words and mode[-1:] in ("2", "3", "6", "7"):
                yield Found(
                    node.name,
                    place_of(line),
                    f"the stats socket of haproxy on {node.name} has level admin and mode {mode}",
                    effect=f"every user of {node.name} can take servers out and stop the proxy",
                    fix="give it mode 660",
                )


RULES = (
    Rule(
        id="KA157",
        severity=Severity.ERROR,
        title="a proxy that cannot start on a backup",
        why="it listens at a VIP that the node does not have yet, so its check fails and the node cannot take over",
        fix="set net.ipv4.ip_nonlocal_bind = 1 and net.ipv6.ip_nonlocal_bind = 1 on all nodes",
        evidence="HAProxy Management Guide §13; ip(7)",
        check=_cannot_bind,
        needs=("sysctls",),
    ),
    Rule(
        id="HX301",
        severity=Severity.ERROR,
        title="keepalived and the proxy mean different addresses",
        why="after a failover the VIP is on a node whose proxy does not listen there",
        fix="have the proxy listen at every VIP on every node, or at all addresses",
        evidence="HAProxy Configuration Manual, bind; nginx, listen",
        check=_unserved,
        needs=("interfaces",),
    ),
    Rule(
        id="HX302",
        severity=Severity.WARNING,
        title="stick tables that are not shared, or mean other servers",
        why="haproxy finds itself by its name among its peers; without that nothing is synchronised",
        fix="write the same peers on all nodes, and set localpeer to the name that each has there",
        evidence="HAProxy Configuration Manual §11.2",
        check=_peers,
    ),
    Rule(
        id="HX303",
        severity=Severity.WARNING,
        title="old processes stay after a reload",
        why="they use memory and old configurations until their last connection ends",
        fix="put hard-stop-after into global, with the longest time that a client may need",
        evidence="haproxy/haproxy #155 and #2371; HAProxy Configuration Manual, hard-stop-after",
        check=_old_workers,
    ),
    Rule(
        id="HX304",
        severity=Severity.WARNING,
        title="no control socket, or one for everybody",
        why="a hand-over needs the socket, and whoever can write to it controls the proxy",
        fix="have one stats socket with level admin, for root and one group",
        evidence="HAProxy Management Guide §9.3",
        check=_sockets,
    ),
)

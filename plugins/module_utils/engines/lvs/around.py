# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that packets do not reach from where the nodes are, or from which replies do not come back."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, List, Mapping, Sequence, Tuple

from ...basics.schema import Report, is_address
from ...basics.wording import listed
from ...traffic.read import Records, pools_used
from ..contract.engine import Around

PACKAGE = "they come with Debian's package linux-image-amd64, and a container has those of its host"


def check_around(pools: Records, services: Records, around: Around, report: Report) -> None:
    """Report what does not go together; the records are by their paths."""
    for node, names in around.lacking.items():
        if names:
            one = len(names) == 1
            said = f"has no {'module' if one else 'modules'} {listed(names)}"
            report(f"hostvars[{node}].ha_lb_engine", f"is lvs, and the kernel of {node} {said}: {PACKAGE}")
    for path, raw in pools.items():
        users = [used for used in services.values() if raw["name"] in pools_used(used)]
        vips = list(dict.fromkeys(vip for used in users for vip in _vips(used)))
        servers = [
            (f"{path}.servers[{index}].address", ipaddress.ip_address(each["address"]))
            for index, each in enumerate(raw["servers"] or ())
            if each and each["address"] and is_address(each["address"])
        ]
        _check_families(raw, path, vips, servers, around, report)
        for where, address in servers:
            for why in _wrong_place(raw["forwarding"] or "direct", address, vips, around):
                report(where, f"{address} {why}")


def _vips(service: Mapping[str, Any]) -> Sequence[str]:
    return (service["vip"],) if service["vip"] else service["vips"] or ()


def _check_families(
    raw: Mapping[str, Any],
    path: str,
    vips: Sequence[str],
    servers: Sequence[Tuple[str, Any]],
    around: Around,
    report: Report,
) -> None:
    """Report addresses of VIPs for which no server is of their family, and a netmask for which two families come."""
    versions = {address.version for _where, address in servers}
    wanted = {each.version: (vip, each.ip) for vip in vips for each in around.vips.get(vip, ())}
    for version, (vip, ip) in wanted.items() if servers and raw["forwarding"] != "tunnel" else ():
        if version not in versions:
            why = "only forwarding tunnel leads from one family to the other"
            report(f"{path}.servers", f"none is of IPv{version}, and the VIP {vip} has {ip}: {why}")
    netmask = (raw["persistence"] or {}).get("netmask")
    if netmask and len(wanted) > 1:
        report(f"{path}.persistence.netmask", "is of one family, and the VIPs have both: use a pool for each")
    elif netmask and netmask > 32 and 4 in wanted:
        report(f"{path}.persistence.netmask", f"is {netmask}, and an address of IPv4 has 32 bits")


def _wrong_place(forwarding: str, address: Any, vips: Sequence[str], around: Around) -> Iterator[str]:
    node = next((name for name, own in around.nodes.items() if str(address) in own), None)
    if node is not None:
        yield f"is the node {node}, which cannot be a server of its own cluster: its packets would go round"
        return
    if forwarding == "direct":
        strange = [name for name, networks in around.networks.items() if not any(address in each for each in networks)]
        if strange:
            why = "a packet of forwarding direct goes no further than its segment; tunnel and nat do"
            yield f"is in no subnet of {listed(strange)}: {why}"
    if forwarding == "nat":
        yield from _no_way_back(address, vips, around)


def _no_way_back(address: Any, vips: Sequence[str], around: Around) -> Iterator[str]:
    """Say why replies would not come through the node that has the VIP: it must be the server's gateway."""
    gateways: List[str] = [name for name, own in around.vips.items() if any(address in each.network for each in own)]
    if around.vips and not gateways:
        yield "is in no subnet of a VIP, and with forwarding nat a VIP must be its gateway, or no reply comes back"
        return
    for vip in vips if gateways else ():
        if not set(around.moves_with.get(vip, (vip,))) & set(gateways):
            both = f"{vip} and {listed(gateways)}"
            yield f"has its gateway on another node than {vip} now and then: put {both} in one keepalived_sync_groups"

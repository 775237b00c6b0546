# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs now and cannot become, in one step, what is wanted: nodes that only left the inventory, VIPs that move."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence, Tuple

from ...basics.address import bare
from ...basics.errors import Refused
from ...vrrp.layout import instance_name
from ...vrrp.read import read_vips
from .input import read_configs
from .model import Node


def former_peers(
    configs: Sequence[Mapping[str, Any]],
    nodes: Iterable[Mapping[str, Any]],
    interfaces: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[str]:
    """Return the unicast peers of the configurations that are there which are no addresses of nodes.

    `interfaces` are those of each node, as facts: a node that speaks from another address is still one.
    """
    known = {bare(address) for each in interfaces.values() for one in each for address in one["addresses"]}
    for node in nodes:
        addresses = node["address"]
        known.update(addresses if isinstance(addresses, (list, tuple)) else [addresses], [node["ansible_host"]])
    peers = {str(peer.ip) for node in _read(configs) for each in node.instances for peer in each.peers or ()}
    return sorted(peers - set(map(str, known)))


def moved_addresses(configs: Sequence[Mapping[str, Any]], vips: Any) -> list[str]:
    """Say, a sentence each, which addresses would move from one instance to another that runs already.

    keepalived reads the new place of such an address before it gives up the old one, and is left without it
    (keepalived(8), HUP). Raises Refused for wrong VIPs.
    """
    wanted = {
        str(address.ip): (f"{vip.path}.addresses[{number}]", instance_name(vip, f"ipv{address.version}"))
        for vip in read_vips(vips)
        for number, address in enumerate(vip.addresses)
    }
    now = {address.ip: each.name for node in _read(configs) for each in node.instances for address in each.addresses}
    running = set(now.values())
    return [
        f"{wanted[ip][0]}: {ip} runs in {name}, and keepalived cannot move it to {wanted[ip][1]} in one step: run site "
        "without it first, and then with it there"
        for ip, name in now.items()
        if ip in wanted and wanted[ip][1] != name and wanted[ip][1] in running
    ]


def _read(configs: Sequence[Mapping[str, Any]]) -> Tuple[Node, ...]:
    try:
        return read_configs(configs)
    except Refused:  # none is there, or one that site replaces
        return ()

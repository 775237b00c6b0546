# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare running configurations with the inventory: nodes that left it, VIPs that move between running instances."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence, Tuple

from ...basics.address import bare
from ...basics.errors import Refused
from ...vrrp.layout import instance_name
from ...vrrp.read import read_vips
from .input import read_texts
from .model import ConfiguredNode


def former_peers(
    configs: Sequence[Mapping[str, Any]],
    nodes: Iterable[Mapping[str, Any]],
    interfaces: Mapping[str, Sequence[Mapping[str, Any]]],
    accepted: Sequence[str] = (),
) -> list[str]:
    """Return the unicast peers in running configurations that are neither nodes of the inventory nor `accepted`.

    `configs` is what read_texts takes, `nodes` are {address, ansible_host, …}, and `interfaces` the interface facts
    ({addresses, …}) by node: a node may send adverts from any of its addresses. A configuration that cannot be read,
    because keepalived is not set up there yet, has no peers.
    """
    known = {bare(address) for each in interfaces.values() for one in each for address in one["addresses"]}
    for node in nodes:
        addresses = node["address"]
        known.update(addresses if isinstance(addresses, (list, tuple)) else [addresses], [node["ansible_host"]])
    peers = {str(peer.ip) for node in _read(configs) for each in node.instances for peer in each.peers or ()}
    return sorted(peers - set(map(str, known)) - set(accepted))


def moved_addresses(configs: Sequence[Mapping[str, Any]], vips: Any) -> list[str]:
    """Return a sentence for every address that would move from one running instance to another.

    At a reload, keepalived takes the address up in its new instance before it gives it up in the old one, and is left
    without it (keepalived(8), HUP). `vips` is ha_lb_vips. Raises Refused for invalid VIPs.
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


def _read(configs: Sequence[Mapping[str, Any]]) -> Tuple[ConfiguredNode, ...]:
    try:
        return read_texts(configs)
    except Refused:  # no configuration yet, or an unreadable one that `site` replaces
        return ()

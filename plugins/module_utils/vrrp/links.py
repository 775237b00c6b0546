# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses held against the links of the hosts: a node's own must be there, and a VIP is to fit into their subnets."""

from __future__ import annotations

import ipaddress
from typing import Collection, Dict, Iterator, List, Mapping, Sequence, Tuple

from ..basics.address import InterfaceAddress, Network, of_no_host_there
from ..basics.errors import Finding
from ..basics.wording import few
from .model import LOOPBACK, Cluster, Node

Links = Sequence[Tuple[str, InterfaceAddress]]
"""The name of each interface with one of its addresses."""
Networks = Mapping[Network, Tuple[str, str]]
"""The subnets of all hosts, each with the first host that is in it, and by which interface."""


def networks_of(hosts: Mapping[str, Links]) -> Networks:
    """Return the subnets that links of these hosts are in; their addresses are without VIPs."""
    networks: Dict[Network, Tuple[str, str]] = {}
    for host, links in hosts.items():
        for name, address in links:
            if name != LOOPBACK and address.network.num_addresses > 1:
                networks.setdefault(address.network, (host, name))
    return networks


def strange_addresses(cluster: Cluster, host: str, links: Links, own: Collection[str]) -> Iterator[Finding]:
    """Find addresses from which a node is to speak to its peers, and which it does not have.

    Facts have no link-local addresses of IPv6, and some hosts give none at all: then nothing is known.
    """
    here = {*own, *(str(address.ip) for _name, address in links)}
    node = next((each for each in cluster.nodes if each.name == host), None)
    known = few(f"{name} {address.ip}" for name, address in links if name != LOOPBACK)
    for variable, address in _sources(cluster, node) if node and known else ():
        if address not in here and not ipaddress.ip_address(address).is_link_local:
            yield Finding(f"hostvars[{host}].{variable}", f"{address} is on no interface of {host} ({known})")


def _sources(cluster: Cluster, node: Node) -> Iterator[Tuple[str, str]]:
    """Yield the addresses of a node from which its adverts come, with the variable that each was given by."""
    if cluster.settings.transport == "unicast" and len(cluster.nodes) > 1:
        vips = [vip for vip in cluster.vips if vip.may_be_on(node.name)]
        sources = {node.peer_address(vip, family) for vip in vips for family in vip.families}
        for address in sorted(filter(None, sources)):
            yield "ha_lb_address" if address in node.addresses else "ansible_host", address


def misplaced(cluster: Cluster, networks: Networks) -> Iterator[Finding]:
    """Find VIPs that are the network or the broadcast address of a link, whatever their own prefix length."""
    for where, address, around in _placed(cluster, networks):
        for network in around:
            why = of_no_host_there(address.ip, network)
            if why and not of_no_host_there(address.ip, address.network):
                host, name = networks[network]
                yield Finding(where, f"{address.ip} {why}, the subnet of {name} of {host}")
                break


def prefix_advice(cluster: Cluster, networks: Networks) -> Iterator[str]:
    """Yield a warning for each address of a VIP that has another prefix length than the link that it is on.

    A prefix of one address (/32, /128) says nothing of the link, and is right on each.
    """
    for where, address, around in _placed(cluster, networks):
        if around and address.network not in around and address.network.num_addresses > 1:
            host, name = networks[around[0]]
            yield (
                f"{where}: {address} has another prefix length than {name} of {host} ({around[0]}), so the active node "
                f"takes {address.network} for a link of its own"
            )


def _placed(cluster: Cluster, networks: Networks) -> Iterator[Tuple[str, InterfaceAddress, List[Network]]]:
    """Yield each address of a VIP with its path, and the subnets that it is in."""
    for vip in cluster.vips:
        for number, address in enumerate(vip.addresses):
            around = [each for each in networks if each.version == address.version and address.ip in each]
            yield f"{vip.path}.addresses[{number}]", address, around

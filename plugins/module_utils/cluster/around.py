# SPDX-License-Identifier: GPL-3.0-or-later
"""What is around the servers, from the input and from what the hosts say of their interfaces."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Sequence

from ..basics.address import bare
from ..basics.schema import InterfaceAddress, is_address
from ..engines.contract.engine import Around
from ..traffic.servers import parsed_addresses


def around_of(
    variables: Mapping[str, Any], nodes: Any, interfaces: Mapping[str, Any], lacking: Mapping[str, Sequence[str]]
) -> Around:
    """Return what an engine is told of the nodes, also where the input is wrong otherwise: others report that.

    `interfaces` are by host as vrrp.host.interfaces_from_facts has them, `lacking` the names of modules by host.
    """
    vips = addresses_of(variables.get("ha_lb_vips"))
    taken = {address.ip for addresses in vips.values() for address in addresses}
    at_rest = {
        host: [each for each in _of_interfaces(said) if each.ip not in taken] for host, said in interfaces.items()
    }
    own = {str(node.get("name")): _listed(node.get("address")) for node in _mappings(nodes)}
    for host, addresses in at_rest.items():
        own.setdefault(host, []).extend(str(each.ip) for each in addresses)
    return Around(
        vips=vips,
        moves_with={vip: _group(vip, variables.get("keepalived_sync_groups")) for vip in vips},
        nodes=own,
        networks={host: [each.network for each in addresses] for host, addresses in at_rest.items()},
        lacking=lacking,
    )


def addresses_of(vips: Any) -> Dict[str, List[InterfaceAddress]]:
    """Return the addresses of VIPs by name, also of those that are wrong otherwise: who asks for one is right."""
    named = (vip for vip in _mappings(vips) if "name" in vip)
    return {str(vip["name"]): parsed_addresses(vip.get("addresses")) for vip in named}


def _of_interfaces(said: Any) -> List[InterfaceAddress]:
    return [each for interface in _mappings(said) for each in parsed_addresses(interface.get("addresses"))]


def _group(vip: str, groups: Any) -> List[str]:
    """Return the VIPs of the sync group that has this one."""
    found = [str(each) for group in _mappings(groups) if vip in _raw(group.get("vips")) for each in _raw(group["vips"])]
    return found or [vip]


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in _raw(value) if isinstance(each, Mapping))


def _raw(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _listed(address: Any) -> List[str]:
    given = address if isinstance(address, (list, tuple)) else [address]
    return [bare(each) for each in given if isinstance(each, str) and is_address(each)]

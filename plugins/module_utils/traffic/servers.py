# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a server can be: addresses to which no connection leads, or one that leads back to the balancer."""

from __future__ import annotations

import ipaddress
from typing import Any, Collection, Dict, List, Mapping

from ..basics import schema
from ..basics.address import Address, of_no_host_there
from ..basics.schema import InterfaceAddress, Report


def parsed_addresses(written: Any) -> List[InterfaceAddress]:
    """Return the addresses of a VIP, with their prefix lengths; nothing of what is none."""
    listed = written if isinstance(written, (list, tuple)) else ()
    read = [schema.interface_address(each, "", lambda path, message: None) for each in listed]
    return [each for each in read if each is not schema.INVALID]


def check_places(places: Mapping[str, Mapping[str, Any]], vips: Collection[str], report: Report) -> None:
    """Report servers that are a VIP, or the name of a whole subnet of one; where `vips` has their addresses."""
    taken = _taken(vips) if isinstance(vips, Mapping) else {}
    for path, pool in places.items():
        for index, server in enumerate(pool["servers"] or ()):
            address = server["address"] if server else None
            if address and schema.is_address(address) and ipaddress.ip_address(address) in taken:
                why = taken[ipaddress.ip_address(address)]
                report(f"{path}.servers[{index}].address", f"{address} {why}")


def _taken(vips: Mapping[str, List[InterfaceAddress]]) -> Dict[Address, str]:
    """Return what no server can have beside these VIPs, and why: their addresses, and the ends of their subnets."""
    found: Dict[Address, str] = {}
    for vip, addresses in vips.items():
        for each in addresses:
            for end in (each.network.network_address, each.network.broadcast_address):
                why = of_no_host_there(end, each.network)
                if why:
                    found.setdefault(end, f"{why}, the subnet of the VIP {vip}")
    own = {each.ip: f"is the VIP {vip}: a balancer would ask itself" for vip, all_of in vips.items() for each in all_of}
    return {**found, **own}

# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a server can be: addresses to which no connection leads, or one that leads back to the balancer."""

from __future__ import annotations

import ipaddress
from typing import Any, Collection, List, Mapping

from ..basics import schema
from ..basics.address import of_no_host_there
from ..basics.schema import InterfaceAddress, Report


def parsed_addresses(written: Any) -> List[InterfaceAddress]:
    """Return the addresses of a VIP, with their prefix lengths; nothing of what is none."""
    listed = written if isinstance(written, (list, tuple)) else ()
    read = [schema.interface_address(each, "", lambda path, message: None) for each in listed]
    return [each for each in read if each is not schema.INVALID]


def check_places(places: Mapping[str, Mapping[str, Any]], vips: Collection[str], report: Report) -> None:
    """Report servers that are a VIP, or the name of a whole subnet of one; where `vips` has their addresses."""
    here = vips if isinstance(vips, Mapping) else {}
    for path, pool in places.items():
        for index, server in enumerate(pool["servers"] or ()):
            if server and server["address"] and schema.is_address(server["address"]):
                wrong = _wrong(ipaddress.ip_address(server["address"]), here)
                if wrong:
                    report(f"{path}.servers[{index}].address", f"{server['address']} {wrong}")


def _wrong(address: Any, vips: Mapping[str, List[InterfaceAddress]]) -> str:
    for vip, addresses in vips.items():
        for each in addresses:
            if address == each.ip:
                return f"is the VIP {vip}: a balancer would ask itself"
            why = of_no_host_there(address, each.network)
            if why:
                return f"{why}, the subnet of the VIP {vip}"
    return ""

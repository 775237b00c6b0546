# SPDX-License-Identifier: GPL-3.0-or-later
"""Services and pools as plain data: what the filter `service_layout` returns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..vrrp.read import read_vips
from .read import read_traffic


def services_result(services: Any, vips: Any, pools: Any = ()) -> dict[str, Any]:
    """Return `services`, each with the addresses it listens on, and `pools`.

    Raises Refused with every finding.
    """
    addresses = {vip.name: [str(each.ip) for each in vip.addresses] for vip in read_vips(vips)}
    traffic = read_traffic(services, pools, list(addresses))
    return {
        "services": [
            {**asdict(each), "addresses": [address for vip in each.vips for address in addresses[vip]]}
            for each in traffic.services
        ],
        "pools": [asdict(each) for each in traffic.pools],
    }

# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes that are both active for one VIP, as the tasks of `explain` register it, for tests that change one thing.

As it stands, nothing explains it: each hears the other, and takes its adverts.
"""

from __future__ import annotations

import copy
from typing import Any

VIP = "192.0.2.10"
MACS = {"lb1": "52:54:00:00:00:01", "lb2": "52:54:00:00:00:02"}
ADDRESSES = {"lb1": "192.0.2.11", "lb2": "192.0.2.12"}
PRIORITIES = {"lb1": 254, "lb2": 250}
OTHER = {"lb1": "lb2", "lb2": "lb1"}
UNICAST = """global_defs {{
    vrrp_version 3
}}
vrrp_instance web {{
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int 0.1
    unicast_src_ip {address}
    unicast_peer {{
        {peer} min_ttl 255 max_ttl 255
    }}
    virtual_ipaddress {{
        192.0.2.10/24
    }}
}}
"""
VERSION_2 = """vrrp_instance web {{
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass "secret12"
    }}
    virtual_ipaddress {{
        192.0.2.10/24
    }}
}}
"""


def advert(node: str, at: str, **changes: Any) -> dict[str, Any]:
    """Return what is heard on one node of the adverts of another, or of its own."""
    return {
        **{"interface": "eth0", "vlan": None, "family": "ipv4", "vrid": 51, "source": ADDRESSES[node]},
        **{"mac": MACS[node], "macs": [MACS[node]], "protocol": "vrrp3", "destination": ADDRESSES[OTHER[node]]},
        **{"priority": PRIORITIES[node], "priorities": [PRIORITIES[node]], "interval_seconds": 0.1},
        **{"addresses": [VIP], "auth": "none", "ttl": 255, "checksum": "ipv4 pseudo-header", "adverts": 40},
        **{"seconds": 3.9, "own": node == at, "goodbye": False, **changes},
    }


def info(node: str, received: int, **changes: Any) -> dict[str, Any]:
    """Return what vrrp_info says of an active node."""
    instance = {
        **{"name": "web", "vrid": 51, "interface": "eth0", "state": "MASTER", "priority": PRIORITIES[node]},
        **{"effective_priority": PRIORITIES[node], "addresses": [f"{VIP}/24"], "held": [f"{VIP}/24"]},
        **{"adverts_received": received, "adverts_sent": 100, **changes},
    }
    return {"running": True, "proxy": "ok", "instances": [instance], "held": [VIP]}


def node(name: str, config: str = UNICAST) -> dict[str, Any]:
    """Return what is registered for one node."""
    text = config.format(priority=PRIORITIES[name], address=ADDRESSES[name], peer=ADDRESSES[OTHER[name]])
    interfaces = [{"name": "eth0", "addresses": [f"{ADDRESSES[name]}/24", f"{VIP}/24"], "own": []}]
    return {
        "earlier": info(name, 1000),
        "now": info(name, 1050),
        "wire": {
            "heard": [advert(name, name), advert(OTHER[name], name)],
            "answers": [
                {"address": VIP, "interface": "eth0", "macs": sorted(MACS.values()), "own": True},
                {"address": ADDRESSES[OTHER[name]], "interface": "eth0", "macs": [MACS[OTHER[name]]], "own": False},
            ],
            "macs": [MACS[name]],
        },
        "config": {
            "config": {
                **{"node": name, "path": "keepalived.conf", "content": text, "included": []},
                "facts": {"keepalived_version": "2.3.3", "interfaces": interfaces, "firewall": ""},
            },
        },
    }


def torn(config: str = UNICAST) -> dict[str, dict[str, Any]]:
    """Return what is registered for both, to be changed at will."""
    return {name: copy.deepcopy(node(name, config)) for name in MACS}


def edit(hostvars: dict[str, dict[str, Any]], name: str, old: str, new: str) -> None:
    """Change a node's configuration."""
    config = hostvars[name]["config"]["config"]
    assert old in config["content"], f"{old} is not there"
    config["content"] = config["content"].replace(old, new)


def load(hostvars: dict[str, dict[str, Any]], name: str, **changes: Any) -> None:
    """Let a node run with other values than those it had, as after a reload."""
    for look in ("earlier", "now"):
        hostvars[name][look]["instances"][0].update({key: changes[key] for key in ("vrid",) if key in changes})
    for each in hostvars[name]["wire"]["heard"]:
        if each["own"]:
            each.update(changes)

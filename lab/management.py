# SPDX-License-Identifier: GPL-3.0-or-later
"""The management network: a bridge on this machine, only for SSH, without a way out.

A podman network would enable IP forwarding on the whole machine.
"""

from __future__ import annotations

import ipaddress
import json

from lab.engine import as_root, execute, find
from lab.namespace import ip, mac_of, pid_of

NIC = "mgmt0"
RANGE = ipaddress.ip_network("10.213.0.0/16")
PREFIX_LENGTH = 24
FIRST_HOST = 11


def build(prefix: str, nodes: int) -> list[str]:
    """Create the bridge in a subnet that this machine has no route to; return an address for every node."""
    routes = json.loads(execute(as_root(find("ip"), "-json", "route")).stdout)
    taken = [ipaddress.ip_network(route["dst"]) for route in routes if route["dst"] != "default"]
    subnet = next(
        each for each in RANGE.subnets(new_prefix=PREFIX_LENGTH) if not any(each.overlaps(other) for other in taken)
    )
    bridge = _bridge(prefix)
    ip(
        None,
        f"link add {bridge} type bridge stp_state 0",
        f"address add {subnet[1]}/{PREFIX_LENGTH} dev {bridge}",
        f"link set {bridge} up",
    )
    return [str(subnet[FIRST_HOST + number]) for number in range(nodes)]


def plug(prefix: str, container: str, address: str, *, addressed: bool = True) -> None:
    """Connect a node to the bridge, and give its NIC the address unless the node does so itself."""
    port, pid = _bridge(prefix) + address.rpartition(".")[2], pid_of(container)
    # The port of a killed container may exist for a moment longer
    ip(None, f"link delete {port}", check=False)
    ip(
        None,
        f"link add {port} type veth peer name {NIC} address {mac_of(port)} netns {pid}",
        f"link set {port} addrgenmode none master {_bridge(prefix)} up",
    )
    ip(pid, f"link set {NIC} up", *([f"address add {address}/{PREFIX_LENGTH} dev {NIC}"] if addressed else []))


def remove(prefix: str) -> None:
    """Remove the bridge and its ports, if they exist."""
    bridge = _bridge(prefix)
    links = json.loads(execute(as_root(find("ip"), "-json", "link")).stdout)
    # A port may outlive its container, or vanish between listing and deletion
    for name in (link["ifname"] for link in links if link["ifname"].startswith(bridge)):
        ip(None, f"link delete {name}", check=False)


def _bridge(prefix: str) -> str:
    return "evk" + prefix.rpartition("-")[2]

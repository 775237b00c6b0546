# SPDX-License-Identifier: GPL-3.0-or-later
"""The service network: a Linux bridge in the network namespace of a container that does nothing else.

It is no network of podman's and has no leg on this machine, so that any addresses can be used on it, those of this
machine's own networks included, and a node's cable is pulled where a cable is pulled: at the switch.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable

from lab.engine import LabError, as_root, execute, find, podman

BRIDGE = "switch0"
NIC = "eth0"

# What examples use and is not on the service network must not leave by the management network's NAT: there, such an
# address is somebody else's. (Not 203.0.113.0/24: a sandbox's resolver may place Debian's archive there.)
NOWHERE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "192.0.2.0/24", "198.51.100.0/24")
LAST_RESORT_METRIC = 4278198272


def build(switch: str) -> None:
    """Make the bridge in a switch container that has just been started."""
    _ip(
        _pid(switch),
        f"link add {BRIDGE} type bridge stp_state 0 mcast_snooping 0 forward_delay 0",
        f"link set {BRIDGE} addrgenmode none up",
    )


def plug(switch: str, node: str, container: str, addresses: Iterable[str]) -> None:
    """Lay the cable from a port named after the node to the node's NIC, and put its addresses there."""
    switch_pid, node_pid = _pid(switch), _pid(container)
    # The port of a container that was killed may outlive it for a moment
    _ip(switch_pid, f"link delete {node}", check=False)
    _ip(
        switch_pid,
        f"link add {node} type veth peer name {NIC} address {_mac(node)} netns {node_pid}",
        f"link set {node} addrgenmode none master {BRIDGE} up",
    )
    _ip(
        node_pid,
        *(f"route add unreachable {range_} metric {LAST_RESORT_METRIC}" for range_ in NOWHERE),
        f"link set {NIC} up",
        *(_address_command(address) for address in addresses),
    )


def set_link(switch: str, node: str, *, up: bool) -> None:
    """Pull a node's cable, or put it back: the node loses its carrier."""
    _ip(_pid(switch), f"link set {node} {'up' if up else 'down'}")


def _address_command(address: str) -> str:
    detection = " nodad" if ipaddress.ip_interface(address).version == 6 else " broadcast +"
    return f"address add {address} dev {NIC}{detection}"


def _mac(node: str) -> str:
    """Return the node's own locally administered address: a NIC keeps its own over a power cut."""
    return ":".join(["02", *(f"{byte:02x}" for byte in hashlib.sha256(node.encode()).digest()[:5])])


def _pid(container: str) -> int:
    pid = int(podman("inspect", "--format", "{{.State.Pid}}", container).stdout)
    if pid == 0:
        raise LabError(f"{container} is not running")
    return pid


def _ip(pid: int, *commands: str, check: bool = True) -> None:
    inside = as_root("nsenter", "--target", str(pid), "--net", find("ip"), "-batch", "-")
    execute(inside, check=check, stdin="\n".join(commands) + "\n")

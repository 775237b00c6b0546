# SPDX-License-Identifier: GPL-3.0-or-later
"""The service network: a Linux bridge in the network namespace of a container of its own.

It is not connected to this machine, so it may use any addresses, even those of this machine's own networks. A node's
cable is pulled at the switch, so that the node loses its carrier.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from lab.namespace import ip, mac_of, pid_of

BRIDGE = "switch0"
NIC = "eth0"


def build(switch: str) -> None:
    """Create the bridge in a switch container that has just been started."""
    ip(
        pid_of(switch),
        f"link add {BRIDGE} type bridge stp_state 0 mcast_snooping 0 forward_delay 0",
        f"link set {BRIDGE} addrgenmode none up",
    )


def plug(switch: str, node: str, container: str, addresses: Iterable[str]) -> None:
    """Connect a node's NIC to a port named after the node, and add its addresses."""
    switch_pid, node_pid = pid_of(switch), pid_of(container)
    # The port of a killed container may exist for a moment longer
    ip(switch_pid, f"link delete {node}", check=False)
    ip(
        switch_pid,
        f"link add {node} type veth peer name {NIC} address {mac_of(node)} netns {node_pid}",
        f"link set {node} addrgenmode none master {BRIDGE} up",
    )
    ip(
        node_pid,
        f"link set {NIC} up",
        *(f"address add {address_options(address)} dev {NIC}" for address in addresses),
    )


def delete(switch: str, node: str) -> None:
    """Delete a node's NIC, with all its addresses; `plug` makes it again."""
    ip(pid_of(switch), f"link delete {node}")


def set_link(switch: str, node: str, *, up: bool) -> None:
    """Pull a node's cable (its carrier is lost), or put it back."""
    ip(pid_of(switch), f"link set {node} {'up' if up else 'down'}")


def address_options(address: str) -> str:
    """Return an address with what ip-address(8) must know of it."""
    return f"{address} nodad" if ipaddress.ip_interface(address).version == 6 else f"{address} broadcast +"

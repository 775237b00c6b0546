# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel of a node must have: modules, and settings with their reasons (Linux, ipvs-sysctl)."""

from __future__ import annotations

from typing import Any, Mapping, Tuple

from ...traffic.model import Traffic
from .schedulers import BY_ADDRESS, scheduler

REFRESH = 10  # seconds after which a connection that is used is told to the other nodes again
PREEMPT_DELAY = 2.0 * REFRESH
"""How long a node that returns waits: until it was told of every connection that is used, with as much time again."""


def kernel_modules(traffic: Traffic) -> Tuple[str, ...]:
    """Return the names of the modules, in the order in which they are loaded; into tunnels, ip_vs packs by itself."""
    return tuple(dict.fromkeys(["ip_vs", *(f"ip_vs_{scheduler(pool.algorithm)}" for pool in traffic.pools)]))


def settings(traffic: Traffic) -> Mapping[str, Any]:
    """Return C({refresh_seconds, nat, hashing, ping}): what the template of the settings has to know of the traffic.

    `nat` are the families with forwarding nat, `hashing` tells whether nodes agree on the server of a client, `ping`
    whether a server is asked by ICMP.
    """
    natted = [server.address for pool in traffic.pools if pool.layer4.forwarding == "nat" for server in pool.servers]
    return {
        "refresh_seconds": REFRESH,
        "nat": sorted({"ipv6" if ":" in address else "ipv4" for address in natted}),
        "hashing": any(scheduler(pool.algorithm) in BY_ADDRESS for pool in traffic.pools),
        "ping": any(pool.check.kind == "ping" for pool in traffic.pools),
    }

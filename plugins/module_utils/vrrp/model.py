# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster as values: nodes, VIPs, protocol settings, and the layout that is derived from them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Mapping, Optional

from ..basics.address import family_of
from ..basics.schema import InterfaceAddress

VRIDS = range(1, 256)  # RFC 9568 §5.2.3
PRIORITIES = range(1, 255)  # RFC 9568 §5.2.4; 0 is the goodbye, 255 belongs to the owner of the address
LOOPBACK = "lo"
ADVERT_INTERVAL = {2: 1.0, 3: 0.1}  # seconds, by version: version 2 has whole seconds only (RFC 3768 §5.3.7)
PREEMPT_DELAY = 5.0  # seconds for which a node that returns leaves its VIPs to their holder


@dataclass(frozen=True)
class Node:
    """A load balancer, and the addresses at which its peers reach it."""

    name: str
    addresses: tuple[str, ...] = ()
    ansible_host: str = ""

    def peer_address(self, vip: Vip, family: str) -> Optional[str]:
        """Return the source address of adverts to the peers, or None.

        It is the configured one of this family, else `ansible_host` where that is in a subnet of the VIP.
        """
        for address in self.addresses:
            if family_of(address) == family:
                return address
        if self.ansible_host and any(
            ipaddress.ip_address(self.ansible_host) in address.network for address in vip.addresses_of(family)
        ):
            return self.ansible_host
        return None


@dataclass(frozen=True)
class Vip:
    """The virtual addresses of a service; it has one VRRP instance for every family of its addresses."""

    name: str
    addresses: tuple[InterfaceAddress, ...]
    interface: Optional[str] = None
    vrid: Optional[int] = None
    prefer: tuple[str, ...] = ()
    pin: tuple[str, ...] = ()
    priorities: Optional[Mapping[str, int]] = None
    dns_name: Optional[str] = None
    path: str = field(default="", compare=False)  # in the input, for findings: ha_lb_vips[0]

    @property
    def families(self) -> tuple[str, ...]:
        """The families of its addresses, ipv4 first."""
        return tuple(family for family in ("ipv4", "ipv6") if self.addresses_of(family))

    def may_be_on(self, node: str) -> bool:
        """Tell whether `pin` allows the VIP on this node."""
        return node in self.pin or not self.pin

    def addresses_of(self, family: str) -> tuple[InterfaceAddress, ...]:
        """Return the addresses of one family."""
        return tuple(each for each in self.addresses if f"ipv{each.version}" == family)


@dataclass(frozen=True)
class Settings:
    """The VRRP settings of all instances of a cluster; times are in seconds."""

    version: int = 3
    transport: str = "unicast"
    advert_interval: float = ADVERT_INTERVAL[3]
    down_timer_adverts: int = 3
    auth_pass: str = ""
    vmac: bool = False
    preempt: bool = True
    preempt_delay: float = PREEMPT_DELAY


@dataclass(frozen=True)
class Uplink:
    """An address that a node must reach, by ICMP or, with a port, by TCP."""

    address: str
    port: Optional[int] = None
    interval_seconds: float = 1.0
    fall: int = 3
    rise: int = 2
    path: str = field(default="", compare=False)


@dataclass(frozen=True)
class InUse:
    """The VRID of a VIP that runs, and its nodes, first choice first, where that is known."""

    vrid: int
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cluster:
    """A valid cluster, as `read_cluster` returns it."""

    nodes: tuple[Node, ...]
    vips: tuple[Vip, ...]
    settings: Settings = Settings()
    sync_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    taken_vrids: tuple[int, ...] = ()  # by other clusters on the segment
    in_use: Mapping[str, InUse] = field(default_factory=dict)
    uplinks: tuple[Uplink, ...] = ()

    def nodes_of(self, vip: Vip) -> tuple[str, ...]:
        """Return the names of the nodes on which `pin` allows a VIP."""
        return tuple(node.name for node in self.nodes if vip.may_be_on(node.name))

    def groups(self) -> list[list[Vip]]:
        """Return the VIPs that move together: those of every sync group, and every other VIP alone."""
        group_of = {vip: group for group, vips in self.sync_groups.items() for vip in vips}
        members: dict[str, list[Vip]] = {}
        for vip in self.vips:
            members.setdefault(group_of.get(vip.name, f"vip {vip.name}"), []).append(vip)
        return list(members.values())


@dataclass(frozen=True)
class Instance:
    """One VRRP instance: `priorities` by node, and `peers`: the source addresses of adverts, by node."""

    name: str
    vip: str
    family: str
    vrid: int
    addresses: tuple[str, ...]
    interface: Optional[str]
    priorities: Mapping[str, int]
    peers: Mapping[str, str]
    sync_group: Optional[str] = None

    @property
    def order(self) -> tuple[str, ...]:
        """The nodes by descending priority: the first choice first."""
        return tuple(sorted(self.priorities, key=lambda node: -self.priorities[node]))

    def waits(self, node: str) -> bool:
        """Tell whether this node has a preempt_delay: only the first choice has.

        With a delay on the second choice, the VIPs of a drained node would go to the third for the time of the delay.
        """
        return node == self.order[0]


@dataclass(frozen=True)
class Layout:
    """The VRRP instances of a cluster, and the names of the instances in every sync group."""

    instances: tuple[Instance, ...]
    sync_groups: Mapping[str, tuple[str, ...]]

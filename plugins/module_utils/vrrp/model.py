# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as values: nodes, virtual addresses, protocol settings, and the layout made of them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Mapping, Optional

from ..basics.address import family_of
from ..basics.schema import InterfaceAddress

VRIDS = range(1, 256)  # RFC 9568 §5.2.3
PRIORITIES = range(1, 255)  # RFC 9568 §5.2.4; 0 says "I am leaving", 255 belongs to the owner of the address
ADVERT_INTERVAL = {2: 1.0, 3: 0.1}  # seconds, by version: version 2 has whole seconds only (RFC 3768 §5.3.7)


@dataclass(frozen=True)
class Node:
    """A balancer and the addresses by which its peers reach it."""

    name: str
    addresses: tuple[str, ...] = ()
    ansible_host: str = ""

    def peer_address(self, vip: Vip, family: str) -> Optional[str]:
        """Return the address towards the peers, or None: an explicit one, else ansible_host inside the VIP's subnet."""
        for address in self.addresses:
            if family_of(address) == family:
                return address
        if self.ansible_host and any(
            ipaddress.ip_address(self.ansible_host) in each.network for each in vip.addresses_of(family)
        ):
            return self.ansible_host
        return None


@dataclass(frozen=True)
class Vip:
    """A virtual address of a service: one VRRP instance for each family it has addresses of."""

    name: str
    addresses: tuple[InterfaceAddress, ...]
    interface: Optional[str] = None
    vrid: Optional[int] = None
    prefer: tuple[str, ...] = ()
    pin: tuple[str, ...] = ()
    priorities: Optional[Mapping[str, int]] = None
    dns_name: Optional[str] = None
    path: str = field(default="", compare=False)  # where it stands in the input, for findings

    @property
    def families(self) -> tuple[str, ...]:
        """The families it has addresses of, IPv4 first."""
        return tuple(family for family in ("ipv4", "ipv6") if self.addresses_of(family))

    def may_be_on(self, node: str) -> bool:
        """Tell whether the VIP may ever be on this node."""
        return node in self.pin or not self.pin

    def addresses_of(self, family: str) -> tuple[InterfaceAddress, ...]:
        """Return the addresses of one family."""
        return tuple(each for each in self.addresses if f"ipv{each.version}" == family)


@dataclass(frozen=True)
class Settings:
    """What all instances of a cluster share; times are in seconds."""

    version: int = 3
    transport: str = "unicast"
    advert_interval: float = ADVERT_INTERVAL[3]
    down_timer_adverts: int = 3
    auth_pass: str = ""
    vmac: bool = False
    preempt: bool = True
    preempt_delay: float = 5.0


@dataclass(frozen=True)
class InUse:
    """How a VIP runs today: its VRID, and its nodes in order of preference where that is known."""

    vrid: int
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cluster:
    """A valid description of a cluster: what `read_cluster` returns."""

    nodes: tuple[Node, ...]
    vips: tuple[Vip, ...]
    settings: Settings = Settings()
    sync_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    taken_vrids: tuple[int, ...] = ()  # by strangers on the segment
    in_use: Mapping[str, InUse] = field(default_factory=dict)

    def nodes_of(self, vip: Vip) -> tuple[str, ...]:
        """Return the names of the nodes that a VIP may be on."""
        return tuple(node.name for node in self.nodes if vip.may_be_on(node.name))

    def groups(self) -> list[list[Vip]]:
        """Return what moves as one: the VIPs of each sync group, and each other VIP by itself."""
        group_of = {vip: group for group, vips in self.sync_groups.items() for vip in vips}
        members: dict[str, list[Vip]] = {}
        for vip in self.vips:
            members.setdefault(group_of.get(vip.name, f"vip {vip.name}"), []).append(vip)
        return list(members.values())


@dataclass(frozen=True)
class Instance:
    """One VRRP instance: the nodes in order of preference, with a priority each."""

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
        """The nodes, first choice first."""
        return tuple(sorted(self.priorities, key=lambda node: -self.priorities[node]))

    def waits(self, node: str) -> bool:
        """Tell whether a delay before preempting belongs on this node.

        On the first choice alone: a heir that waits would leave a drained node's VIPs to the one after it, for the
        time of the delay.
        """
        return node == self.order[0]


@dataclass(frozen=True)
class Layout:
    """Who is active for what, in which order the others follow, under which VRID."""

    instances: tuple[Instance, ...]
    sync_groups: Mapping[str, tuple[str, ...]]

# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as values: nodes, virtual addresses, protocol settings, and the layout made of them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Mapping, Optional

from ..errors import HaLbError
from ..shape import InterfaceAddress

VRIDS = range(1, 256)  # RFC 9568 §5.2.3
PRIORITIES = range(1, 255)  # RFC 9568 §5.2.4; 0 says "I am leaving", 255 belongs to the owner of the address


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
    priorities: Optional[Mapping[str, int]] = None
    path: str = field(default="", compare=False)  # where it stands in the input, for findings

    @property
    def families(self) -> tuple[str, ...]:
        """The families it has addresses of, IPv4 first."""
        return tuple(family for family in ("ipv4", "ipv6") if self.addresses_of(family))

    def addresses_of(self, family: str) -> tuple[InterfaceAddress, ...]:
        """Return the addresses of one family."""
        return tuple(each for each in self.addresses if f"ipv{each.version}" == family)


@dataclass(frozen=True)
class Settings:
    """What all instances of a cluster share; times are in seconds."""

    version: int = 3
    transport: str = "unicast"
    advert_interval: float = 0.1
    down_timer_adverts: int = 3
    auth_pass: str = ""
    vmac: bool = False


@dataclass(frozen=True)
class Cluster:
    """A valid description of a cluster: what `read_cluster` returns."""

    nodes: tuple[Node, ...]
    vips: tuple[Vip, ...]
    settings: Settings = Settings()
    sync_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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


@dataclass(frozen=True)
class Layout:
    """Who is active for what, in which order the others follow, under which VRID."""

    instances: tuple[Instance, ...]
    sync_groups: Mapping[str, tuple[str, ...]]


def bare(address: str) -> str:
    """Return an address without its prefix length, in the one form in which the kernel writes it.

    Raises HaLbError when it is not an address.
    """
    try:
        return str(ipaddress.ip_interface(address).ip)
    except ValueError as error:
        raise HaLbError(f"{address!r} is not an address") from error


def family_of(address: str) -> str:
    """Return ipv4 or ipv6."""
    return f"ipv{ipaddress.ip_address(address).version}"

# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's configuration with keepalived's defaults and rounding (keepalived.conf(5), vrrp_complete_instance).

A value that keepalived cannot read counts as absent; the parser reports it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple

from ..language.tree import Directive, Place, Tree

OWNER = 255
USUAL_PRIORITY = 100
AUTH_LENGTH = 8
TAKES_ANY_LIST = (2, 3, 3)  # the first version that accepts adverts with another list of VIPs


@dataclass(frozen=True)
class Address:
    """A line of virtual_ipaddress, such as `10.0.0.1/24 dev eth0 scope global`."""

    ip: str
    """Without its prefix length."""
    prefix: Optional[int]
    options: Tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Peer:
    """A line of unicast_peer. With a TTL limit, keepalived also checks the source of adverts."""

    ip: str
    min_ttl: Optional[int]
    max_ttl: Optional[int]
    place: Place


@dataclass(frozen=True)
class Tracker:
    """A definition that can be tracked; `kind` is `script`, `file`, `process` or `bfd`."""

    kind: str
    name: str
    weight: int
    reverse: bool
    directive: Directive


@dataclass(frozen=True)
class Track:
    """One thing that an instance or sync group tracks; `kind` is that of a tracker, or `interface`.

    With weight 0, its failure puts the instance into FAULT.
    """

    kind: str
    name: str
    weight: int
    reverse: bool
    defined: bool
    place: Place


@dataclass(frozen=True)
class Group:
    """A sync group."""

    name: str
    members: Tuple[str, ...]
    tracks: Tuple[Track, ...]
    weighs: bool
    """With sync_group_tracking_weight. Without it, keepalived ignores the weights of its members' own trackers."""
    directive: Directive


@dataclass(frozen=True)
class ConfiguredInstance:
    """One vrrp_instance. Times are in seconds."""

    name: str
    directive: Directive
    interface: str
    vrid: Optional[int]
    family: str
    version: int
    state: str
    priority: int
    advert_interval: float
    down_timer_adverts: int
    nopreempt: bool
    """As in force: keepalived clears it with `state MASTER` and with priority 255."""
    preempt_delay: float
    source: str
    """unicast_src_ip or mcast_src_ip; empty if not configured."""
    peers: Optional[Tuple[Peer, ...]]
    """None: multicast."""
    group_address: str
    auth_type: str
    auth_pass: str
    """The first 8 characters, which keepalived sends."""
    addresses: Tuple[Address, ...]
    excluded: Tuple[Address, ...]
    tracks: Tuple[Track, ...]

    def at(self, *keywords: str) -> Place:
        """Return the place of the last of these keywords, or else of the instance."""
        found = self.directive.last(*keywords)
        return found.place if found else self.directive.place

    def has(self, *keywords: str) -> bool:
        """Tell whether the instance has one of these keywords."""
        return self.directive.last(*keywords) is not None


@dataclass(frozen=True, eq=False)  # compared by identity, to be a key of lru_cache
class ConfiguredNode:
    """One node: its configuration, and the facts of its host (docs/rules.md names those that rules need)."""

    name: str
    tree: Tree
    settings: Directive
    """All global_defs as one block."""
    trackers: Tuple[Tracker, ...]
    groups: Tuple[Group, ...]
    instances: Tuple[ConfiguredInstance, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def setting(self, *keywords: str) -> Optional[Directive]:
        """Return the last of these keywords in global_defs."""
        return self.settings.last(*keywords)

    def where(self, instance: ConfiguredInstance, keyword: str, setting: str = "") -> Place:
        """Return the place of a keyword in an instance, else of its default in global_defs, else of the instance."""
        found = instance.directive.last(keyword) or self.setting(setting or f"vrrp_{keyword}")
        return found.place if found else instance.directive.place

    def group_of(self, instance: ConfiguredInstance) -> Optional[Group]:
        """Return the sync group of an instance: of several, keepalived heeds the first."""
        return next((group for group in self.groups if instance.name in group.members), None)

    def tracks_of(self, instance: ConfiguredInstance) -> Tuple[Track, ...]:
        """Return what an instance tracks itself, then what its sync group tracks for it."""
        group = self.group_of(instance)
        return (*instance.tracks, *(group.tracks if group else ()))

    @property
    def version(self) -> Optional[Tuple[int, ...]]:
        """Return keepalived's version on this host, or None when it is not known."""
        parts = str(self.facts.get("keepalived_version", "")).split(".")
        return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None

# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node's keepalived.conf comes to, defaults and rounding included (keepalived.conf(5), vrrp_complete_instance).

A value that keepalived could not read is as if it were not there; the parser has reported it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple

from ..language.tree import Directive, Place, Tree

OWNER = 255
USUAL_PRIORITY = 100
AUTH_LENGTH = 8
TAKES_ANY_LIST = (2, 3, 3)  # since then, an advert with other addresses is not discarded


@dataclass(frozen=True)
class Address:
    """A virtual address as it is written: `10.0.0.1/24 dev eth0 scope global`."""

    ip: str
    """Without its prefix length."""
    prefix: Optional[int]
    options: Tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Peer:
    """A unicast peer; without TTLs, from anywhere."""

    ip: str
    min_ttl: Optional[int]
    max_ttl: Optional[int]
    place: Place


@dataclass(frozen=True)
class Tracker:
    """A definition that instances track: kind is `script`, `file`, `process` or `bfd`."""

    kind: str
    name: str
    weight: int
    reverse: bool
    directive: Directive


@dataclass(frozen=True)
class Track:
    """What one instance or group tracks; kind is that of a tracker, or `interface`. A weight of 0 means FAULT."""

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
    """With sync_group_tracking_weight; without it, keepalived ignores the weights of what members track themselves."""
    directive: Directive


@dataclass(frozen=True)
class Instance:
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
    """As keepalived heeds it: not with `state MASTER`, nor with priority 255."""
    preempt_delay: float
    source: str
    """Of its adverts; empty when it is not said."""
    peers: Optional[Tuple[Peer, ...]]
    """None when it speaks to the multicast group."""
    group_address: str
    auth_type: str
    auth_pass: str
    """No more of it than keepalived sends."""
    addresses: Tuple[Address, ...]
    excluded: Tuple[Address, ...]
    tracks: Tuple[Track, ...]

    def at(self, *keywords: str) -> Place:
        """Return where the last of these keywords stands, or else where the instance begins."""
        found = self.directive.last(*keywords)
        return found.place if found else self.directive.place

    def has(self, *keywords: str) -> bool:
        """Tell whether one of these keywords is there."""
        return self.directive.last(*keywords) is not None


@dataclass(frozen=True, eq=False)  # one is itself only, so that it can be the key of what was found out about it
class Node:
    """One node: what its configuration says, and what is known of the host besides."""

    name: str
    tree: Tree
    settings: Directive
    """All global_defs as one block."""
    trackers: Tuple[Tracker, ...]
    groups: Tuple[Group, ...]
    instances: Tuple[Instance, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def setting(self, *keywords: str) -> Optional[Directive]:
        """Return the last of these keywords in global_defs."""
        return self.settings.last(*keywords)

    def where(self, instance: Instance, keyword: str, setting: str = "") -> Place:
        """Return where an instance says something, or else global_defs do, or else where the instance begins."""
        found = instance.directive.last(keyword) or self.setting(setting or f"vrrp_{keyword}")
        return found.place if found else instance.directive.place

    def group_of(self, instance: Instance) -> Optional[Group]:
        """Return the first sync group that has it as a member."""
        return next((group for group in self.groups if instance.name in group.members), None)

    def tracks_of(self, instance: Instance) -> Tuple[Track, ...]:
        """Return what an instance tracks itself, then what its sync group tracks for it."""
        group = self.group_of(instance)
        return (*instance.tracks, *(group.tracks if group else ()))

    @property
    def version(self) -> Optional[Tuple[int, ...]]:
        """Return keepalived's version on this host, or None when it is not known."""
        said = str(self.facts.get("keepalived_version", ""))
        parts = said.split(".")
        return tuple(map(int, parts)) if said and all(part.isdecimal() for part in parts) else None

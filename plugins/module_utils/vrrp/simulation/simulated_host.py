# SPDX-License-Identifier: GPL-3.0-or-later
"""One node of a simulated cluster: its keepalived, its proxy, its trackers, and the VIPs on its interfaces."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from typing import DefaultDict, Iterable, Tuple

from .events import Advert
from .routers import Router, loses_socket
from .sync_group import SyncGroup

Inbox = Tuple[Tuple[str, Advert], ...]
"""Adverts that have arrived and are not yet read, in order, with the receiving instance."""


class SimulatedHost:
    """One node; `groups` maps the names of instances to their groups, and is empty while keepalived does not run."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self.routers = tuple(routers)
        self.groups: dict[str, SyncGroup] = {}
        self.powered = self.linked = self.interface = self.proxy = True
        self.uplinks = True
        """Whether it reaches one of the addresses that it must reach."""
        self.frozen = False
        self.deaf: frozenset[str] = frozenset()
        """Instances without a socket, because the interface was made again: they neither hear nor time nor send."""
        self.renewed = False
        """The interface was made again while keepalived was frozen."""
        self.letting_go = False
        """keepalived was killed, and its unit has not yet removed the VIPs."""
        self.comes_back = False
        """The unit starts keepalived again after that."""
        self.inbox: Inbox = ()
        self.trackers: dict[str, int] = {}
        """What every tracker adds to the priority."""
        self.held: frozenset[str] = frozenset()
        """The instances whose VIPs are on the interface."""

    def copy(self) -> SimulatedHost:
        """Return an independent copy."""
        twin = copy(self)
        twins = {id(group): group.copy() for group in self.groups.values()}
        twin.groups = {name: twins[id(group)] for name, group in self.groups.items()}
        twin.trackers = dict(self.trackers)
        return twin

    def launch(self) -> None:
        """Make the state machines of a keepalived that has just been started."""
        members: DefaultDict[str, list[Router]] = defaultdict(list)
        for router in self.routers:
            members[router.sync_group or f"instance {router.instance}"].append(router)
        groups = [SyncGroup(routers) for routers in members.values()]
        self.groups = {name: group for group in groups for name in group.machines}
        self.deaf = frozenset()

    def deafen(self) -> None:
        """Take their sockets from the instances that do not open them again for an interface that was made again."""
        self.deaf = frozenset(router.instance for router in self.routers if loses_socket(router))

    @property
    def connected(self) -> bool:
        """Whether packets leave the node and arrive."""
        return self.linked and self.interface

    @property
    def serves(self) -> bool:
        """Whether a client that reaches a VIP here gets an answer."""
        return self.powered and self.connected and self.proxy


def read_before_timers(inbox: Inbox) -> tuple[Inbox, Inbox]:
    """Divide waiting adverts into those that keepalived reads before it handles its timers, and the rest.

    It reads the socket of a family up to the second advert for one instance, and then handles its timers.
    """
    before: list[tuple[str, Advert]] = []
    after: list[tuple[str, Advert]] = []
    seen: set[str] = set()
    finished: set[str] = set()
    for instance, advert in inbox:
        family = advert.sender.family
        (after if family in finished else before).append((instance, advert))
        if instance in seen:
            finished.add(family)
        seen.add(instance)
    return tuple(before), tuple(after)

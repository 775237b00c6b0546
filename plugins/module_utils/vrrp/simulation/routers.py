# SPDX-License-Identifier: GPL-3.0-or-later
"""VRRP routers: the configuration of one instance on one node, and which adverts reach it and are accepted.

RFC 9568 §7.1; for version 2, RFC 3768 §7.1.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from enum import Enum
from typing import Dict, List, Optional, Sequence, Tuple

from ...basics.address import bare
from ..model import ADVERT_INTERVAL, Cluster, Instance, Layout


class Generation(Enum):
    """The generation of keepalived: since 2.3.3, it accepts an advert whatever addresses it lists."""

    BEFORE_2_3_3 = "before 2.3.3"
    SINCE_2_3_3 = "since 2.3.3"


@dataclass(frozen=True)
class Router:
    """One instance as configured on one node; other nodes may have another configuration. Times are in seconds."""

    node: str
    instance: str
    vrid: int
    family: str
    priority: int
    addresses: frozenset[str]
    address: str = ""
    """The source of its adverts; empty when not known."""
    peers: Optional[frozenset[str]] = None
    """The unicast peers; None for multicast."""
    version: int = 3
    interval: float = ADVERT_INTERVAL[3]
    down_timer_adverts: int = 3
    preempt: bool = True
    preempt_delay: float = 0.0
    auth: str = ""
    sync_group: Optional[str] = None
    generation: Generation = Generation.SINCE_2_3_3
    group: str = ""
    """The multicast group where it is not the default one."""


def routers_of(cluster: Cluster, layout: Layout, generation: Generation = Generation.SINCE_2_3_3) -> tuple[Router, ...]:
    """Return the routers that the role `keepalived` configures, instance by instance, the first choice first."""
    return tuple(
        replace(_router(node, instance, cluster), generation=generation)
        for instance in layout.instances
        for node in instance.order
    )


def _router(node: str, instance: Instance, cluster: Cluster) -> Router:
    settings = cluster.settings
    others = frozenset(
        address for peer, address in instance.peers.items() if peer != node and peer in instance.priorities
    )
    return Router(
        node=node,
        instance=instance.name,
        vrid=instance.vrid,
        family=instance.family,
        priority=instance.priorities[node],
        addresses=frozenset(bare(address) for address in instance.addresses),
        address=instance.peers.get(node, ""),
        peers=others if others and settings.transport == "unicast" else None,
        version=settings.version,
        interval=settings.advert_interval,
        down_timer_adverts=settings.down_timer_adverts,
        preempt=settings.preempt,
        preempt_delay=settings.preempt_delay if settings.preempt and instance.waits(node) else 0.0,
        auth=settings.auth_pass,
        sync_group=instance.sync_group,
    )


def reaches(sender: Router, receiver: Router) -> bool:
    """Tell whether the adverts of the sender arrive at the instance of the receiver."""
    if sender.node == receiver.node or (sender.vrid, sender.family) != (receiver.vrid, receiver.family):
        return False
    if sender.peers is None or receiver.peers is None:
        return sender.peers is receiver.peers and sender.group == receiver.group
    return receiver.address in sender.peers


def audience_of(routers: Sequence[Router]) -> Dict[Tuple[str, str], List[Tuple[str, str]]]:
    """Return the receivers of the adverts of every sender; both are pairs of node and instance."""
    return {
        (sender.node, sender.instance): [(to.node, to.instance) for to in routers if reaches(sender, to)]
        for sender in routers
    }


def identity(router: Router) -> Tuple[object, ...]:
    """Return the identity of an instance: when a reload changes it, keepalived starts it anew (vrrp.c, vrrp_exist)."""
    unicast = router.peers is not None
    return router.vrid, router.family, unicast, router.address if unicast else router.group


def accepts(receiver: Router, sender: Router) -> bool:
    """Tell whether the receiver accepts an advert of the sender, as far as that does not depend on priorities."""
    return (
        receiver.version == sender.version
        and (receiver.peers is None or sender.address in receiver.peers)
        and (receiver.version == 3 or (receiver.auth, receiver.interval) == (sender.auth, sender.interval))
        and (receiver.generation is Generation.SINCE_2_3_3 or receiver.addresses == sender.addresses)
    )


def loses_socket(router: Router) -> bool:
    """Tell whether the instance stays without a socket after its interface was deleted and made again.

    From 2.2.5 to 2.3.2, where it has any flag, as unicast or nopreempt: acassen/keepalived commits a0ce04a and 1383336.
    Before 2.3.3, where it has a unicast_src_ip, which the interface does not have yet: issue 1847 and commit b48f005.
    """
    return router.generation is Generation.BEFORE_2_3_3 and (router.peers is not None or not router.preempt)


def has_higher_address(one: Router, other: Router) -> bool:
    """Tell whether one wins over the other at equal priority (RFC 9568 §6.4.3)."""
    return _number(one.address) > _number(other.address)


def _number(address: str) -> int:
    """Return an address as a number; an unknown address is lower than any other."""
    return int(ipaddress.ip_address(address)) if address else 0

# SPDX-License-Identifier: GPL-3.0-or-later
"""The routers of a VRRP simulation, from configurations that anybody may have written."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import FrozenSet, List, Optional, Sequence, Tuple

from ...vrrp.simulation.routers import Generation, Router
from .matching import logical_instances
from .model import TAKES_ANY_LIST, ConfiguredInstance, ConfiguredNode

MANY_NODES = 256


def routers_of_configs(nodes: Sequence[ConfiguredNode]) -> Tuple[Router, ...]:
    """Return a router for every node of every instance, under the name of the logical instance.

    An instance without a virtual_router_id takes part in no election, so it has none. A node of unknown version counts
    as 2.3.3 or later.
    """
    known = {node.name: node for node in nodes}
    return tuple(
        _router(known[name], logical.name, member)
        for logical in logical_instances(nodes)
        for name, member in logical.members.items()
        if member.vrid is not None
    )


def _router(node: ConfiguredNode, name: str, instance: ConfiguredInstance) -> Router:
    old = node.version is not None and node.version < TAKES_ANY_LIST
    group = node.group_of(instance)
    return Router(
        node=node.name,
        instance=name,
        vrid=instance.vrid or 0,
        family=instance.family,
        priority=instance.priority,
        addresses=frozenset(address.ip for address in instance.addresses),
        address=source_of(node, instance) or "",
        peers=None if instance.peers is None else frozenset(peer.ip for peer in instance.peers),
        version=instance.version,
        interval=instance.advert_interval,
        down_timer_adverts=instance.down_timer_adverts,
        preempt=not instance.nopreempt,
        preempt_delay=instance.preempt_delay,
        auth=f"{instance.auth_type} {instance.auth_pass}".strip(),
        sync_group=group.name if group else None,
        generation=Generation.BEFORE_2_3_3 if old else Generation.SINCE_2_3_3,
        group=instance.group_address,
    )


def source_of(node: ConfiguredNode, instance: ConfiguredInstance) -> Optional[str]:
    """Return the source address of an instance's adverts; None if it is not known.

    It is unicast_src_ip or mcast_src_ip, or else the interface's first address that is no VIP (IPv6: link-local).
    """
    if instance.source:
        return instance.source
    vips = _vips(node)
    own = (
        ipaddress.ip_address(ip)
        for name, addresses in _interfaces(node)
        for ip in addresses
        if name == instance.interface and ip not in vips
    )
    if instance.family == "ipv6":
        return next((str(each) for each in own if each.version == 6 and each.is_link_local), None)
    return next((str(each) for each in own if each.version == 4), None)


@lru_cache(maxsize=MANY_NODES)
def _vips(node: ConfiguredNode) -> FrozenSet[str]:
    return frozenset(address.ip for each in node.instances for address in (*each.addresses, *each.excluded))


def addresses_of(node: ConfiguredNode) -> Optional[FrozenSet[str]]:
    """Return all addresses of a node, without prefix lengths; None without the fact `interfaces`."""
    if "interfaces" not in node.facts:
        return None
    return frozenset(ip for _name, addresses in _interfaces(node) for ip in addresses)


def _interfaces(node: ConfiguredNode) -> List[Tuple[str, List[str]]]:
    return [
        (each["name"], [ip for ip in map(_bare, each["addresses"]) if ip]) for each in node.facts.get("interfaces", ())
    ]


def _bare(text: str) -> str:
    """Return an address without its prefix length; empty if it is none."""
    try:
        return str(ipaddress.ip_interface(text).ip)
    except ValueError:
        return ""

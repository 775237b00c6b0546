# SPDX-License-Identifier: GPL-3.0-or-later
"""The differences between the configurations of two nodes for which one rejects the other's adverts."""

from __future__ import annotations

from typing import Callable, Iterator, NamedTuple, Tuple

from ...vrrp.simulation.routers import Generation, Router, accepts, reaches
from .evidence import Cause, InstancePart, Kind

CURE = "Run `site`: it writes what the inventory says on both, and loads it."


class _Value(NamedTuple):
    """A value on which both nodes must agree: its keyword, its text, and whether it matters between these two."""

    kind: Kind
    keyword: str
    show: Callable[[Router], str]
    matters: Callable[[Router, Router], bool] = lambda one, other: True


def _speak_version_2(one: Router, other: Router) -> bool:
    return one.version == other.version == 2


def _compare_addresses(one: Router, other: Router) -> bool:
    return Generation.BEFORE_2_3_3 in (one.generation, other.generation)


def _transport(router: Router) -> str:
    return f"the multicast group {router.group} and no unicast_peer" if router.peers is None else "unicast peers"


VALUES = (
    _Value(Kind.VRID, "virtual_router_id", lambda router: f"virtual_router_id {router.vrid}"),
    _Value(Kind.VERSION, "version", lambda router: f"VRRP version {router.version}"),
    _Value(Kind.INTERVAL, "advert_int", lambda router: f"advert_int {router.interval:g}", _speak_version_2),
    _Value(
        Kind.AUTH,
        "authentication",
        lambda router: f"auth_type {router.auth.split()[0]}" if router.auth else "no authentication",
        _speak_version_2,
    ),
    _Value(Kind.TRANSPORT, "unicast_peer", _transport),
    _Value(
        Kind.ADDRESSES,
        "virtual_ipaddress",
        lambda router: f"the VIPs {', '.join(sorted(router.addresses))}" if router.addresses else "no VIP",
        _compare_addresses,
    ),
)


def configured_apart(one: InstancePart, other: InstancePart) -> list[Cause]:
    """Return the values for which one rejects the other's adverts; none when both configurations accept them."""
    if one.router is None or other.router is None:
        return []
    agreed = all(reaches(a, b) and accepts(b, a) for a, b in ((one.router, other.router), (other.router, one.router)))
    found = [] if agreed else [*_different(one, one.router, other, other.router)]
    return [Cause(kind, message, CURE) for kind, message in found]


def _different(one: InstancePart, router: Router, other: InstancePart, peer: Router) -> Iterator[Tuple[Kind, str]]:
    for value in VALUES:
        if value.show(router) != value.show(peer) and value.matters(router, peer):
            yield (
                value.kind,
                f"{_in_force(value, one, router)} and {_in_force(value, other, peer)}{_discarding(value, one, other)}",
            )
    if _speak_version_2(router, peer) and router.auth.split()[:1] == peer.auth.split()[:1] and router.auth != peer.auth:
        places = " and ".join(
            sorted({str(each.instance.at("authentication")) for each in (one, other) if each.instance})
        )
        yield Kind.AUTH, f"the auth_pass of {one.node} and that of {other.node} differ ({places})"
    if router.peers is not None and peer.peers is not None:
        yield from _missing_peer(one, router, peer)
        yield from _missing_peer(other, peer, router)


def _in_force(value: _Value, part: InstancePart, router: Router) -> str:
    config = part.witness.config
    if part.instance is None or part.written is None or config is None:
        return f"{part.node} has {value.show(router)}"
    place = config.where(part.instance, value.keyword)
    if value.show(part.written) == value.show(router):
        return f"{part.node} has {value.show(router)} ({place})"
    return f"{part.node} has {value.show(router)} in force (though {place} says {value.show(part.written)})"


def _discarding(value: _Value, *parts: InstancePart) -> str:
    """Return which nodes discard adverts with another list of addresses, as the end of a sentence."""
    old = [each.node for each in parts if each.router and each.router.generation is Generation.BEFORE_2_3_3]
    if value.kind is not Kind.ADDRESSES:
        return ""
    return f"; keepalived before 2.3.3, as on {' and '.join(old)}, discards adverts with another list"


def _missing_peer(part: InstancePart, router: Router, peer: Router) -> Iterator[Tuple[Kind, str]]:
    if part.instance and router.peers is not None and peer.address not in router.peers:
        place = part.instance.at("unicast_peer")
        address = peer.address or "the address"
        yield Kind.PEERS, f"{part.node} does not have {address} of {peer.node} among its unicast peers ({place})"

# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with what was heard, now. Times are seconds of the monotonic clock."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from .claims import WAIT, Claims
from .config import Instance
from .netlink import Interface
from .routers import LATE, TTL, Router
from .told import PROTOCOLS, Finding

VIRTUAL = {"ipv4": "00:00:5e:00:01:", "ipv6": "00:00:5e:00:02:"}  # RFC 9568 §7.3; the VRID is the last octet
STRANGER_HOLD = 3.0  # seconds for which it must be so before it is told
STRANGER_KEEP = 30.0  # seconds after which it is gone
HOLDERS_LEAST = 1.5  # seconds for which two advertise
HOLDERS_KEEP = 10.0
OWNER_HOLD = 2.0  # in which a peer with another MAC is recognised by its adverts
SETTLED = 5.0  # seconds after a takeover in which caches and answers may be those from before
UNHEARD = 10.0  # seconds beyond a takeover for which nobody advertises
PEER_UNHEARD = 60.0


Times = Mapping[str, Tuple[float, float]]
"""By MAC: when its claim began, and when it was last made."""


class Scene(NamedTuple):
    """Everything that is judged; `since` is by the name of an interface, from when on it was heard without a gap.

    `by_place` has the routers with the VRID of an instance in its network, `others` all others.
    """

    now: float
    instances: Sequence[Instance]
    by_place: Mapping[Tuple[int, str, str], Sequence[Router]]
    others: Sequence[Router]
    claims: Claims
    interfaces: Mapping[str, Interface]
    since: Mapping[str, float]

    def heard(self, instance: Instance) -> Sequence[Router]:
        """Return the routers with the VRID of an instance in its network."""
        return self.by_place[_place(instance)]

    def active(self, instance: Instance) -> List[Router]:
        """Return who advertises an instance of ours now: this node and its peers."""
        return [each for each in self.heard(instance) if each.is_active(self.now) and _is_ours(each, instance)]


def scene_of(
    now: float,
    instances: Sequence[Instance],
    routers: Iterable[Router],
    claims: Claims,
    interfaces: Mapping[str, Interface],
    since: Mapping[str, float],
) -> Scene:
    """Return the scene of these routers."""
    by_place: Dict[Tuple[int, str, str], List[Router]] = {_place(each): [] for each in instances}
    others: List[Router] = []
    for router in routers:
        key = router.key
        there = None if key.vlans else by_place.get((key.vrid, key.family, key.interface))
        (others if there is None else there).append(router)
    return Scene(now, instances, by_place, others, claims, interfaces, since)


def _place(instance: Instance) -> Tuple[int, str, str]:
    return instance.vrid, instance.family, instance.interface


def found(scene: Scene) -> Iterator[Finding]:
    """Yield everything that is wrong now."""
    macs = _macs_of_ours(scene)
    for instance in scene.instances:
        yield from _strangers(scene, instance)
        yield from _second_holders(scene, instance)
        yield from _foreign_owners(scene, instance, macs)
        yield from _nobody(scene, instance)
    yield from _silent_peers(scene)


def _is_ours(router: Router, instance: Instance) -> bool:
    """Tell whether this node or a peer sent it; where no peers are known, whoever has an address of ours."""
    if router.key.protocol == "carp":
        return False
    if router.own:
        return True
    if router.ttl != TTL:
        return False
    if instance.peers:
        return router.key.source in instance.peers
    return not instance.addresses.isdisjoint(router.advert.addresses)


def _strangers(scene: Scene, instance: Instance) -> Iterator[Finding]:
    for router in scene.heard(instance):
        keep = max(STRANGER_KEEP, router.patience)
        if router.own or router.adverts < 2 or scene.now - router.last > keep:
            continue
        key, who = router.key, f"{router.key.source} ({router.advert.envelope.mac})"
        what, name = "", f"vrid {key.vrid} {key.family} {key.source}"
        if key.protocol == "carp":
            what = f"{who} speaks CARP with the number {key.vrid} of {instance.name} on {key.interface}"
            name = f"carp {key.vrid} {key.family} {key.source}"
        elif not _is_ours(router, instance):
            what = f"{who} uses the VRID of {instance.name} on {key.interface}: it advertises {_what(router)}"
            if router.ttl != TTL:
                what += f", with TTL {router.ttl} and not {TTL}, so it was routed or forged"
        elif len(router.macs()) > 1:
            macs = " and ".join(router.macs())
            what = f"{macs} both advertise {_what(router)} from {key.source} on {key.interface}: one forges it"
            name = f"spoof {key.vrid} {key.family} {key.source}"
        if what:
            yield Finding(name, "stranger", f"{what}.", STRANGER_HOLD, keep)


def _what(router: Router) -> str:
    listed = router.advert.addresses
    addresses = ", ".join(listed[:3]) or "no address"
    addresses += f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return (
        f"VRID {router.key.vrid} with {addresses} by {PROTOCOLS[router.key.protocol]}, "
        f"priority {router.advert.priority}, each {router.advert.interval:g} s"
    )


def _second_holders(scene: Scene, instance: Instance) -> Iterator[Finding]:
    active = sorted(scene.active(instance), key=lambda each: each.key.source)
    if len({each.key.source for each in active}) < 2:
        return
    began = max(each.first for each in active)
    together = min(each.last for each in active) - max(began, scene.since.get(instance.interface, scene.now))
    # Longer than a takeover and back: the first one was silent meanwhile, which shows after a gap
    if together < max(HOLDERS_LEAST, instance.takeover() + instance.interval):
        return
    who = " and ".join(f"{each.key.source} (priority {each.advert.priority})" for each in active)
    yield Finding(
        f"split_brain {instance.vrid} {instance.family}",
        "second_holder",
        f"{who} keep advertising {instance.name} (VRID {instance.vrid}) side by side, so each holds "
        f"{', '.join(sorted(instance.addresses))}.",
        0.0,
        HOLDERS_KEEP,
    )


def _macs_of_ours(scene: Scene) -> Dict[str, str]:
    """Return the MACs of this node (by an empty text) and of its peers (by their source)."""
    macs = {each.mac: "" for each in scene.interfaces.values()}
    for question, asked in scene.claims.items():
        # When two answer for the address of a peer, neither is known to be it
        one = asked.current(scene.now) if question.is_peer else []
        if len(one) == 1:
            macs.setdefault(one[0], question.address)
    for instance in scene.instances:
        for router in scene.heard(instance):
            if not router.own and _is_ours(router, instance) and len(router.macs()) == 1:
                macs.setdefault(router.advert.envelope.mac, router.key.source)
    return macs


def _foreign_owners(scene: Scene, instance: Instance, macs: Mapping[str, str]) -> Iterator[Finding]:
    if not scene.others and not any(scene.claims.of(each, instance.interface).macs for each in instance.addresses):
        return
    virtual = f"{VIRTUAL[instance.family]}{instance.vrid:02x}"
    for router in scene.others:
        shared = instance.addresses.intersection(router.advert.addresses)
        if shared and _claims_by_advert(router, instance, macs) and scene.now - router.last <= STRANGER_KEEP:
            address = sorted(shared)[0]
            message = (
                f"{router.key.source} ({router.advert.envelope.mac}) advertises {address} of {instance.name} on "
                f"{router.key.interface}, under VRID {router.key.vrid} and not {instance.vrid}: both hold it at once."
            )
            yield Finding(f"address {address}", "foreign_owner", message, STRANGER_HOLD, STRANGER_KEEP)
    for address in sorted(instance.addresses):
        asked = scene.claims.of(address, instance.interface)
        strangers = [mac for mac in asked.current(scene.now) if mac not in macs and mac != virtual]
        where = f"{address} ({instance.name}) on {instance.interface}"
        if strangers:
            message = (
                f"{' and '.join(strangers)}, which is none of our nodes, answers for {where}: clients may reach it."
            )
            yield Finding(f"address {address}", "foreign_owner", message, OWNER_HOLD, OWNER_HOLD)
            continue
        other = _idle_owner(scene, instance, asked.macs, macs)
        if other:
            message = f"{other} answers for {where} although it does not advertise it: clients may reach either."
            yield Finding(f"address {address} twice", "foreign_owner", message, OWNER_HOLD, OWNER_HOLD)


def _claims_by_advert(router: Router, instance: Instance, macs: Mapping[str, str]) -> bool:
    key = router.key
    elsewhere = key.vlans or (key.family, key.interface) != (instance.family, instance.interface)
    return not elsewhere and not router.own and key.vrid != instance.vrid and router.advert.envelope.mac not in macs


def _idle_owner(scene: Scene, instance: Instance, claims: Times, macs: Mapping[str, str]) -> str:
    """Return the peer that answered for a VIP while another node alone was active, for long enough."""
    active = scene.active(instance)
    if len(active) != 1:
        return ""
    settled = max(active[0].first, scene.since.get(instance.interface, scene.now)) + SETTLED
    for mac, times in claims.items():
        peer = macs.get(mac, "")
        if peer and times[1] > settled and peer != active[0].key.source and mac not in active[0].macs():
            return f"{peer} ({mac})"
    return ""


def _nobody(scene: Scene, instance: Instance) -> Iterator[Finding]:
    """Find an instance that nobody advertises; a backup says nothing, so of one peer nothing is known by that."""
    link = scene.interfaces.get(instance.interface)
    heard = [each.last for each in scene.heard(instance) if _is_ours(each, instance)]
    last = max([*heard, scene.since.get(instance.interface, scene.now)])
    if link is None or not link.is_up or scene.now - last < instance.takeover() + UNHEARD:
        return
    yield Finding(
        f"unheard {instance.vrid} {instance.family}",
        "peer_unheard",
        f"Neither this node nor a peer advertises {instance.name} (VRID {instance.vrid}) on {instance.interface}.",
        0.0,
        LATE,
    )


def _silent_peers(scene: Scene) -> Iterator[Finding]:
    heard_of: Dict[str, float] = {}
    for router in (each for place in scene.by_place.values() for each in place if not each.own):
        heard_of[router.key.source] = max(router.last, heard_of.get(router.key.source, 0.0))
    for question, asked in scene.claims.items():
        since = scene.since.get(question.interface, scene.now)
        last = max(asked.answered, since, heard_of.get(question.address, 0.0))
        link = scene.interfaces.get(question.interface)
        if not question.is_peer or link is None or not link.is_up or asked.unanswered < 4:
            continue
        if scene.now - last < PEER_UNHEARD + WAIT:
            continue
        names = ", ".join(sorted(each.name for each in scene.instances if question.address in each.peers)[:5])
        way = "neighbour discovery" if ":" in question.address else "ARP"
        message = (
            f"{question.address}, a peer of {names}, answers no {way} on {question.interface} and is not heard: "
            "that node or its network is down."
        )
        yield Finding(f"peer {question.address}", "peer_unheard", message, 0.0, LATE)

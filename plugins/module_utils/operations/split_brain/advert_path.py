# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the adverts of one node are lost on their way to another.

A packet socket sees outgoing packets after the firewall's output rules, and incoming ones before its input rules. So an
advert that the sender's capture lacks was dropped on the sender; one that the receiver's capture has, and keepalived
has not counted, was dropped on the receiver.
"""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple

from ...agent.drop_strangers import TABLE
from .evidence import Cause, InstancePart, Kind, Record, adverts
from .firewall import AdvertDatagram, dropped_by

MULTICAST_TTL = 255  # RFC 9568 §5.1.1.3
OURS = f"of table inet {TABLE}"
UNSEEN = "a firewall, though no rule is seen to do it,"


def lost_on_the_way(sender: InstancePart, receiver: InstancePart) -> Optional[Cause]:
    """Return where the adverts are lost; None when they arrive, or the evidence does not tell.

    Both configurations must accept them, so that only packets remain as a cause.
    """
    if sender.sent is not None and not sender.sent:
        return _not_sent(sender, _leaving(sender, receiver) or UNSEEN)
    if receiver.witness.heard is None:
        return None
    others = adverts(receiver.witness.heard, sender.vrid, sender.family, own=False)
    came = [each for each in others if each["source"] in sender.sources]
    if came:
        return _ttl(sender, receiver, came) or _not_taken(sender, receiver, came, others)
    rule = _leaving(sender, receiver, guesses=(False,))
    if rule:
        return _not_sent(sender, rule, f" for {receiver.node}")
    return _not_come(sender, receiver) if sender.sent else None


def _leaving(sender: InstancePart, receiver: InstancePart, guesses: Sequence[bool] = (False, True)) -> str:
    return dropped_by(sender.witness.firewall, "out", _datagram(sender, receiver, sender), guesses)


def _not_sent(sender: InstancePart, dropper: str, whom: str = "") -> Cause:
    return Cause(
        Kind.NOT_SENT,
        f"the adverts of {sender.node} for VRID {sender.vrid}{whom} do not leave it: {dropper} drops them",
        f"Let protocol 112 out on {sender.node}.",
    )


def _not_come(sender: InstancePart, receiver: InstancePart) -> Cause:
    ends = f"from {_first(sender.sources)} to {_destination(sender, receiver)}"
    return Cause(
        Kind.NOT_COME,
        f"the adverts of {sender.node} for VRID {sender.vrid} leave it and do not come to {receiver.node}: "
        f"the network between them drops protocol 112 {ends}, or is not one",
        f"Let switches, hypervisors and security groups pass protocol 112 {ends}.",
    )


def _not_taken(
    sender: InstancePart, receiver: InstancePart, came: Sequence[Record], others: Sequence[Record]
) -> Optional[Cause]:
    counted = _counted(receiver)
    if counted is None or counted >= _expected(came, others):
        return None
    head = f"the adverts of {sender.node} for VRID {sender.vrid} come to {receiver.node}"
    if all(each["checksum"] == "wrong" for each in came):
        return Cause(
            Kind.CHECKSUM,
            f"{head} with a wrong checksum",
            f"Look for what changes packets between {sender.node} and {receiver.node}.",
        )
    rule = dropped_by(receiver.witness.firewall, "in", _datagram(sender, receiver, receiver))
    source = _first(sender.sources)
    return Cause(
        Kind.NOT_TAKEN,
        f"{head}, and its keepalived does not get them: {rule or UNSEEN} drops them",
        f"{receiver.node} takes {source} for a stranger: run site, which tells it the addresses of its peers."
        if rule.endswith(OURS)
        else f"Let protocol 112 from {source} in on {receiver.node}.",
    )


def _counted(receiver: InstancePart) -> Optional[int]:
    """Return how many adverts keepalived counted between the two looks; None if it was restarted in between."""
    looks = (receiver.witness.earlier, receiver.witness.later)
    counts = [
        each["adverts_received"]
        for look in looks
        for each in look.get("instances") or ()
        if each["name"] == receiver.name
    ]
    return counts[1] - counts[0] if len(counts) == len(looks) and counts[1] >= counts[0] else None


def _expected(came: Sequence[Record], others: Sequence[Record]) -> int:
    """Return how many adverts keepalived must have counted while its host listened.

    The captures of one source on several interfaces are not added up: they may be of the same adverts.
    """
    most: Dict[str, int] = {}
    for advert in others:
        if _kind(advert) in map(_kind, came):
            most[advert["source"]] = max(advert["adverts"], most.get(advert["source"], 0))
    return sum(most.values())


def _kind(advert: Record) -> Tuple[Any, ...]:
    """Return what keepalived accepts an advert by, so that strangers that use the VRID otherwise are not counted."""
    return advert["protocol"], advert["destination"], advert["auth"], advert["interval_seconds"]


def _ttl(sender: InstancePart, receiver: InstancePart, came: Sequence[Record]) -> Optional[Cause]:
    """Return the cause if the TTL is refused: any but 255 over multicast, one that the peer excludes over unicast."""
    if receiver.instance is None:
        return None
    low, high, place = MULTICAST_TTL, MULTICAST_TTL, receiver.instance.at("interface")
    if receiver.instance.peers is not None:
        peer = next((each for each in receiver.instance.peers if each.ip in sender.sources), None)
        if peer is None or peer.min_ttl is peer.max_ttl is None:
            return None
        low, high, place = peer.min_ttl or 0, MULTICAST_TTL if peer.max_ttl is None else peer.max_ttl, peer.place
    wrong = [each["ttl"] for each in came if not low <= each["ttl"] <= high]
    if not wrong:
        return None
    wanted = f"{low} to {high}" if low < high else f"{high}"
    return Cause(
        Kind.TTL,
        f"the adverts of {sender.node} for VRID {sender.vrid} come to {receiver.node} with TTL {wrong[0]}, "
        f"which takes {wanted} alone ({place})",
        f"Set unicast_ttl 255 on {sender.node}, and let no router be between it and {receiver.node}.",
    )


def _datagram(sender: InstancePart, receiver: InstancePart, at: InstancePart) -> AdvertDatagram:
    authenticated = at.router is not None and at.router.version == 2 and at.router.auth.startswith("AH ")
    return AdvertDatagram(
        family=sender.family,
        source=_first(sender.sources),
        destination=_destination(sender, receiver),
        interface=at.interface,
        protocol="51" if authenticated else "112",
    )


def _destination(sender: InstancePart, receiver: InstancePart) -> str:
    """Return the destination of the adverts; where the configuration is unknown, the receiver's (unicast)."""
    if sender.instance is not None and sender.instance.peers is None:
        return sender.instance.group_address
    return _first(receiver.sources)


def _first(addresses: Sequence[str]) -> str:
    return next(iter(addresses), "")

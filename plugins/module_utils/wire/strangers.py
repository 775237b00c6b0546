# SPDX-License-Identifier: GPL-3.0-or-later
"""Conflicts of adverts: whether their sender is ours, and which VRID and addresses they have."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from .effect import effect, is_multicast
from .ours import Heard, OurInstance, Ours, is_virtual, shared

TTL = 255  # RFC 9568 §5.1.1.3; a routed packet has a lower one


class Conflict(NamedTuple):
    """One conflict; `name` is the same in every run, and the user accepts the conflict by it."""

    name: str
    kind: str
    vrid: Optional[int]
    family: str
    interface: str
    source: str
    mac: str
    message: str
    advice: str
    ours: bool = False
    """Whether it is between our own nodes, so that deploying their configuration resolves it."""


def conflict_of(heard: Heard, node: str, ours: Ours) -> Optional[Conflict]:
    """Return the conflict of one router's adverts, a record of Survey that a node heard, or None."""
    if heard["vlan"] is not None:  # another network; an interface in that VLAN hears the advert without the tag
        return None
    instance = ours.of_vrid(heard, node)
    if heard["protocol"] == "carp":
        return _carp(heard, instance, ours) if instance and not heard["own"] else None
    return _spoof(heard, node, instance, ours) or (
        _of_our_node(heard, ours) if ours.sent(heard) else _of_a_stranger(heard, node, ours)
    )


def _of_our_node(heard: Heard, ours: Ours) -> Optional[Conflict]:
    """Recognise an instance that one of our nodes still has, although the cluster no longer has it."""
    same = [
        instance for instance in ours.instances if (instance.vrid, instance.family) == (heard["vrid"], heard["family"])
    ]
    if heard["goodbye"] or not ours.instances or any(shared(instance, heard) for instance in same):
        return None
    belongs = f"it belongs to {same[0].name}, with other addresses" if same else "no instance of the cluster has it"
    return _conflict(
        heard,
        "stale_peer",
        f"our node {_who(heard)} advertises {_what(heard)} on {heard['interface']}, and as to that VRID, {belongs}",
        f"Take the leftover instance out of keepalived's configuration on {heard['source']}, and reload it.",
    )._replace(ours=True)


def _of_a_stranger(heard: Heard, node: str, ours: Ours) -> Optional[Conflict]:
    """Recognise a foreign router with an address or a VRID of ours."""
    claimed = ours.of_address(heard, node)
    if claimed:
        return _with_our_address(heard, claimed)
    instance = ours.of_vrid(heard, node)
    if instance is None or not (
        is_multicast(heard) or heard["destination"] in ours.sources or _share_a_mac(heard, instance)
    ):
        return None
    return _conflict(
        heard,
        "foreign_cluster",
        f"{_who(heard)} uses the VRID of {instance.name} on {heard['interface']}: it advertises {_what(heard)}; "
        f"{effect(instance, heard)}",
        f"Give {instance.name} {ours.spare()}, or have the owner of {heard['source']} change theirs.",
    )


def _with_our_address(heard: Heard, claimed: OurInstance) -> Conflict:
    if claimed.vrid == heard["vrid"]:
        return _conflict(
            heard,
            "stale_peer",
            f"{_who(heard)} is none of our nodes and advertises {claimed.name} on {heard['interface']} "
            f"({_what(heard)}): a node that left the cluster, or a copy of one",
            f"Stop keepalived on {heard['source']}, or add that node to the cluster.",
        )
    address = shared(claimed, heard)[0]
    return _conflict(
        heard,
        "address_in_use",
        f"{_who(heard)} advertises {address} of {claimed.name} on {heard['interface']}, under VRID {heard['vrid']} "
        f"and not {claimed.vrid}: both routers hold the address at once",
        f"Take {address} from {heard['source']}, or give {claimed.name} another address.",
    )._replace(name=f"address {address}")


def _share_a_mac(heard: Heard, instance: OurInstance) -> bool:
    return instance.vmac and is_virtual(heard["mac"])


def _carp(heard: Heard, instance: OurInstance, ours: Ours) -> Conflict:
    harm = "both use the same virtual MAC" if instance.vmac else "with keepalived_vmac, both would use one virtual MAC"
    return _conflict(
        heard,
        "carp",
        f"{_who(heard)} speaks CARP with the number {heard['vrid']} of {instance.name} on {heard['interface']}: "
        f"keepalived rejects its adverts as malformed; {harm}",
        f"Give {instance.name} {ours.spare()}, or have the firewall's VHID changed.",
    )._replace(name=f"carp {heard['vrid']} {heard['family']} {heard['source']}")


def _spoof(heard: Heard, node: str, instance: Optional[OurInstance], ours: Ours) -> Optional[Conflict]:
    """Recognise adverts that were routed or forged, unless they are unicast between foreign hosts."""
    at_home = ours.sent(heard) or instance is not None
    home = ours.homes.get((node, heard["interface"], heard["source"]), heard["mac"])
    machines = sorted(mac for mac in {home, *heard["macs"]} if not is_virtual(mac))
    if (
        heard["ttl"] != TTL
        and not heard["own"]
        and (at_home or is_multicast(heard) or heard["destination"] in ours.sources)
    ):
        reason = (
            f"with TTL {heard['ttl']} and not 255, so it was routed or forged; keepalived drops it from multicast, "
            "and from unicast where the peers have min_ttl 255"
        )
    elif len(machines) > 1 and at_home:
        reason = f"while {' and '.join(machines)} both use that address, so one forges it, or two hosts have it"
    else:
        return None
    return _conflict(
        heard,
        "spoof",
        f"an advert of {_what(heard)} came from {_who(heard)} on {heard['interface']} {reason}",
        f"Find who sends it by its MAC {heard['mac']}, and keep protocol 112 from other networks out.",
    )._replace(name=f"spoof {heard['vrid']} {heard['family']} {heard['source']}")


def _conflict(heard: Heard, kind: str, message: str, advice: str) -> Conflict:
    place: dict[str, Any] = {key: heard[key] for key in ("vrid", "family", "interface", "source", "mac")}
    name = f"vrid {heard['vrid']} {heard['family']} {heard['source']}"
    return Conflict(name=name, kind=kind, message=f"{message}.", advice=advice, **place)


def _who(heard: Heard) -> str:
    return f"{heard['source']} ({heard['mac']})"


def _what(heard: Heard) -> str:
    left_out = heard.get("addresses_left_out")
    addresses = ", ".join(heard["addresses"]) or "no address"
    addresses += f" and {left_out} more" if left_out else ""
    way = "multicast" if is_multicast(heard) else "unicast"
    return (
        f"VRID {heard['vrid']} with {addresses} by VRRPv{heard['protocol'][-1]} {way}, priority {heard['priority']}, "
        f"each {heard['interval_seconds']:g} s"
    )

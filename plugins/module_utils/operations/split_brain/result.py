# SPDX-License-Identifier: GPL-3.0-or-later
"""A split brain with its causes: the nodes that hold a VIP, the MACs that answer for it, and why no node yields."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Mapping, NamedTuple, Sequence, Tuple

from ...basics.address import bare
from ...basics.schema import is_address
from ...vrrp.read import read_vips
from ...vrrp.simulation.routers import has_higher_address
from ...wire.ours import VIRTUAL
from ..status import Shared, two_holders
from .advert_path import lost_on_the_way
from .configuration import configured_apart
from .evidence import Cause, InstancePart, Kind, Record, Witness, instance_with, part_of, witness_of

LEFT_BEHIND = "On {node}, start keepalived again: its unit removes the VIP first."


class VipAnswer(NamedTuple):
    """A MAC that answers for a VIP, and its node; empty if it is a stranger's."""

    mac: str
    node: str


def split_brain(vips: Any, nodes: Sequence[Mapping[str, Any]], record: Mapping[str, Record]) -> dict[str, Any]:
    """Explain every address that more than one node holds, from what is known of every node.

    Returns `vips` (vip, address, nodes, answers, message), `causes` (kind, message, cure; the likeliest first) and
    `says`, the sentences for people. All are empty when nothing is held twice. Raises Refused for wrong VIPs.
    """
    witnesses = {
        node["name"]: witness_of(node["name"], _addresses(node), record.get(node["name"]) or {}) for node in nodes
    }
    shared = two_holders(read_vips(vips), {name: each.later for name, each in witnesses.items()})
    causes: dict[str, Cause] = {}
    told = []
    for each in shared:
        answers = _answers(each.address, witnesses)
        told.append({**each._asdict(), "answers": [one._asdict() for one in answers], "message": _held(each, answers)})
        for cause in _causes(each, answers, witnesses):
            causes.setdefault(cause.message, cause)
    return {
        "vips": told,
        "causes": [{**cause._asdict(), "kind": cause.kind.value} for cause in causes.values()],
        "says": [*(each["message"] for each in told), *map(_because, causes.values())],
    }


def _addresses(node: Mapping[str, Any]) -> list[str]:
    given = node.get("address") or [node.get("ansible_host")]
    return [bare(each) for each in ([given] if isinstance(given, str) else given) if each and is_address(each)]


def _held(shared: Shared, answers: Sequence[VipAnswer]) -> str:
    if not answers:
        return shared.message
    macs = [f"{each.mac} ({each.node or 'none of the nodes'})" for each in answers]
    return f"{shared.message}; {' and '.join(macs)} answer{'s' if len(macs) == 1 else ''} for it"


def _because(cause: Cause) -> str:
    return f"Why: {cause.message}. {cause.cure}"


def _answers(address: str, witnesses: Mapping[str, Witness]) -> list[VipAnswer]:
    """Return the MACs that answer for an address, of what all nodes have seen."""
    owners = _owners(witnesses)
    macs = {
        mac for each in witnesses.values() for one in each.answers if one["address"] == address for mac in one["macs"]
    }
    return [VipAnswer(mac, owners.get(mac, "")) for mac in sorted(macs, key=lambda mac: (owners.get(mac, "~"), mac))]


def _owners(witnesses: Mapping[str, Witness]) -> dict[str, str]:
    """Return the owner of every MAC: the node whose own address it answers for, or that has it on an interface."""
    owners: dict[str, str] = {}
    for witness in witnesses.values():
        for other in witnesses.values():
            found = (answer for answer in other.answers if answer["address"] in witness.addresses)
            owners.update({mac: witness.name for answer in found for mac in answer["macs"]})
    for witness in witnesses.values():
        owners.update(dict.fromkeys(witness.macs, witness.name))
    for witness in witnesses.values():
        for instance in witness.later.get("instances") or ():
            for virtual in VIRTUAL.values():
                owners[f"{virtual}{instance['vrid']:02x}"] = f"virtual MAC of VRID {instance['vrid']}"
    return owners


def _causes(shared: Shared, answers: Sequence[VipAnswer], witnesses: Mapping[str, Witness]) -> list[Cause]:
    holders = [witnesses[name] for name in shared.nodes]
    wrong = {each.name: _cannot_yield(each, shared.address) for each in holders}
    parts = [part_of(each, shared.address) for each in holders if not wrong[each.name]]
    found = [
        *(cause for each in wrong.values() for cause in each),
        *(cause for pair in combinations(_by_priority(list(filter(None, parts))), 2) for cause in _between(*pair)),
        *(_stranger(each.mac, shared.address) for each in answers if not each.node),
    ]
    return found or [_unknown(shared, holders)]


def _stranger(mac: str, address: str) -> Cause:
    return Cause(
        Kind.STRANGER,
        f"{mac} answers for {address}, and is a MAC of none of the nodes",
        f"Find the host with this MAC, and take {address} from it.",
    )


def _cannot_yield(witness: Witness, address: str) -> Tuple[Cause, ...]:
    """Return why a holder cannot yield at all: keepalived does not run, does not answer, or is not active for it."""
    node, info = witness.name, witness.later
    instance = instance_with(info, address)
    if "running" not in info:
        message = f"keepalived on {node} stands still: {info.get('msg') or 'it does not answer'}"
    elif not info["running"]:
        message = f"keepalived does not run on {node}, and has left {address} behind"
    elif instance is None:
        message = f"no instance of keepalived on {node} has {address}: somebody else has set it there"
        return (Cause(Kind.LEFT_BEHIND, message, f"Take {address} from {node} by hand: ip address del."),)
    elif instance["state"] != "MASTER":
        message = f"{node} holds {address}, though its instance {instance['name']} is {instance['state']}"
        return (Cause(Kind.LEFT_BEHIND, message, LEFT_BEHIND.format(node=node)),)
    else:
        return ()
    return (Cause(Kind.KEEPALIVED, message, LEFT_BEHIND.format(node=node)),)


def _by_priority(parts: Sequence[InstancePart]) -> list[InstancePart]:
    """Return the parts with the rightful holder first: the others ought to yield to its adverts (RFC 9568 §6.4.3)."""

    def rank(part: InstancePart) -> Tuple[int, int]:
        beaten = sum(
            1 for each in parts if each.router and part.router and has_higher_address(part.router, each.router)
        )
        return -part.priority, -beaten

    return sorted(parts, key=rank)


def _between(winner: InstancePart, loser: InstancePart) -> list[Cause]:
    apart = configured_apart(winner, loser)
    ways = () if apart else (lost_on_the_way(winner, loser), lost_on_the_way(loser, winner))
    return [*apart, *(way for way in ways if way)]


def _unknown(shared: Shared, holders: Sequence[Witness]) -> Cause:
    silences = [silence for witness in holders for silence in witness.silences]
    looked = "the configurations agree, and the adverts come to each other" if not silences else "; ".join(silences)
    return Cause(
        Kind.UNKNOWN,
        f"no cause was found for {shared.address}: {looked}",
        f"Look at keepalived's journal on {' and '.join(shared.nodes)}.",
    )

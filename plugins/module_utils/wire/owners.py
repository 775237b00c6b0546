# SPDX-License-Identifier: GPL-3.0-or-later
"""Conflicts of addresses, from answers to probes: an address on a foreign host, or on two hosts."""

from __future__ import annotations

import ipaddress
from typing import Iterator, Mapping, Sequence

from .ours import VIRTUAL, Heard, Ours
from .strangers import Conflict


def wrong_owners(answers_by_node: Mapping[str, Sequence[Heard]], ours: Ours) -> Iterator[Conflict]:
    """Yield a conflict for every probed address on two hosts, or on one that is not a node of ours."""
    instances = {address: instance for instance in ours.instances for address in instance.addresses}
    virtual = {f"{VIRTUAL[instance.family]}{instance.vrid:02x}" for instance in ours.instances}
    for node in sorted(answers_by_node):
        for answer in answers_by_node[node]:
            address, macs = answer["address"], sorted(answer["macs"])
            instance = instances.get(address)
            if instance and not instance.is_on(node, answer["interface"]):  # another network may use the address too
                continue
            what = f"{address} ({instance.name})" if instance else address
            strangers = [mac for mac in macs if mac not in ours.macs and mac not in virtual]
            if len(macs) > 1:
                yield _twice(answer, what, macs, strangers)
            elif strangers and not answer["own"]:
                yield _taken(answer, what, macs[0])


def _twice(answer: Heard, what: str, macs: Sequence[str], strangers: Sequence[str]) -> Conflict:
    whose = f"of which {' and '.join(strangers)} is none of our nodes" if strangers else "which are nodes of ours"
    return _conflict(
        answer,
        "same_address_twice",
        strangers[0] if strangers else macs[0],
        f"{what} is on two hosts at once: {' and '.join(macs)} answer for it, {whose}; clients reach one or the other.",
        f"Find the ports of these MACs and take {answer['address']} from one; one host with two interfaces in this "
        "network answers from both unless arp_ignore is 1.",
    )._replace(name=f"address {answer['address']} twice", ours=not strangers)


def _taken(answer: Heard, what: str, mac: str) -> Conflict:
    return _conflict(
        answer,
        "address_in_use",
        mac,
        f"{what} is in use already: {mac}, which is none of our nodes, answers for it on {answer['interface']}; with "
        "our VIP there would be two, and clients reach one or the other.",
        f"Take {answer['address']} from the host with that MAC, or choose another address.",
    )


def _conflict(answer: Heard, kind: str, mac: str, message: str, advice: str) -> Conflict:
    return Conflict(
        name=f"address {answer['address']}",
        kind=kind,
        vrid=None,
        family=f"ipv{ipaddress.ip_address(answer['address']).version}",
        interface=answer["interface"],
        source=answer["address"],
        mac=mac,
        message=message,
        advice=advice,
    )

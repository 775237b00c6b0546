# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ear writes for all who want to know: one JSON text, put together of texts that are made when they change."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Mapping

from .claims import Claims
from .netlink import Interface
from .routers import Router, Routers
from .told import PROTOCOLS


def router_text(router: Router, routers: Routers) -> str:
    """Return the record of a router, but for what changes with every advert.

    What is usual is left out: `macs` and `priorities` with one of them, `vlan`, `inner_vlan`, `addresses_left_out`,
    `goodbye`, and `auth` without any.
    """
    key, advert = router.key, router.advert
    addresses = router.addresses(routers.ours)
    macs, priorities = router.macs(), router.priorities()
    record: Dict[str, Any] = {
        "interface": key.interface,
        "vrid": key.vrid,
        "family": key.family,
        "source": key.source,
        "own": router.own,
        "protocol": PROTOCOLS[key.protocol],
        "priority": advert.priority,
        "interval_seconds": advert.interval,
        "addresses": addresses,
        "mac": advert.envelope.mac,
        "ttl": router.ttl,
        "destination": advert.envelope.destination,
        "checksum": advert.checksum,
    }
    left_out = len(set(advert.addresses)) - len(addresses)
    unusual = {
        "macs": macs if len(macs) > 1 else None,
        "priorities": priorities if len(priorities) > 1 else None,
        "vlan": key.vlans[0] if key.vlans else None,
        "inner_vlan": key.vlans[1] if len(key.vlans) > 1 else None,
        "addresses_left_out": left_out or None,
        "auth": None if advert.auth == "none" else advert.auth,
        "goodbye": advert.goodbye or None,
    }
    record.update((name, value) for name, value in unusual.items() if value is not None)
    return f'{json.dumps(record)[:-1]}, "first": {router.first:.3f}'


def routers_text(routers: Routers) -> str:
    """Return all records as a JSON list."""
    texts: List[str] = []
    for router in routers:
        if not router.text:
            router.text = router_text(router, routers)
        texts.append(f'{router.text}, "adverts": {router.adverts}, "last": {router.last:.3f}}}')
    return f"[{', '.join(texts)}]"


def answers_of(claims: Claims, interfaces: Iterable[Interface], now: float) -> List[Dict[str, Any]]:
    """Return a record {address, interface, macs, own, last} for every address that is asked for.

    `own` means that this host has it; its MAC is then one of them.
    """
    holders = {address: each.mac for each in interfaces for address, _length in each.addresses}
    records = []
    for question, asked in claims.items():
        macs = set(asked.current(now))
        mine = holders.get(question.address)
        records.append(
            {
                "address": question.address,
                "interface": question.interface,
                "macs": sorted(macs | {mine} if mine else macs),
                "own": mine is not None,
                "last": round(asked.answered, 3),
            }
        )
    return records


def report(now: float, time: float, routers: str, parts: Mapping[str, str], rest: Mapping[str, Any]) -> str:
    """Return the whole text; `parts` are JSON texts by their keys."""
    pieces = [f'"time": {time:.3f}, "monotonic": {now:.3f}', f'"routers": {routers}']
    pieces += [f'"{name}": {text}' for name, text in parts.items()]
    return f"{{{', '.join(pieces)}, {json.dumps(rest)[1:]}\n"

# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking a node out of service and back, seen from all nodes: whether it may go, and what it takes when it is back."""

from __future__ import annotations

from typing import Any, Mapping

from ..basics.address import bare
from ..engines.catalogue import preset
from ..keepalived.live.standing import ABLE, Look, drained, drained_by, lacks, unable
from ..vrrp.read import read_vips
from ..vrrp.settings import settings_of
from .status import misplaced, two_holders
from .takeover import ADVERTS, MARGIN

Looks = Mapping[str, Look]


def drain_outlook(node: str, vips: Any, looks: Looks, preempt: bool = True) -> dict[str, Any]:
    """Say what draining a node, or bringing it back, means; `looks` is what M(vrrp_info) returned, by node.

    Returns `drained` (by people), `silent` (why it cannot be asked; empty when it answers), `refused` (why it must
    not be drained now, a sentence each), `misplaced` (VIPs without exactly one holder), `shared` (those with more than
    one) and `takes` (addresses that it will hold when it is back). Raises Refused for wrong VIPs.
    """
    already = drained(looks[node])
    return {
        "drained": already and not drained_by(looks[node]),
        "silent": "" if "running" in looks[node] else f"{node} {unable(looks[node])}",
        "refused": [] if already else _refused(node, looks),
        "misplaced": misplaced(vips, looks),
        "shared": [shared.message for shared in two_holders(read_vips(vips), looks)],
        "takes": _takes(node, looks, preempt),
    }


def move_seconds(variables: Mapping[str, Any]) -> float:
    """Return the longest that VIPs take to move, in seconds, by the variables `keepalived_*` of a node."""
    settings = settings_of(preset(variables))
    return settings.preempt_delay + ADVERTS * settings.advert_interval + MARGIN


def _refused(node: str, looks: Looks) -> list[str]:
    look = looks[node]
    if "running" not in look:
        return [f"{node} {unable(look)}, so it is left as it is"]
    if look.get("drain") is None:
        return [f"{node} is not set up by this collection: run site first"]
    if unable(look) and not look["held"]:
        return []
    why: dict[str, list[str]] = {}
    for instance in look["instances"]:
        reasons = {other: lacks(looks[other], instance["name"]) for other in looks if other != node}
        if all(reasons.values()):
            listed = "; ".join(f"{other} {reason}" for other, reason in reasons.items())
            why.setdefault(listed or "there is no other node", []).append(instance["name"])
    return [
        f"{node} is the last node that can serve {' and '.join(names)}, and is not drained: {reasons}"
        for reasons, names in why.items()
    ]


def _takes(node: str, looks: Looks, preempt: bool) -> list[str]:
    addresses: list[str] = []
    for instance in looks[node].get("instances") or ():
        rivals = [
            other["effective_priority"]
            for name, look in looks.items()
            for other in look.get("instances") or ()
            if name != node and other["name"] == instance["name"] and other["state"] in ABLE
        ]
        if not rivals or (preempt and instance["priority"] > max(rivals)):
            addresses += map(bare, instance["addresses"])
    return addresses

# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking a node out of service and back, seen from all nodes: whether it may go, and what it takes when it is back."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ..basics.address import bare
from ..vrrp.read import read_vips
from ..vrrp.settings import settings_of
from .status import drained, misplaced, two_holders

ABLE = ("MASTER", "BACKUP")
ADVERTS = 4  # three may be missed before a backup takes over, and its skew is less than one more
MARGIN = 10.0  # seconds, for a busy host


def drain_outlook(
    node: str, vips: Any, asked: Sequence[Mapping[str, Any]], preempt: bool = True, key: str = "__ha_lb_peer"
) -> dict[str, Any]:
    """Say what draining a node, or bringing it back, means; `asked` is what M(vrrp_info) said, by `key`.

    Returns `drained` (by people), `silent` (why it cannot be asked; empty when it answers), `refused` (why it must
    not be drained now, a sentence each), `misplaced` (VIPs without exactly one holder), `shared` (those with more than
    one) and `takes` (addresses that it will hold when it is back). Raises Refused for wrong VIPs.
    """
    infos = {each[key]: each for each in asked}
    already = drained(infos[node])
    return {
        "drained": already and not infos[node]["drain"].get("by"),
        "silent": "" if "running" in infos[node] else f"{node} {unable(infos[node])}",
        "refused": [] if already else _refused(node, infos),
        "misplaced": misplaced(vips, infos),
        "shared": [each.message for each in two_holders(read_vips(vips), infos)],
        "takes": _takes(node, infos, preempt),
    }


def move_seconds(variables: Mapping[str, Any]) -> float:
    """Return the longest that VIPs take to move, in seconds, by the variables `keepalived_*` of a node."""
    settings = settings_of(variables)
    return settings.preempt_delay + ADVERTS * settings.advert_interval + MARGIN


def unable(info: Mapping[str, Any]) -> str:
    """Say why a node could not take over; say nothing if it could."""
    if "running" not in info:
        return "cannot be reached" if info.get("unreachable") else f"does not say how it is ({info.get('msg')})"
    if not info["running"]:
        return "runs no keepalived"
    if info["proxy"] != "ok":
        return f"has a proxy that does not answer ({info['proxy']})"
    if drained(info):
        return "is drained"
    states = sorted({each["state"] for each in info["instances"] if each["state"] not in ABLE})
    return f"is in state {' and '.join(states)}" if states else ""


def _refused(node: str, infos: Mapping[str, Mapping[str, Any]]) -> list[str]:
    info = infos[node]
    if "running" not in info:
        return [f"{node} {unable(info)}, so it is left as it is"]
    if info.get("drain") is None:
        return [f"{node} is not set up by this collection: run site first"]
    if unable(info) and not info["held"]:
        return []
    why: dict[str, list[str]] = {}
    for each in info["instances"]:
        others = [other for other in infos if other != node and not _lacks(infos[other], each["name"])]
        reasons = {other: _lacks(infos[other], each["name"]) for other in infos if other != node}
        if not others:
            said = "; ".join(f"{other} {reason}" for other, reason in reasons.items())
            why.setdefault(said or "there is no other node", []).append(each["name"])
    return [
        f"{node} is the last node that can serve {' and '.join(names)}, and is not drained: {reasons}"
        for reasons, names in why.items()
    ]


def _lacks(info: Mapping[str, Any], instance: str) -> str:
    """Say why a node could not take over this instance."""
    there = "running" not in info or any(each["name"] == instance for each in info["instances"])
    return unable(info) or ("" if there else f"does not have {instance}")


def _takes(node: str, infos: Mapping[str, Mapping[str, Any]], preempt: bool) -> list[str]:
    addresses: list[str] = []
    for each in infos[node].get("instances") or ():
        rivals = [
            other["effective_priority"]
            for name, info in infos.items()
            for other in info.get("instances") or ()
            if name != node and other["name"] == each["name"] and other["state"] in ABLE
        ]
        if not rivals or (preempt and each["priority"] > max(rivals)):
            addresses += map(bare, each["addresses"])
    return addresses

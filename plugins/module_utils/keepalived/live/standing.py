# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is to its cluster, by one look at it, in words that do not depend on VRRP: holds, fit, drained."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Sequence

from ...basics.address import bare

Look = Mapping[str, Any]
"""What M(vrrp_info) returned, or {} for a node that was not asked."""

ABLE = ("MASTER", "BACKUP")


def standing(look: Look, vips: Mapping[str, Sequence[str]]) -> Dict[str, Any]:
    """Return what a node is to the cluster; `vips` are the addresses of every VIP, without prefix lengths, by its name.

    `holds` (addresses of VIPs), `fit` (it could serve, if nobody else did), `drained`, `can_take_over` (fit, and not
    drained), `why` (in a few words, why it cannot take over; empty when it can), and `vips`: the same of every VIP.
    """
    held = list(look.get("held") or ())
    why = unable(look)
    node = {"holds": held, "fit": not unfit(look), "drained": drained(look), "can_take_over": not why, "why": why}
    return {**node, "vips": {name: _of_vip(look, name, addresses, node) for name, addresses in vips.items()}}


def _of_vip(look: Look, name: str, addresses: Sequence[str], node: Mapping[str, Any]) -> Dict[str, Any]:
    instances = [
        instance
        for instance in look.get("instances") or ()
        if {bare(address) for address in instance.get("addresses") or ()}.intersection(addresses)
    ]
    missing = "" if instances or "running" not in look else f"does not have {name}"
    faulty = "" if node["drained"] else _faulty(instances)
    why = _unreached(look) or missing or faulty or ("is drained" if node["drained"] else "")
    return {
        "holds": [address for address in node["holds"] if address in addresses],
        "fit": not (_unreached(look) or missing or faulty),
        "drained": node["drained"],
        "can_take_over": not why,
        "why": why,
    }


def drained(look: Look) -> bool:
    """Tell whether a node was taken out of service, by people or by a playbook."""
    return bool((look.get("drain") or {}).get("value"))


def drained_by(look: Look) -> str:
    """Return the playbook that has drained a node for a while; nothing where people did, or nobody."""
    return str((look.get("drain") or {}).get("by") or "")


def unable(look: Look) -> str:
    """Say why a node could not take over; say nothing if it could."""
    problem = _unreached(look)
    if problem:
        return problem
    return "is drained" if drained(look) else _faulty(look["instances"])


def unfit(look: Look) -> str:
    """Say why a node could not serve; say nothing if it could. A drained one could, where nobody else is left.

    Its instances may be in FAULT: that is how it is drained where its peers do not preempt.
    """
    problem = _unreached(look)
    return problem if problem or drained(look) else _faulty(look["instances"])


def lacks(look: Look, instance: str) -> str:
    """Say why a node could not take over this instance."""
    there = "running" not in look or any(each["name"] == instance for each in look["instances"])
    return unable(look) or ("" if there else f"does not have {instance}")


def _unreached(look: Look) -> str:
    if "running" not in look:
        return "cannot be reached" if look.get("unreachable") else f"does not say how it is ({look.get('msg')})"
    if not look["running"]:
        return "runs no keepalived"
    return "" if look["proxy"] == "ok" else f"has a proxy that does not answer ({look['proxy']})"


def _faulty(instances: Sequence[Mapping[str, Any]]) -> str:
    states = sorted({each["state"] for each in instances if each["state"] not in ABLE})
    return f"is in state {' and '.join(states)}" if states else ""

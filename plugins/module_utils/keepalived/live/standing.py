# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is to its cluster, by one look at it, in words that do not depend on VRRP: holds, fit, drained."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Sequence

from ...basics.address import bare
from ...basics.visible import shortened
from ...host.http_probe import SERVES
from .agents import LONGEST, runs

Look = Mapping[str, Any]
"""What M(vrrp_info) returned, or {} for a node that was not asked."""

Index = Mapping[str, Sequence[Mapping[str, Any]]]
ABLE = ("MASTER", "BACKUP")


class Obstacle(NamedTuple):
    """What keeps a node from taking over: its kind, one of OBSTACLES, and in a few words, behind the node's name."""

    kind: str = ""
    why: str = ""

    def __bool__(self) -> bool:
        return bool(self.kind)


OBSTACLES = ("unreached", "silent", "stopped", "proxy", "unfit", "fault", "missing", "drained")
NONE = Obstacle()


def standing(look: Look, vips: Mapping[str, Sequence[str]]) -> Dict[str, Any]:
    """Return what a node is to the cluster; `vips` are the addresses of every VIP, without prefix lengths, by its name.

    `holds` (addresses of VIPs), `fit` (it could serve, if nobody else did), `drained`, `can_take_over` (fit, and not
    drained), `why` (in a few words, why it cannot take over; empty when it can), and `vips`: the same of every VIP.
    """
    held = list(look.get("held") or ())
    why = unable(look)
    node = {"holds": held, "fit": not unfit(look), "drained": drained(look), "can_take_over": not why, "why": why}
    index = instances_by_address(look)
    return {**node, "vips": {name: _of_vip(look, name, each, held, index) for name, each in vips.items()}}


def _of_vip(look: Look, name: str, addresses: Sequence[str], held: Sequence[str], index: Index) -> Dict[str, Any]:
    wrong = vip_obstacle(look, name, instances_of(addresses, index))
    return {
        "holds": [address for address in held if address in addresses],
        "fit": wrong.kind in ("", "drained"),
        "drained": drained(look),
        "can_take_over": not wrong,
        "why": wrong.why,
    }


def instances_by_address(look: Look) -> Index:
    """Return the instances of a node by each of their addresses, without prefix lengths; every one is read once."""
    index: Dict[str, List[Mapping[str, Any]]] = {}
    for instance in look.get("instances") or ():
        for address in instance.get("addresses") or ():
            index.setdefault(bare(address), []).append(instance)
    return index


def instances_of(addresses: Sequence[str], index: Index) -> List[Mapping[str, Any]]:
    """Return the instances that have one of these addresses, each once."""
    return list({id(each): each for address in addresses for each in index.get(address, ())}.values())


def vip_obstacle(look: Look, name: str, instances: Sequence[Mapping[str, Any]]) -> Obstacle:
    """Return what keeps a node from taking over a VIP, which it has by these instances."""
    there = instances or "running" not in look
    return (
        _unreached(look)
        or (NONE if there else Obstacle("missing", f"does not have {name}"))
        or (Obstacle("drained", "is drained") if drained(look) else _faulty(look, instances))
    )


def drained(look: Look) -> bool:
    """Tell whether a node was taken out of service, by people or by a playbook."""
    return bool((look.get("drain") or {}).get("value"))


def drained_by(look: Look) -> str:
    """Return the playbook that has drained a node for a while; nothing where people did, or nobody."""
    return str((look.get("drain") or {}).get("by") or "")


def obstacle(look: Look) -> Obstacle:
    """Return what keeps a node from taking over anything it has an instance of; nothing is known of VIPs here."""
    problem = _unreached(look)
    if problem:
        return problem
    return Obstacle("drained", "is drained") if drained(look) else _faulty(look, look["instances"])


def unable(look: Look) -> str:
    """Say why a node could not take over; say nothing if it could."""
    return obstacle(look).why


def unfit(look: Look) -> str:
    """Say why a node could not serve; say nothing if it could. A drained one could, where nobody else is left.

    Its instances may be in FAULT: that is how it is drained where its peers do not preempt.
    """
    found = obstacle(look)
    return "" if found.kind == "drained" else found.why


def lacks(look: Look, instance: str) -> str:
    """Say why a node could not take over this instance."""
    there = "running" not in look or any(each["name"] == instance for each in look["instances"])
    return unable(look) or ("" if there else f"does not have {instance}")


def _unreached(look: Look) -> Obstacle:
    if "running" not in look:
        if look.get("unreachable"):
            return Obstacle("unreached", "cannot be reached")
        return Obstacle("silent", f"does not say how it is ({look.get('msg')})")
    if not look["running"]:
        return Obstacle("stopped", "runs no keepalived")
    if look["proxy"] not in SERVES:
        return Obstacle("proxy", f"has a proxy that does not answer ({look['proxy']})")
    return _unfit_node(look)


def _faulty(look: Look, instances: Sequence[Mapping[str, Any]]) -> Obstacle:
    states = sorted({each["state"] for each in instances if each["state"] not in ABLE})
    if states:
        return Obstacle("fault", f"is in state {' and '.join(states)}")
    names = {each["name"] for each in instances}
    said = [each["why"] for each in _verdict(look).get("unfit") or () if each["name"] in names]
    return Obstacle("unfit", _clause(said[0])) if said else NONE


def _unfit_node(look: Look) -> Obstacle:
    said = _verdict(look).get("node_unfit")
    return Obstacle("unfit", _clause(said)) if said else NONE


def _verdict(look: Look) -> Mapping[str, Any]:
    """Return what the guard of a node says; nothing where it said so too long ago."""
    said = look.get("guard") or {}
    return said if runs(said) else {}


def _clause(said: str) -> str:
    return shortened(said.replace("\n", " "), LONGEST)

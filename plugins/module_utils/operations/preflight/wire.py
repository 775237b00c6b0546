# SPDX-License-Identifier: GPL-3.0-or-later
"""What was heard on the wire, as a table, and the conflicts that it means."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ...basics.table import columns
from ...cluster.inventory import inventory_conflicts
from ...vrrp.host import at_rest, interface_of, read_hosts
from ...vrrp.read import read_vips
from ...wire.conflicts import conflicts

PROTOCOLS = {"vrrp2": "VRRPv2", "vrrp3": "VRRPv3", "carp": "CARP"}
ADDRESSES_SHOWN = 3
SILENCE = "nobody speaks VRRP or CARP where these nodes can hear it"


def heard_rows(heard: Mapping[str, Sequence[Mapping[str, Any]]], nodes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a row for every sender and VRID, with the nodes that heard it.

    `heard` has the routers that each node heard; `nodes` has the names of our nodes by address.
    """
    rows: dict[Any, dict[str, Any]] = {}
    for node, routers in heard.items():
        for router in routers:
            key = (router["vrid"], router["family"], router["source"], router["protocol"], router["vlan"])
            row = rows.setdefault(key, {**_row(router, nodes), "heard_by": []})
            row["heard_by"] += [node] if node not in row["heard_by"] else []
    return [rows[key] for key in sorted(rows, key=lambda key: (key[0], str(key)))]


def _row(each: Mapping[str, Any], nodes: Mapping[str, str]) -> dict[str, Any]:
    addresses = list(each["addresses"])
    more = len(addresses) + each.get("addresses_left_out", 0) - ADDRESSES_SHOWN
    return {
        "vrid": each["vrid"],
        "who": nodes.get(each["source"], each["source"]),
        "ours": each["source"] in nodes,
        "mac": each["mac"],
        "protocol": PROTOCOLS[each["protocol"]] + ("" if each["vlan"] is None else f" in VLAN {each['vlan']}"),
        "priority": each["priority"],
        "interval": f"{each['interval_seconds']:g} s",
        "addresses": addresses[:ADDRESSES_SHOWN] + ([f"{more} more"] if more > 0 else []),
    }


def heard_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Print these rows in columns."""
    lines = [
        (
            row["vrid"],
            row["who"],
            row["mac"],
            row["protocol"],
            row["priority"],
            row["interval"],
            ", ".join(row["addresses"]) or "-",
            ", ".join(row["heard_by"]),
        )
        for row in rows
    ]
    head = ("VRID", "who", "MAC", "speaks", "priority", "each", "for", "heard by")
    return columns([head, *lines]) if lines else [SILENCE]


def listened_for(seconds: float) -> str:
    """Return for how long was listened, for people: `4 s`, `12 min`, `5 h`, `3 days`; empty for not at all."""
    if not seconds:
        return ""
    for unit, name, most in ((1, "s", 120), (60, "min", 7200), (3600, "h", 172_800)):
        if seconds < most:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 86_400:.0f} days"


def conflict_lines(conflicts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Print a line for each conflict."""
    return [
        f"{'' if each['blocks'] else 'accepted: ' if each['accepted'] else 'site mends this: '}{each['message']}"
        for each in conflicts
    ]


def conflict_finding(conflict: Mapping[str, Any]) -> str:
    """Return what is wrong, what to do, and how to accept it, as a sentence."""
    advice = str(conflict["advice"]).rstrip(".")
    return f'{conflict["message"]} {advice}; or accept it: ha_lb_accept_conflicts: ["{conflict["name"]}"]'


def wire_of(
    instances: Sequence[Mapping[str, Any]], seen: Mapping[str, Any], variables: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what was heard, and the conflicts.

    `heard` and `answers` are by node, `conflicts` have `accepted` and `blocks` besides what P(vrid_conflicts) returns,
    `free_vrids` are numbers, `unseen` are sentences, and `listened_for` is how long all nodes listened, as a text.
    """
    wire = seen.get("wire") or {}
    heard = {node: each.get("heard") or [] for node, each in wire.items()}
    answers = {node: each.get("answers") or [] for node, each in wire.items()}
    # Our own variables come from the run, because they have the VRIDs in use, which the inventory lacks
    clusters = [{**each, "variables": variables} for each in (seen.get("clusters") or ())[:1]]
    inventory = inventory_conflicts([*clusters, *(seen.get("clusters") or ())[1:]])
    reserved = [vrid for vrid in _listed(variables.get("ha_lb_taken_vrids")) if isinstance(vrid, int)]
    spoken = [vrid for each in wire.values() for vrid in each.get("vrids") or ()]
    taken = [*reserved, *inventory["vrids"], *spoken]
    found: dict[str, Any] = {"conflicts": [], "free_vrids": []}
    if wire:
        places = _places(instances, variables, seen)
        known = [_ours(each, variables, places) for each in instances]
        macs = [mac for each in wire.values() for mac in each.get("macs") or ()]
        found = conflicts(heard, answers, known, taken, macs)
    accepted = _listed(variables.get("ha_lb_accept_conflicts"))
    of_both = [*inventory["conflicts"], *found["conflicts"]]
    judged = [{**each, "accepted": each["name"] in accepted} for each in of_both]
    unseen = [sentence for each in wire.values() for sentence in each.get("unseen") or ()]
    return {
        "heard": heard,
        "answers": answers,
        "conflicts": [{**each, "blocks": not each["accepted"] and not each.get("ours")} for each in judged],
        "free_vrids": found["free_vrids"],
        "unseen": [*dict.fromkeys(unseen), *inventory["unseen"]],
        "listened_for": listened_for(min((each.get("listened_seconds") or 0 for each in wire.values()), default=0)),
    }


def _listed(value: Any) -> Sequence[Any]:
    """Return a list as it is, and an empty one for a value that the input check refuses."""
    return value if isinstance(value, (list, tuple)) else ()


def _places(
    instances: Sequence[Mapping[str, Any]], variables: Mapping[str, Any], seen: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Return the interface of every instance by node, because adverts on another one belong to another network."""
    vips = {vip.name: vip for vip in read_vips(variables.get("ha_lb_vips"))} if instances else {}
    hosts = read_hosts(seen.get("interfaces") or {})
    resting = {node: at_rest(interfaces, list(vips.values())) for node, interfaces in hosts.items()}
    found = {
        each["name"]: {node: interface_of(vips[each["vip"]], each["family"], here) for node, here in resting.items()}
        for each in instances
    }
    return {name: {node: where for node, where in places.items() if where} for name, places in found.items()}


def _ours(
    instance: Mapping[str, Any], variables: Mapping[str, Any], places: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    return {
        "name": instance["name"],
        "vrid": instance["vrid"],
        "family": instance["family"],
        "addresses": list(instance["addresses"]),
        "sources": list(instance["peers"].values()),
        "transport": variables.get("keepalived_transport", "unicast"),
        "version": int(variables.get("keepalived_vrrp_version", 3)),
        "priority": max(instance["priorities"].values()),
        "vmac": variables.get("keepalived_vmac", False),
        "interface": instance["interface"] or places[instance["name"]],
    }

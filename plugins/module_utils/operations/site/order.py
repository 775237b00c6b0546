# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node of a rolling change is next, and whether the others could do without it."""

from __future__ import annotations

from typing import Any, Mapping, Sequence, Tuple

from ...cluster.record import Record, newest_look
from ...keepalived.live.standing import unfit


def rolling_order(nodes: Sequence[str], record: Record, leaving: bool = False) -> list[str]:
    """Return the nodes in the order of a rolling change: what is unfit first, then by VIPs held, and new nodes last.

    What is unfit has nothing to lose. A new node hears no adverts before its peers know it: started first, it would
    take every VIP for free. Of nodes that are `leaving`, one that does not run comes first, so that the holder is the
    last.
    """

    def place(node: str) -> Tuple[bool, bool, int]:
        known = record[node]
        held = len(known["standing"]["holds"])
        if leaving:
            return _runs_ours(known), False, held
        return not _member(known), known["standing"]["can_take_over"], held

    return sorted(nodes, key=place)


def left_alone(node: str, order: Sequence[str], record: Record) -> bool:
    """Tell whether a node stays as it is, because it has failed already, or one before it in the order is not done."""
    earlier = order[: order.index(node)]
    return bool(record[node]["outcome"]["failure"]) or not all(record[each]["outcome"]["done"] for each in earlier)


def failed_nodes(nodes: Sequence[str], record: Record) -> list[str]:
    """Return those of the nodes whose change has failed."""
    return [node for node in nodes if record[node]["outcome"]["failure"]]


def reloaded_nodes(nodes: Sequence[str], record: Record) -> list[str]:
    """Return those of the nodes whose keepalived has changed in a simultaneous reload."""
    return [node for node in nodes if record[node]["outcome"]["reloaded"]]


def reload_back(reload: Mapping[str, Any], nodes: Sequence[str]) -> dict[str, Any]:
    """Return the simultaneous reload by which `nodes`, those that took part in `reload`, revert.

    `reload` is what M(keepalived_simultaneous_reload) takes: `word`, `addresses` by node, and others that
    stay. Packets of the one prove nothing in the other.
    """
    addresses = {node: each for node, each in reload["addresses"].items() if node in nodes}
    return {**reload, "word": f"{reload['word']} back", "addresses": addresses, "restore": True}


def stands_alone(node: str, nodes: Sequence[str], record: Record) -> str:
    """Say why no other node could take over from one that serves, as they were found, or changed since.

    Says nothing when one could, or when this one serves nobody. New nodes do not count, and one that people have
    drained would take over where nobody else is left.
    """
    standing = record[node]["standing"]
    if not standing["holds"] or not standing["can_take_over"]:
        return ""
    why = {other: _lacks(record[other]) for other in nodes if other != node and _member(record[other])}
    if not all(why.values()) or not why:
        return ""
    return (
        f"{node} is the last node that can serve, and is not changed: "
        f"{'; '.join(f'{other} {reason}' for other, reason in why.items())}: mend that, then run site again"
    )


def peers_run(node: str, nodes: Sequence[str], record: Record) -> list[str]:
    """Return the names of the instances that the other nodes run; none, once one of them is changed and runs them all.

    What M(vrrp_info) calls `peers_run`: where no peer runs an instance yet, none sends its adverts.
    """
    others = [record[other] for other in nodes if other != node]
    if any(other["outcome"]["done"] for other in others):
        return []
    return sorted({instance["name"] for other in others for instance in newest_look(other).get("instances") or ()})


def _lacks(known: Mapping[str, Any]) -> str:
    if known["outcome"]["done"] and not known["outcome"]["same"]:
        return ""
    return unfit(newest_look(known))


def _runs_ours(known: Mapping[str, Any]) -> bool:
    """Tell whether a keepalived of ours was found running."""
    before = known.get("before") or {}
    return bool(before.get("running", True)) and "keepalived" in before.get("units", ["keepalived"])


def _member(known: Mapping[str, Any]) -> bool:
    """Tell whether the others know this node: a keepalived of ours runs, or did, and has its configuration still."""
    units = (known.get("before") or {}).get("units", ())
    return _runs_ours(known) or ("keepalived" in units and bool((known.get("config") or {}).get("config")))

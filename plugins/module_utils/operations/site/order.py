# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node of a rolling change is next, and whether the others could do without it."""

from __future__ import annotations

from typing import Any, Mapping, Sequence, Tuple

from ..drain import unable
from ..status import drained

Hostvars = Mapping[str, Mapping[str, Any]]


def rolling_order(nodes: Sequence[str], hostvars: Hostvars, leaving: bool = False) -> list[str]:
    """Return the nodes in the order of a rolling change: what is unfit first, then by VIPs held, and new nodes last.

    What is unfit has nothing to lose. A new node hears no adverts before its peers know it: started first, it would
    take every VIP for free. Of nodes that are `leaving`, one that does not run comes first, so that the holder is the
    last.
    """

    def place(node: str) -> Tuple[bool, bool, int]:
        now = _now(hostvars[node])
        held = len(now.get("held") or ())
        if leaving:
            return _here(hostvars[node]), False, held
        return not _member(hostvars[node]), not unable(now), held

    return sorted(nodes, key=place)


def stands_alone(node: str, nodes: Sequence[str], hostvars: Hostvars) -> str:
    """Say why no other node could take over from one that serves, as they were found, or changed since.

    Says nothing when one could, or when this one serves nobody. New nodes do not count, and one that people have
    drained would take over where nobody else is left.
    """
    now = _now(hostvars[node])
    if not now.get("held") or unable(now):
        return ""
    others = [each for each in nodes if each != node and _member(hostvars[each])]
    why = {each: _lacks(hostvars[each]) for each in others}
    if not all(why.values()) or not why:
        return ""
    return (
        f"{node} is the last node that can serve, and is not changed: "
        f"{'; '.join(f'{each} {reason}' for each, reason in why.items())}: mend that, then run site again"
    )


def peers_run(node: str, nodes: Sequence[str], hostvars: Hostvars) -> list[str]:
    """Return the names of the instances that the other nodes run; none, once one of them is changed and runs them all.

    What M(vrrp_info) calls `peers_run`: where no peer runs an instance yet, none speaks of it.
    """
    others = [hostvars[each] for each in nodes if each != node]
    if any(each.get("__ha_lb_done") for each in others):
        return []
    return sorted({instance["name"] for each in others for instance in _now(each).get("instances") or ()})


def _lacks(said: Mapping[str, Any]) -> str:
    if said.get("__ha_lb_done") and not said.get("__ha_lb_same"):
        return ""
    now = _now(said)
    return "" if drained(now) and now.get("proxy") == "ok" else unable(now)


def _now(said: Mapping[str, Any]) -> Mapping[str, Any]:
    return said.get("__ha_lb_now") or said.get("__ha_lb_before") or {}


def _here(said: Mapping[str, Any]) -> bool:
    """Tell whether a keepalived of ours runs."""
    before = said.get("__ha_lb_before") or {}
    return before.get("running", True) and "keepalived" in before.get("units", ["keepalived"])


def _member(said: Mapping[str, Any]) -> bool:
    """Tell whether the others know this node: a keepalived of ours runs, or did, and has its configuration still."""
    units = (said.get("__ha_lb_before") or {}).get("units", ())
    return _here(said) or ("keepalived" in units and bool((said.get("__ha_lb_config") or {}).get("config")))

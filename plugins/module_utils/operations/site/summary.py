# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each node in a rolling change: its state, what it runs now, and what there is to do."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Sequence

from ...basics.table import columns
from ...engines.catalogue import ENGINES

HEADER = ("node", "state", "runs", "what to do")
WANTED, PREVIOUS = "the wanted configuration", "the previous configuration"


class Outcome(NamedTuple):
    """A node at the end of a run; `reason` says why it was not changed as wanted."""

    node: str
    state: str
    runs: str
    todo: str
    reason: str = ""


def site_summary(
    nodes: Sequence[str], rolling: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]], check: bool = False
) -> dict[str, Any]:
    """Judge what the tasks of a rolling change noted on each node; `rolling` is the order in which they were changed.

    Returns `says` (a table for people, and the reasons), `nodes` (the same as data) and `failed`.
    """
    order = [*rolling, *(node for node in nodes if node not in rolling)]
    outcomes = [_outcome(node, hostvars[node], check, bool(rolling)) for node in order]
    rows = [HEADER, *((each.node, each.state, each.runs, each.todo) for each in outcomes)]
    return {
        "says": columns(rows) + [f"{each.node}: {each.reason}" for each in outcomes if each.reason],
        "nodes": [each._asdict() for each in outcomes],
        "failed": any(each.state not in ("unchanged", "changed", "would change", "not asked") for each in outcomes),
    }


def _outcome(node: str, said: Mapping[str, Any], check: bool, rolled: bool) -> Outcome:
    if said.get("__ha_lb_failure"):
        return _failed(node, said)
    if said.get("__ha_lb_same"):
        return Outcome(node, "unchanged", WANTED, "-")
    if said.get("__ha_lb_done"):
        return Outcome(node, "would change", PREVIOUS, "-") if check else Outcome(node, "changed", WANTED, "-")
    if said.get("__ha_lb_begun"):
        todo = "bring it back, then run site again"
        return Outcome(node, "lost on the way", "unknown", todo, "it does not answer any more")
    if "__ha_lb_before" not in said:
        return Outcome(node, "not asked", "unknown", "-")
    todo = "run site again when the others are well" if rolled else "run site again"
    return Outcome(node, "not reached", PREVIOUS, todo)


def _failed(node: str, said: Mapping[str, Any]) -> Outcome:
    reason = str(said["__ha_lb_failure"])
    if said.get("__ha_lb_restored"):
        todo = "mend what is said below, then run site again"
        return Outcome(node, "failed, restored", PREVIOUS, todo, reason)
    journal = f"journalctl -u keepalived -u {said.get('ha_lb_engine') or ENGINES[0].name}"
    again = said.get("__ha_lb_not_restored")
    return Outcome(
        node,
        "failed",
        "unknown",
        f"look at {journal} on it, then run site again",
        f"{reason}; going back did not help: {again}" if again else reason,
    )

# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of every node in a rolling change: its state, what it runs now, and what there is to do."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Sequence

from ...basics.table import columns
from ...cluster.record import Record

HEADER = ("node", "state", "runs", "what to do")
WANTED, PREVIOUS = "the wanted configuration", "the previous configuration"
GOOD = ("unchanged", "changed", "would change", "not asked")


class NodeOutcome(NamedTuple):
    """A node at the end of a run; `reason` says why it was not changed as wanted."""

    node: str
    state: str
    runs: str
    todo: str
    reason: str = ""


def site_summary(record: Record, order: Sequence[str], units: Sequence[str], check: bool = False) -> dict[str, Any]:
    """Judge what a rolling change noted of every node; `order` is that in which they were changed.

    `units` are those whose journals explain a failure. Returns `says` (a table for people, and the reasons), `nodes`
    (the same as data) and `failed`.
    """
    nodes = [*order, *(node for node in record if node not in order)]
    outcomes = [_outcome(node, record[node], units, check, bool(order)) for node in nodes]
    rows = [HEADER, *((each.node, each.state, each.runs, each.todo) for each in outcomes)]
    return {
        "says": columns(rows) + [f"{each.node}: {each.reason}" for each in outcomes if each.reason],
        "nodes": [each._asdict() for each in outcomes],
        "failed": any(each.state not in GOOD for each in outcomes),
    }


def _outcome(node: str, known: Mapping[str, Any], units: Sequence[str], check: bool, rolled: bool) -> NodeOutcome:
    outcome = known["outcome"]
    if outcome["failure"]:
        return _failed(node, outcome, units)
    if outcome["same"]:
        return NodeOutcome(node, "unchanged", WANTED, "-")
    if outcome["done"]:
        return NodeOutcome(node, "would change", PREVIOUS, "-") if check else NodeOutcome(node, "changed", WANTED, "-")
    if outcome["begun"]:
        todo = "bring it back, then run site again"
        return NodeOutcome(node, "lost on the way", "unknown", todo, "it does not answer any more")
    if not known.get("before"):
        return NodeOutcome(node, "not asked", "unknown", "-")
    todo = "run site again when the others are well" if rolled else "run site again"
    return NodeOutcome(node, "not reached", PREVIOUS, todo)


def _failed(node: str, outcome: Mapping[str, Any], units: Sequence[str]) -> NodeOutcome:
    reason = str(outcome["failure"])
    if outcome["restored"]:
        todo = "mend what is said below, then run site again"
        return NodeOutcome(node, "failed, restored", PREVIOUS, todo, reason)
    journal = "journalctl " + " ".join(f"-u {unit}" for unit in units)
    again = outcome["not_restored"]
    return NodeOutcome(
        node,
        "failed",
        "unknown",
        f"look at {journal} on it, then run site again",
        f"{reason}; going back did not help: {again}" if again else reason,
    )

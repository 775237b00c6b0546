# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout and the proof as tables: the first choice of every VIP, its heirs, and the predicted times."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from ...basics.table import columns
from ...vrrp.simulation.proof import NOBODY_REACHES, PAIR

KINDS = {
    "node": "a node dies",
    "link": "a node loses its network",
    "proxy": "a proxy fails",
    "keepalived": "keepalived is killed",
    "uplink": "a node loses its uplinks",
}
HEIRS_SHOWN = 3


def vip_rows(instances: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each instance: its VIP, addresses, VRID, and the nodes in their order with priorities."""
    return [
        {
            "vip": each["vip"],
            "addresses": list(each["addresses"]),
            "vrid": each["vrid"],
            "order": list(each["order"]),
            "priorities": [each["priorities"][node] for node in each["order"]],
        }
        for each in instances
    ]


def node_rows(nodes: Sequence[str], instances: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each node: its addresses, the VIPs it is first choice for, and those it takes over first."""
    return [
        {
            "node": node,
            "addresses": _unique(each["peers"][node] for each in instances if node in each["peers"]),
            "first": _unique(each["vip"] for each in instances if node == each["order"][0]),
            "next": _unique(each["vip"] for each in instances if node in each["order"][1:2]),
        }
        for node in nodes
    ]


def time_rows(proof: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the worst predicted times of each kind of single failure, and of all pairs."""
    rows = []
    for what, failures in _kinds(proof["failures"]):
        lost = sum(1 for each in failures if each["lost"])
        outage = max(each["outage_seconds"] for each in failures)
        rows.append(
            {
                "what": what,
                "outage": "no end" if lost == len(failures) else duration(outage),
                "both": duration(max(each["two_holders_seconds"] for each in failures)),
                "lost": f"{lost} of {len(failures)} leave a VIP without a node" if lost else "",
            }
        )
    return rows


def _kinds(failures: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    for kind, what in KINDS.items():
        alone = [each for each in failures if [part["kind"] for part in each["parts"]] == [kind]]
        if alone:
            yield what, alone
    pairs = [each for each in failures if len(each["parts"]) == PAIR]
    if pairs:
        yield "two of these at once", pairs
    more = [each for each in failures if len(each["parts"]) > PAIR]
    if more:
        yield NOBODY_REACHES, more


def duration(seconds: float) -> str:
    """Return a time in seconds for people, in ms below 1 s."""
    if seconds < 0.0005:
        return "none"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def layout_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Print the rows of the VIPs in columns."""
    lines = [
        (row["vip"], ", ".join(row["addresses"]), row["vrid"], row["order"][0], _heirs(row["order"][1:]))
        for row in rows
    ]
    return columns([("VIP", "address", "VRID", "first choice", "then"), *lines])


def node_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Print the rows of the nodes in columns."""
    lines = [(row["node"], len(row["first"]), _listed(row["first"]), _listed(row["next"])) for row in rows]
    return columns([("node", "VIPs", "first choice for", "next for"), *lines])


def time_lines(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Print the rows of the times in columns."""
    lines = [(row["what"], row["outage"], row["both"], row["lost"]) for row in rows]
    return columns([("when", "longest outage", "two holders at most", ""), *lines])


def lint_rows(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return a row for each finding of the linter."""
    shown = ("severity", "rule", "node", "message", "effect", "fix")
    return [{**{key: each[key] for key in shown}, "place": f"{each['file']}:{each['line']}"} for each in findings]


def lint_lines(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Print the rows of the linter, one line for every finding."""
    return [f"{row['severity']} {row['rule']} {row['node']} {row['place']}: {row['message']}" for row in rows]


def _heirs(nodes: Sequence[str]) -> str:
    rest = len(nodes) - HEIRS_SHOWN
    return _listed(nodes[:HEIRS_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "-"


def _unique(names: Any) -> list[str]:
    return list(dict.fromkeys(names))

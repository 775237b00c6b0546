# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of all nodes say together: who holds what, and whether it is as it must be."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

COLUMNS = ("node", "instance", "state", "priority", "holds", "proxy")


def cluster_status(
    vips: Sequence[Mapping[str, Any]], nodes: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Judge what M(vrrp_info) and M(vip_probe) registered on each node.

    Returns `rows` (one for each node and instance), `table` (the same for people), `findings` (sentences; none when every
    VIP has exactly one holder and answers) and `warnings` (nodes that could not take over).
    """
    infos = {node: hostvars[node].get("__ha_lb_info") or {} for node in nodes}
    answers = {node: (hostvars[node].get("__ha_lb_answers") or {}).get("answers") or [] for node in nodes}
    rows = [row for node in nodes for row in _rows(node, infos[node])]
    return {
        "rows": rows,
        "table": table(rows),
        "findings": _holders(vips, infos) + _unanswered(answers),
        "warnings": [f"{row['node']}: {row['state']}, proxy {row['proxy']}" for row in rows if _unfit(row)],
    }


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Print rows in columns."""
    lines = [tuple(str(row[column]) for column in COLUMNS) for row in rows]
    widths = [max(len(line[at]) for line in [COLUMNS, *lines]) for at in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in [COLUMNS, *lines])


def rolling_order(nodes: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the nodes in the order of a rolling change: those that hold fewest VIPs first."""
    return sorted(nodes, key=lambda node: len((hostvars[node].get("__ha_lb_before") or {}).get("held") or ()))


def _rows(node: str, info: Mapping[str, Any]) -> list[dict[str, Any]]:
    row = {"node": node, "instance": "-", "state": "-", "priority": "-", "holds": "-", "proxy": "-"}
    if "running" not in info:
        state = "unreachable" if info.get("unreachable") else str(info.get("msg", "no answer"))
        return [{**row, "state": state}]
    if not info["instances"]:
        return [{**row, "state": "keepalived is not running", "holds": ", ".join(info["held"]) or "-", "proxy": info["proxy"]}]
    return [
        {
            "node": node,
            "instance": each["name"],
            "state": each["state"],
            "priority": each["effective_priority"],
            "holds": ", ".join(each["held"]) or "-",
            "proxy": info["proxy"],
        }
        for each in info["instances"]
    ]


def _unfit(row: Mapping[str, Any]) -> bool:
    return row["state"] not in ("MASTER", "BACKUP") or row["proxy"] != "ok"


def _holders(vips: Sequence[Mapping[str, Any]], infos: Mapping[str, Mapping[str, Any]]) -> list[str]:
    findings = []
    for vip in vips:
        for address in (each.split("/")[0] for each in vip["addresses"]):
            holders = [node for node, info in infos.items() if address in info.get("held", ())]
            if not holders:
                findings.append(f"VIP {vip['name']}: no node holds {address}")
            elif len(holders) > 1:
                findings.append(f"VIP {vip['name']}: {' and '.join(holders)} hold {address} at the same time")
    return findings


def _unanswered(answers: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    return [
        f"service {each['service']}: {each['address']} port {each['port']} does not answer, asked from {node} ({each['what']})"
        for node, all_of_them in answers.items()
        for each in all_of_them
        if not each["ok"]
    ]

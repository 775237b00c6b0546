# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight has to say: for people in a terminal, as data, and as a page."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ..layout_result import layout_result
from ..vrrp.proof import proof_table
from ..vrrp.settings import OPTIONS
from .page import page
from .tables import layout_lines, node_lines, node_rows, time_lines, time_rows, vip_rows


def preflight(nodes: Any, variables: Mapping[str, Any], cluster: str) -> dict[str, Any]:
    """Lay out and prove the cluster that `variables` describe; see `report` for what comes back.

    Raises Refused with every finding.
    """
    result = layout_result(
        nodes,
        variables.get("ha_lb_vips"),
        sync_groups=variables.get("keepalived_sync_groups", ()),
        taken_vrids=variables.get("ha_lb_taken_vrids", ()),
        in_use=variables.get("ha_lb_in_use", ()),
        proof=True,
        **{option: variables.get(f"keepalived_{option}") for option in OPTIONS},
    )
    return report(cluster, [node["name"] for node in nodes], result)


def report(cluster: str, nodes: Sequence[str], result: Mapping[str, Any]) -> dict[str, Any]:
    """Return `findings`, `says` (lines for a terminal), `data` and `page` (what the page's template prints)."""
    proof, instances = result["proof"], result["layout"]["instances"]
    rows = {"vips": vip_rows(instances), "nodes": node_rows(nodes, instances), "times": time_rows(proof)}
    verdict = verdict_of(proof)
    return {
        "findings": list(proof["findings"]),
        "says": {
            "verdict": verdict,
            "layout": layout_lines(rows["vips"]),
            "nodes": node_lines(rows["nodes"]),
            "proof": proof_table(proof).splitlines(),
            "times": time_lines(rows["times"]),
        },
        "data": {"cluster": cluster, **result},
        "page": page(cluster, verdict, rows, result),
    }


def verdict_of(proof: Mapping[str, Any]) -> str:
    """Say in one sentence whether the proof holds, and of how many failures."""
    counts = [sum(1 for each in proof["failures"] if len(each["parts"]) == parts) for parts in (1, 2)]
    of = f"{counts[0]} single failures" + (f" and {counts[1]} pairs" if counts[1] else "")
    if proof["holds"]:
        return f"The proof holds. After each of {of}, every VIP that can be served has exactly one holder."
    return f"The proof does not hold. {of[0].upper()}{of[1:]} were tried."

# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a preflight: for a terminal, as data, and as a page."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Mapping, Optional, Sequence

from ...basics.errors import Refused
from ...cluster.layout_result import layout_result
from ...cluster.release_advice import installed_releases
from ...cluster.variables import settings_given
from ...engines.catalogue import engine_named
from ...keepalived.lint.result import lint_result
from ...vrrp.simulation.proof import proof_table
from ..site.unrolled_result import unrolled_changes
from .page import page
from .tables import layout_lines, lint_lines, lint_rows, node_lines, node_rows, time_lines, time_rows, vip_rows
from .uplinks import reached_uplinks
from .wire import conflict_finding, conflict_lines, heard_lines, heard_rows, wire_of

NOTHING: Mapping[str, Any] = MappingProxyType({})


def preflight(
    nodes: Any, variables: Mapping[str, Any], cluster: str, seen: Mapping[str, Any] = NOTHING
) -> dict[str, Any]:
    """Lay out and prove the cluster that `variables` describe; `report` has the shape of the result.

    `seen` has what the tasks collected: `refused` (findings about the input, as sentences; with any, nothing is
    proved), `interfaces` (by node, as facts), `wire` (of M(vrid_conflict), by node), `uplinks` (of M(uplink_probe), by
    node), `clusters` (of the inventory, ours first), `configs` (of M(keepalived_config), in force now), `nodes` (of
    this run), `states` (of M(vrrp_info), by node), `auth_pass` and `today` (a day as 2026-01-31). Raises Refused with
    every finding.
    """
    refused = bool(seen.get("refused"))
    result = None
    try:
        result = layout_result(
            nodes,
            variables.get("ha_lb_vips"),
            sync_groups=variables.get("keepalived_sync_groups", ()),
            taken_vrids=variables.get("ha_lb_taken_vrids", ()),
            in_use=variables.get("ha_lb_in_use", ()),
            proof=not refused,
            uplinks=variables.get("ha_lb_uplinks", ()),
            proxies=engine_named(variables.get("ha_lb_engine") or "").unit is not None,
            **settings_given(variables),
        )
    except Refused:
        if not refused:
            raise
    found = {
        "lint": _linted(seen.get("configs") or (), seen.get("wire") or {}),
        "releases": installed_releases(seen.get("configs") or (), str(seen.get("today", ""))),
        "unrolled": {} if refused else unrolled_changes(nodes, variables, seen),
    }
    return report(cluster, [node["name"] for node in nodes], result, {**seen, **found}, variables)


def _linted(configs: Sequence[Mapping[str, Any]], wire: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the linter's findings about the configurations in force; what was heard on the wire is a fact to it."""
    heard = {node: each.get("heard") or [] for node, each in wire.items()}
    facts = [{**(each.get("facts") or {}), "heard": heard.get(each.get("node", ""), [])} for each in configs]
    known = [{**each, "facts": fact} for each, fact in zip(configs, facts)]
    findings: Sequence[Mapping[str, Any]] = lint_result(known, severity="W", raises=False)["findings"]
    return findings


def report(
    cluster: str,
    nodes: Sequence[str],
    result: Optional[Mapping[str, Any]],
    seen: Mapping[str, Any] = NOTHING,
    variables: Mapping[str, Any] = NOTHING,
) -> dict[str, Any]:
    """Return `findings`, `says` (lines for a terminal, by title), `data` and `page` (for its template).

    `seen` also has the linter's findings as `lint`, what cannot be rolled as `unrolled`, and what is known against the
    programs that run as `releases`. `findings` are sentences; with any, nothing may be changed. `page` is None if the
    input is refused.
    """
    refused = list(seen.get("refused") or ())
    instances = result["layout"]["instances"] if result else []
    wire = wire_of(instances, seen, variables)
    uplinks = reached_uplinks(variables.get("ha_lb_uplinks"), seen.get("uplinks") or NOTHING)
    blocking = [conflict_finding(conflict) for conflict in wire["conflicts"] if conflict["blocks"]]
    heard = heard_rows(wire["heard"], {ip: node for each in instances for node, ip in each["peers"].items()})
    lint = list(seen.get("lint") or ())
    unrolled = seen.get("unrolled") or {}
    releases = list(seen.get("releases") or ())
    data = {"cluster": cluster, "wire": wire, "lint": lint, "unrolled": unrolled, "releases": releases}
    if uplinks.lines:
        data["reached"] = seen["uplinks"]
    around = _around(wire, heard, lint_rows(lint), releases, listened=bool(seen.get("wire")))
    around = {**_first(unrolled.get("says") or (), uplinks.lines), **around}
    if refused or result is None:
        verdict = f"The input is refused: {_counted(len(refused), 'finding')}." + _and(blocking)
        return {"findings": refused + blocking, "says": {"verdict": verdict, **around}, "data": data, "page": None}
    shown = {"listened": bool(seen.get("wire")), "heard": heard, "lint": lint_rows(lint), "releases": releases}
    shown.update({key: wire[key] for key in ("unseen", "listened_for")})
    made = _laid_out(cluster, nodes, result, blocking, shown)
    findings = [*made["findings"], *uplinks.findings, *unrolled.get("findings", ())]
    return {**made, "findings": findings, "says": {**made["says"], **around}, "data": {**data, **result}}


def _laid_out(
    cluster: str, nodes: Sequence[str], result: Mapping[str, Any], blocking: Sequence[str], shown: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the findings, lines and page of a cluster that could be laid out."""
    proof, instances = result["proof"], result["layout"]["instances"]
    rows = {"vips": vip_rows(instances), "nodes": node_rows(nodes, instances), "times": time_rows(proof)}
    verdict = verdict_of(proof) + _and(blocking)
    findings = [*proof["findings"], *blocking]
    says = {
        "verdict": verdict,
        "layout": layout_lines(rows["vips"]),
        "nodes": node_lines(rows["nodes"]),
        "proof": proof_table(proof).splitlines(),
        "times": time_lines(rows["times"]),
    }
    return {"findings": findings, "says": says, "page": page(cluster, verdict, findings, {**rows, **shown}, result)}


def _first(unrolled: Sequence[str], uplinks: Sequence[str]) -> dict[str, Sequence[str]]:
    """Return the lines that come before all that is around."""
    return {
        **({"cannot be rolled": unrolled} if unrolled else {}),
        **({"uplinks": list(uplinks)} if uplinks else {}),
    }


def _around(
    wire: Mapping[str, Any],
    heard: Sequence[Mapping[str, Any]],
    lint: Sequence[Mapping[str, str]],
    releases: Sequence[str],
    listened: bool,
) -> dict[str, Any]:
    """Return the lines about the wire, the configurations in force and what runs; without data, no lines."""
    return {
        **({"conflicts": conflict_lines(wire["conflicts"])} if wire["conflicts"] else {}),
        **({"wire": heard_lines(heard)} if listened else {}),
        **({"listened for": wire["listened_for"]} if wire["listened_for"] else {}),
        **({"unheard": wire["unseen"]} if listened else {}),
        **({"configuration now": lint_lines(lint)} if lint else {}),
        **({"releases": releases} if releases else {}),
    }


def verdict_of(proof: Mapping[str, Any]) -> str:
    """Return whether the proof holds, and over how many failures, as a sentence."""
    counts = [sum(1 for each in proof["failures"] if len(each["parts"]) == parts) for parts in (1, 2)]
    of = f"{counts[0]} single failures" + (f" and {counts[1]} pairs" if counts[1] else "")
    if proof["holds"]:
        return f"The proof holds. After each of {of}, every VIP that can be served has exactly one holder."
    return f"The proof does not hold. {of[0].upper()}{of[1:]} were tried."


def _and(blocking: Sequence[str]) -> str:
    return (
        f" But there {'is' if len(blocking) == 1 else 'are'} {_counted(len(blocking), 'conflict')}." if blocking else ""
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

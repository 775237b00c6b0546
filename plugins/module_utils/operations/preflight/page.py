# SPDX-License-Identifier: GPL-3.0-or-later
"""What the preflight page shows: texts, escaped for HTML, and the data of its script."""

from __future__ import annotations

import html
import json
import math
from typing import Any, Dict, Mapping, Sequence, Tuple

from ...vrrp.simulation.proof import PAIR
from .drawing import FORMATS, draw, holder_numbers, hue, networks, scene_of
from .tables import duration
from .wire import SILENCE

KINDS = ("node", "link", "proxy", "keepalived", "uplink")  # of proxies and uplinks, only where there are any
HEATS = 4  # shades of the table of pairs, from the shortest outage to the longest
MOST_FAILURES = 2500  # with more, the page shows only the pairs of nodes

Part = Tuple[str, str]
Row = Dict[str, Any]


def page(
    cluster: str, verdict: str, findings: Sequence[str], rows: Mapping[str, Any], result: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the template prints; every text is escaped here, because Ansible's templates do not escape."""
    proof, nodes = result["proof"], [row["node"] for row in rows["nodes"]]
    vips: dict[str, list[str]] = {}
    for instance in result["layout"]["instances"]:
        vips.setdefault(instance["vip"], []).extend(instance["addresses"])
    scene = scene_of(rows["nodes"], vips, proof)
    drawings = [draw(scene, form) for form in FORMATS]
    kinds = [kind for kind in KINDS if kind in scene.kinds]
    parts = [(kind, node) for node in nodes for kind in kinds]
    shown = _shown(proof["failures"])
    failures = _numbered(shown, parts, nodes, list(vips))
    view = {
        "cluster": cluster,
        "verdict": verdict,
        "holds": not findings,
        "findings": findings,
        "networks": networks([address for addresses in vips.values() for address in addresses]),
        "drawings": drawings,
        "kinds": kinds,
        "hues": {vip: hue(number) for number, vip in enumerate(vips)},
        "singles": [_single(number, each) for number, each in enumerate(shown) if len(each["parts"]) != PAIR],
        "pairs": _pairs(parts, failures, shown),
        "left_out": len(proof["failures"]) - len(shown),
        "dns": result.get("dns", []),
        "silence": SILENCE,
        **rows,
    }
    script = {
        "nodes": nodes,
        "vips": list(vips),
        "holders": scene.holders,
        "drawings": {each["name"]: {"slots": each["slots"], "chip": each["chip"]} for each in drawings},
        "failures": failures,
    }
    return {**escaped(view), "script": in_script(script)}


def escaped(value: Any) -> Any:
    """Return nested data with every text in it escaped for HTML."""
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, Mapping):
        return {html.escape(str(key)): escaped(each) for key, each in value.items()}
    return [escaped(each) for each in value] if isinstance(value, (list, tuple)) else value


def in_script(data: Any) -> str:
    """Return data as JSON that cannot end the script element or begin a comment."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _shown(failures: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if len(failures) <= MOST_FAILURES:
        return failures
    return [each for each in failures if len(each["parts"]) != PAIR or _of_nodes(each["parts"])]


def _of_nodes(parts: Sequence[Mapping[str, str]]) -> bool:
    return all(part["kind"] == "node" for part in parts)


def _numbered(
    failures: Sequence[Mapping[str, Any]], parts: Sequence[Part], nodes: Sequence[str], vips: Sequence[str]
) -> list[Row]:
    """Return the failures with indices in place of names, because there may be hundreds."""
    return [
        {
            "parts": sorted(parts.index((part["kind"], part["node"])) for part in each["parts"]),
            "title": each["title"],
            "holders": holder_numbers(nodes, vips, each["holders"]),
            "moves": [
                [
                    vips.index(move["vip"]),
                    *holder_numbers(nodes, ("from", "to"), move),
                    duration(move["outage_seconds"]),
                    duration(move["two_holders_seconds"]),
                ]
                for move in each["moves"]
            ],
            "outage": _outage(each),
            "both": duration(each["two_holders_seconds"]),
            "lost": len(each["lost"]),
        }
        for each in failures
    ]


def _single(number: int, failure: Mapping[str, Any]) -> Row:
    """Return the row of a single failure; its moves are grouped by the two nodes."""
    ways: dict[Part, list[str]] = {}
    for move in failure["moves"]:
        ways.setdefault((move["from"] or "nobody", move["to"] or "nobody"), []).append(move["vip"])
    return {
        "number": number,
        "title": failure["title"],
        "ways": [{"from": source, "to": target, "vips": vips} for (source, target), vips in ways.items()],
        "outage": _outage(failure),
        "both": duration(failure["two_holders_seconds"]),
        "lost": len(failure["lost"]),
    }


def _outage(failure: Mapping[str, Any]) -> str:
    return "no end" if failure["lost"] else duration(failure["outage_seconds"])


def _pairs(parts: Sequence[Part], numbered: Sequence[Row], failures: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the lower triangle of the table of pairs; its diagonal has the single failures."""
    number_of = {tuple(each["parts"]): number for number, each in enumerate(numbered)}
    paired = sorted({part for pair in number_of if len(pair) == PAIR for part in pair})
    longest = max((each["outage_seconds"] for each in failures), default=0.0)
    rows = []
    for at, row in enumerate(paired):
        kind, node = parts[row]
        numbers = [*(number_of.get((column, row)) for column in paired[:at]), number_of.get((row,))]
        cells = [{} if number is None else _cell(number, failures[number], longest) for number in numbers]
        rows.append({"kind": kind, "node": node, "begins": kind == KINDS[0], "cells": cells})
    return rows


def _cell(number: int, failure: Mapping[str, Any], longest: float) -> Row:
    outage = failure["outage_seconds"]
    heat = math.ceil(HEATS * outage / longest) if outage else 0
    if failure["lost"]:
        return {"failure": number, "text": "lost", "heat": "lost"}
    return {"failure": number, "text": f"{outage * 1000:.0f}", "heat": heat}

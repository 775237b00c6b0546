# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run of drills: for a terminal, as data, as JUnit XML for CI, and as a page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from typing import Any, Callable, Iterator, Mapping, Sequence

from ...basics.table import columns
from ..preflight.drawing import hue
from ..preflight.page import escaped
from .outcome import drill_line, duration_of

COLUMNS = ("drill", "node", "result", "away", "predicted", "on return", "two holders", "failed requests")
MARKS = {"passed": "✓", "failed": "✕", "skipped": "-"}
NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2

Draw = Callable[[Mapping[str, Any], str], Sequence[Mapping[str, str]]]


def drill_report(outcomes: Sequence[Mapping[str, Any]], about: Mapping[str, Any], draw: Draw) -> dict[str, Any]:
    """Return `says` (lines), `failures` (sentences), `data`, `junit` (XML) and `page` (for its template).

    `about` has `cluster`, `nodes`, `vips` (names by address), `client`, `began` (a text) and `steps` (all planned
    drills). `draw` returns the drawings of an outcome; the title that it gets is HTML already.
    """
    outcomes = [{**each, "nodes": list(about["nodes"])} for each in _all(about["steps"], outcomes)]
    about = {key: each for key, each in about.items() if key != "steps"}
    failures = [
        f"{each['name']}: {reason}" for each in outcomes if each["status"] == "failed" for reason in each["reasons"]
    ]
    data = {**about, "verdict": verdict_of(outcomes), "passed": not failures, "drills": outcomes}
    return {
        "says": [data["verdict"], "", *columns([COLUMNS, *map(_cells, outcomes)]), *_skipped(outcomes)],
        "failures": failures,
        "data": data,
        "junit": junit(data),
        "page": _page(data, draw),
    }


def _all(steps: Sequence[Mapping[str, Any]], outcomes: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the outcome of every step, also of those that were not run."""
    done = list(outcomes)
    for step in steps:
        yield done.pop(0) if done and done[0]["name"] == step["name"] else _not_run(step)


def _not_run(step: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: step[key] for key in ("name", "title", "predicted_ms")}
    reasons = [step.get("skip") or "the cluster was not whole after an earlier drill"]
    outcome = {**known, "node": "-", "status": "skipped", "reasons": reasons}
    return {**outcome, "line": drill_line(outcome)}


def verdict_of(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """Return the verdict of a run in one sentence."""
    counts = {status: sum(1 for each in outcomes if each["status"] == status) for status in MARKS}
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    if counts["failed"]:
        return f"{counts['failed']} of {len(outcomes)} drills failed{skipped}."
    if not counts["passed"]:
        return f"No drill was run{skipped}."
    return f"{counts['passed']} {'drill' if counts['passed'] == 1 else 'drills'} passed{skipped}."


def junit(data: Mapping[str, Any]) -> str:
    """Return a run as JUnit XML."""
    drills = data["drills"]
    counts = {
        "tests": len(drills),
        "failures": sum(1 for each in drills if each["status"] == "failed"),
        "skipped": sum(1 for each in drills if each["status"] == "skipped"),
    }
    name = _clean(f"drill of {data['cluster']}")
    root = ET.Element("testsuites", {key: str(count) for key, count in counts.items()})
    suite = ET.SubElement(root, "testsuite", {"name": name, **root.attrib, "timestamp": data["began"]})
    for drill in drills:
        took = f"{drill.get('end_ms', 0.0) / 1000:.3f}"
        case = ET.SubElement(suite, "testcase", {"classname": name, "name": drill["name"], "time": took})
        reasons = _clean("; ".join(drill["reasons"]))
        if drill["status"] != "passed":
            ET.SubElement(case, "failure" if drill["status"] == "failed" else "skipped", {"message": reasons})
        ET.SubElement(case, "system-out").text = _clean(drill["line"])
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _page(data: Mapping[str, Any], draw: Draw) -> dict[str, Any]:
    """Return what the template prints: every text is escaped, and the drawings are SVG."""
    rows = escaped([_row(each) for each in data["drills"]])
    drawn = [draw(each, row["line"]) for each, row in zip(data["drills"], rows)]
    vips = [
        {"address": address, "name": name, "hue": hue(number)}
        for number, (address, name) in enumerate(data["vips"].items())
    ]
    shown = {key: data[key] for key in ("cluster", "nodes", "client", "began", "verdict", "passed")}
    clock = max((each["clock_ms"] for each in data["drills"] if "clock_ms" in each), default=0.0)
    return {
        **escaped({**shown, "vips": vips, "clock": duration_of(clock)}),
        "drills": [{**row, "charts": charts} for row, charts in zip(rows, drawn)],
    }


def _row(outcome: Mapping[str, Any]) -> dict[str, Any]:
    row = {"line": outcome["line"], "mark": MARKS[outcome["status"]], "cells": _cells(outcome)}
    row.update({key: outcome[key] for key in ("name", "title", "node", "status", "reasons")})
    counts: Counter[str] = Counter()
    for probe in outcome.get("probes", ()):
        counts.update(probe["errors"])
    errors = [f"{count} {error}" for error, count in counts.most_common()]
    return {
        **row,
        "errors": errors,
        "late": duration_of(outcome.get("late_ms", 0.0)),
        "measured": "probes" in outcome,
        "splits": outcome.get("splits"),
    }


def _cells(outcome: Mapping[str, Any]) -> Sequence[str]:
    begin = (outcome["name"], outcome["node"], outcome["status"])
    if "probes" not in outcome:
        return (*begin, "-", duration_of(outcome["predicted_ms"]), "-", "-", "-")
    return (
        *begin,
        duration_of(outcome["outage_ms"]),
        duration_of(outcome["predicted_ms"]),
        duration_of(outcome["return_ms"]),
        duration_of(outcome["two_holders_ms"]),
        f"{outcome['failed']} of {outcome['sent']}",
    )


def _skipped(outcomes: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    return [
        f"skipped: {each['name']}: {reason}"
        for each in outcomes
        if each["status"] == "skipped"
        for reason in each["reasons"]
    ]


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("�", text)

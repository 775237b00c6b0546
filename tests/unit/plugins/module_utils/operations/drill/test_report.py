# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import xml.etree.ElementTree as ET

from module_utils.operations.drill.report import drill_report

STEPS = [{"name": name, "title": name.replace("_", " "), "predicted_ms": 8.0} for name in ("drained", "proxy_killed")]
ABOUT = {
    "cluster": "edge",
    "nodes": ["lb1", "lb2"],
    "vips": {"192.0.2.10": "web"},
    "client": "localhost",
    "began": "2026-11-21T12:00:00Z",
    "steps": STEPS,
}


def outcome(name="drained", status="passed", reasons=(), **changes):
    return {
        "name": name,
        "title": name.replace("_", " "),
        "node": "lb1",
        "status": status,
        "reasons": list(reasons),
        "predicted_ms": 8.0,
        "line": f"{name} on lb1: {status}",
        "outage_ms": 11.0,
        "return_ms": 1200.0,
        "two_holders_ms": 0.0,
        "sent": 2000,
        "failed": 2,
        "end_ms": 20000.0,
        "late_ms": 1.0,
        "clock_ms": 4.0,
        "probes": [{"errors": {"ECONNRESET": 2}}],
        **changes,
    }


def report(*outcomes, **about):
    drawn = []
    made = drill_report(outcomes, {**ABOUT, **about}, lambda each, title: drawn.append(title) or [])
    return made, drawn


def test_a_run_that_passed():
    made, drawn = report(outcome(), outcome("proxy_killed"))
    assert made["failures"] == []
    assert made["says"] == [
        "2 drills passed.",
        "",
        "drill         node  result  away   predicted  on return  two holders  failed requests",
        "drained       lb1   passed  11 ms  8 ms       1.2 s      0 ms         2 of 2000",
        "proxy_killed  lb1   passed  11 ms  8 ms       1.2 s      0 ms         2 of 2000",
    ]
    assert made["data"]["passed"]
    assert "steps" not in made["data"]
    assert drawn == ["drained on lb1: passed", "proxy_killed on lb1: passed"]


def test_drills_after_a_failed_one_are_skipped():
    made, _drawn = report(outcome(status="failed", reasons=["away for 2 s", "split"]))
    assert made["failures"] == ["drained: away for 2 s", "drained: split"]
    assert made["data"]["verdict"] == "1 of 2 drills failed, 1 skipped."
    assert made["says"][-1] == "skipped: proxy_killed: the cluster was not whole after an earlier drill"


def test_a_drill_that_cannot_be_run_is_skipped_in_its_place():
    steps = [{**STEPS[0], "skip": "no server is a host"}, STEPS[1]]
    made, _drawn = report(outcome("proxy_killed"), steps=steps)
    assert made["data"]["verdict"] == "1 drill passed, 1 skipped."
    assert [each["status"] for each in made["data"]["drills"]] == ["skipped", "passed"]
    assert made["says"][-1] == "skipped: drained: no server is a host"


def test_no_drill_was_run():
    made, _drawn = report()
    assert made["data"]["verdict"] == "No drill was run, 2 skipped."


def test_junit_for_ci():
    made, _drawn = report(outcome(status="failed", reasons=['away for <2> s & "more"\x1b']), cluster="ed<ge")
    root = ET.fromstring(made["junit"].partition("\n")[2])
    assert root.attrib == {"tests": "2", "failures": "1", "skipped": "1"}
    (suite,) = root
    assert (suite.get("name"), suite.get("timestamp")) == ("drill of ed<ge", "2026-11-21T12:00:00Z")
    failed, skipped = suite
    assert (failed.get("name"), failed.get("time")) == ("drained", "20.000")
    assert failed.find("failure").get("message") == 'away for <2> s & "more"�'
    assert skipped.find("skipped").get("message") == "the cluster was not whole after an earlier drill"
    assert failed.find("system-out").text == "drained on lb1: failed"


def test_every_text_of_the_page_is_escaped():
    evil = "<script>alert(1)</script>"
    made, drawn = report(
        outcome(title=evil, node=evil, line=evil, reasons=[evil], probes=[{"errors": {evil: 1}}]),
        cluster=evil,
        client=evil,
        nodes=[evil],
        vips={"192.0.2.10": evil},
    )
    assert "<script" not in repr(made["page"])
    assert "<script" not in repr(drawn)
    assert evil in repr(made["data"])

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.operations.drill.outcome import drill_outcome

VIP = "192.0.2.10"
BEGAN = 1000.0
STEP = {
    "name": "network_cut",
    "title": "network cut off",
    "predicted_ms": 302.0,
    "predicted_both_ms": 0.0,
    "margin_ms": 100.0,
    "leaves": True,
    "splits": False,
    "returns": False,
    "gone": False,
}
CLOCK = {"offset_seconds": 0.0, "uncertainty_seconds": 0.001}


def outage(at, gap, ended=True, failed=3):
    return {"at_ms": at, "gap_ms": gap, "failed": failed, "ended": ended, "errors": {"no connection": failed}}


def probe(*outages):
    return {
        "service": "shop",
        "address": VIP,
        "port": 80,
        "mode": "http",
        "began": BEGAN,
        "sent": 2000,
        "missed": 0,
        "failed": sum(each["failed"] for each in outages),
        "longest_gap_ms": 0.0,
        "outages": list(outages),
        "errors": {},
        "answered_by": {},
        "answer": {},
        "lateness": {"p99_ms": 2.0},
        "samples": [[0.0, 1.0], [20000.0, 1.0]],
    }


def watched(*sights):
    return {"sights": [{"at": at, "held": [VIP] if held else []} for at, held in sights], "until": BEGAN + 25}


# lb1 is broken at 3 s and mended at 8 s; lb2 takes over, and gives back at 15 s
LB1 = watched((BEGAN - 1, True), (BEGAN + 8.1, False), (BEGAN + 15.0, True))
LB2 = watched((BEGAN - 1, False), (BEGAN + 3.3, True), (BEGAN + 15.1, False))
SEEN = {
    "node": "lb1",
    "nodes": ["lb1", "lb2"],
    "vips": [VIP],
    "client": "desk",
    "clocks": {"lb1": CLOCK, "lb2": CLOCK, "desk": CLOCK},
    "watched": {"lb1": LB1, "lb2": LB2},
    "measured": [probe(outage(3010.0, 290.0), outage(14990.0, 12.0))],
    "fault": {"broken": BEGAN + 3, "mended": BEGAN + 8, "failed_to_break": False},
    "lacks": [],
    "after": [],
}
SPLIT = {**STEP, "splits": True}


def reasons(step=None, **changes):
    return drill_outcome(SPLIT if step is None else step, {**SEEN, **changes})["reasons"]


def test_outcome_of_a_drill_that_passed():
    outcome = drill_outcome(SPLIT, SEEN)
    assert outcome["status"] == "passed"
    assert outcome["reasons"] == []
    assert {key: outcome[key] for key in ("broken_ms", "mended_ms", "end_ms", "outage_ms", "return_ms")} == {
        "broken_ms": 3000.0,
        "mended_ms": 8000.0,
        "end_ms": 20000.0,
        "outage_ms": 290.0,
        "return_ms": 12.0,
    }
    assert outcome["holding"] == {
        VIP: [
            {"node": "lb1", "begin": 0.0, "end": 8100.0},
            {"node": "lb1", "begin": 15000.0, "end": 20000.0},
            {"node": "lb2", "begin": 3300.0, "end": 15100.0},
        ]
    }
    assert outcome["two_holders_ms"] == 4900.0
    assert outcome["line"] == (
        "network cut off on lb1: away 290 ms, predicted at most 302 ms, 6 of 2000 requests failed: passed"
    )


def test_the_offset_of_a_clock_is_subtracted():
    ahead = 3600.0
    shifted = {
        **SEEN,
        "clocks": {**SEEN["clocks"], "lb1": {**CLOCK, "offset_seconds": ahead}},
        "watched": {
            "lb1": {
                "sights": [{**each, "at": each["at"] + ahead} for each in LB1["sights"]],
                "until": LB1["until"] + ahead,
            },
            "lb2": LB2,
        },
        "fault": {"broken": BEGAN + 3 + ahead, "mended": BEGAN + 8 + ahead},
    }
    assert drill_outcome(SPLIT, shifted) == drill_outcome(SPLIT, SEEN)
    behind = {**SEEN, "clocks": {**SEEN["clocks"], "desk": {**CLOCK, "offset_seconds": -ahead}}}
    behind["measured"] = [{**SEEN["measured"][0], "began": BEGAN - ahead}]
    assert drill_outcome(SPLIT, behind) == drill_outcome(SPLIT, SEEN)


def test_several_targets_share_one_time_axis():
    later = {**probe(outage(3000.0, 250.0)), "began": BEGAN + 0.01}
    outcome = drill_outcome(SPLIT, {**SEEN, "measured": [probe(), later]})
    assert outcome["probes"][1]["outages"][0]["at_ms"] == 3010.0
    assert outcome["probes"][1]["samples"][0] == [10.0, 1.0]
    assert outcome["sent"] == 4000


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"measured": [probe(outage(3010.0, 500.0))]}, "away for 500 ms, and at most 302 ms were predicted"),
        ({"measured": [probe(outage(3010.0, 9.0, ended=False))]}, "a service was still away when the client went"),
        ({"measured": []}, "what the client saw is missing"),
        ({"after": ["VIP web: no node holds 192.0.2.10"]}, "VIP web: no node holds 192.0.2.10"),
        ({"watched": {"lb1": LB1, "lb2": watched((BEGAN, False))}}, "no other node took a VIP over from lb1"),
        ({"watched": {"lb2": LB2}}, "who held the VIPs on lb1 was not seen"),
        ({"fault": {"broken": None, "mended": None}}, "lb1 does not tell when it was broken"),
        (
            {"fault": {"broken": BEGAN + 3, "mended": BEGAN + 3.1, "failed_to_break": True}},
            "the fault could not be made on lb1: journalctl -u ha_lb-drill there says why",
        ),
        (
            {"fault": {"broken": BEGAN - 2, "mended": BEGAN + 8}},
            "the client had not begun when the fault came: it, or the controller, is too busy",
        ),
    ],
)
def test_reasons_of_a_failed_drill(changes, reason):
    assert reason in reasons(**changes)
    assert drill_outcome(SPLIT, {**SEEN, **changes})["status"] == "failed"


def test_two_holders_are_judged_where_the_nodes_hear_each_other():
    assert reasons(STEP) == ["two holders for 4900 ms, and at most 0 ms were predicted"]
    assert reasons({**STEP, "predicted_both_ms": 4850.0}) == []


def test_a_vip_that_moves_without_a_cause_is_a_failure():
    assert "lb2 took a VIP over, although nothing called for it" in reasons({**SPLIT, "leaves": False})


def test_only_the_return_of_a_fail_back_is_judged():
    back = {**SPLIT, "returns": True, "predicted_ms": 0.0}
    assert reasons(back) == []
    assert drill_outcome(back, SEEN)["outage_ms"] == 0.0
    assert reasons(back, measured=[probe(outage(14990.0, 200.0))]) == [
        "away for 200 ms, and at most 0 ms were predicted"
    ]


def test_a_client_that_stood_still_is_an_additional_reason_only():
    assert reasons(measured=[{**SEEN["measured"][0], "missed": 40}]) == []
    assert reasons({**SPLIT, "predicted_ms": 0.0}, measured=[{**SEEN["measured"][0], "missed": 40}])[1:] == [
        "the client itself stood still, and missed 40 requests: it may be too busy"
    ]


def test_a_rebooted_node_need_not_report():
    gone = {**SPLIT, "gone": True}
    assert reasons(gone, fault={"broken": None, "mended": None}, watched={"lb2": LB2}) == []


def test_a_drill_is_skipped_if_the_node_lacks_a_command():
    outcome = drill_outcome(STEP, {**SEEN, "lacks": ["nft"], "measured": []})
    assert (outcome["status"], outcome["reasons"]) == ("skipped", ["lb1 has no nft"])
    assert outcome["line"] == "network cut off on lb1: skipped: lb1 has no nft"

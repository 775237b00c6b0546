# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.operations.site.summary import site_summary

STAGED = {"__ha_lb_before": {}}
DONE = {**STAGED, "__ha_lb_begun": True, "__ha_lb_done": True}
SAME = {**STAGED, "__ha_lb_done": True, "__ha_lb_same": True}
FAILED = {**STAGED, "__ha_lb_begun": True, "__ha_lb_failure": "haproxy does not start"}
BACK = {**FAILED, "__ha_lb_restored": True}
STUCK = {**FAILED, "__ha_lb_not_restored": "after 20 s, keepalived does not run"}
LOST = {**STAGED, "__ha_lb_begun": True}


def summary(*facts, check=False, rolling=True):
    hostvars = {f"lb{number}": each for number, each in enumerate(facts, start=1)}
    return site_summary(list(hostvars), list(hostvars) if rolling else [], hostvars, check)


@pytest.mark.parametrize(
    ("facts", "state", "runs", "reason"),
    [
        (SAME, "unchanged", "the wanted configuration", ""),
        (DONE, "changed", "the wanted configuration", ""),
        (BACK, "failed, restored", "the previous configuration", "haproxy does not start"),
        (FAILED, "failed", "unknown", "haproxy does not start"),
        (
            STUCK,
            "failed",
            "unknown",
            "haproxy does not start; going back did not help: after 20 s, keepalived does not run",
        ),
        (LOST, "lost on the way", "unknown", "it does not answer any more"),
        (STAGED, "not reached", "the previous configuration", ""),
        ({}, "not asked", "unknown", ""),
    ],
)
def test_what_became_of_a_node(facts, state, runs, reason):
    said = summary(facts)
    (node,) = said["nodes"]
    assert (node["node"], node["state"], node["runs"], node["reason"]) == ("lb1", state, runs, reason)
    assert said["failed"] is (state not in ("unchanged", "changed", "not asked"))
    assert (node["todo"] == "-") is not said["failed"]


def test_a_table_and_the_reasons():
    assert summary(DONE, BACK, STAGED)["says"] == [
        "node  state             runs                        what to do",
        "lb1   changed           the wanted configuration    -",
        "lb2   failed, restored  the previous configuration  mend what is said below, then run site again",
        "lb3   not reached       the previous configuration  run site again when the others are well",
        "lb2: haproxy does not start",
    ]


def test_a_dry_run_changed_nothing():
    (node,) = summary(DONE, check=True)["nodes"]
    assert (node["state"], node["runs"]) == ("would change", "the previous configuration")


def test_nothing_was_put_in_force_at_all():
    said = summary(STAGED, STAGED, rolling=False)
    assert {(each["state"], each["todo"]) for each in said["nodes"]} == {("not reached", "run site again")}


def test_in_the_order_of_the_change():
    said = site_summary(["lb1", "lb2"], ["lb2"], {"lb1": {}, "lb2": DONE})
    assert [each["node"] for each in said["nodes"]] == ["lb2", "lb1"]


def test_the_journal_of_the_engine():
    (node,) = summary({**FAILED, "ha_lb_engine": "nginx"})["nodes"]
    assert "journalctl -u keepalived -u nginx" in node["todo"]

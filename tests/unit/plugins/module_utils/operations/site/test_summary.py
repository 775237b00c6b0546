# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.operations.site.summary import site_summary
from samples import record_of

FOUND = {"running": True, "proxy": "ok", "instances": [], "held": []}
UNITS = ("keepalived", "haproxy")


def noted(**outcome):
    """Return what is known of a node that was found, and whose change came to this."""
    return {"before": FOUND, "outcome": outcome}


STAGED = noted()
DONE = noted(begun=True, done=True)
SAME = noted(done=True, same=True)
FAILED = noted(begun=True, failure="haproxy does not start")
BACK = noted(begun=True, failure="haproxy does not start", restored=True)
STUCK = noted(begun=True, failure="haproxy does not start", not_restored="after 20 s, keepalived does not run")
LOST = noted(begun=True)


def summary(*nodes, check=False, rolling=True, units=UNITS):
    record = record_of({f"lb{number}": known for number, known in enumerate(nodes, start=1)})
    return site_summary(record, list(record) if rolling else [], units, check)


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
    said = site_summary(record_of({"lb1": {}, "lb2": DONE}), ["lb2"], UNITS)
    assert [each["node"] for each in said["nodes"]] == ["lb2", "lb1"]


def test_the_journal_of_the_engine():
    (node,) = summary(FAILED, units=["keepalived", "nginx"])["nodes"]
    assert "journalctl -u keepalived -u nginx" in node["todo"]

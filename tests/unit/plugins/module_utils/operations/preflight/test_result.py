# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from module_utils.operations.preflight.result import preflight, report
from samples import API, LB1, NODES, VIPS, WEB, refused


def report_of(**variables):
    return preflight(NODES, {"ha_lb_vips": VIPS, **variables}, "edge")


def test_preflight_of_a_pair():
    made = report_of()
    assert sorted(made) == ["data", "findings", "page", "says"]
    assert made["findings"] == []
    assert sorted(made["says"]) == ["layout", "nodes", "proof", "times", "verdict"]
    assert made["says"]["verdict"] == (
        "The proof holds. After each of 8 single failures and 22 pairs, "
        "every VIP that can be served has exactly one holder."
    )
    assert made["says"]["proof"][1].split() == ["lb1", "dies", "web", "lb1→lb2", "0.302", "s", "0"]


def test_the_data_is_the_layout_with_its_proof():
    data = json.loads(json.dumps(report_of()["data"]))
    there = ["cluster", "dns", "layout", "lint", "proof", "releases", "takeover_seconds", "unrolled", "wire"]
    assert sorted(data) == there
    assert (data["cluster"], data["proof"]["normal"]) == ("edge", {"web": "lb1", "api": "lb2"})


@pytest.mark.parametrize(
    ("variables", "outage"),
    [
        ({}, "302 ms"),
        ({"keepalived_advert_interval_seconds": "0.02"}, "61 ms"),
        ({"keepalived_down_timer_adverts": 5}, "502 ms"),
        ({"keepalived_vrrp_version": 2}, "3.0 s"),
    ],
)
def test_settings_change_the_predicted_outage(variables, outage):
    assert report_of(**variables)["page"]["times"][0]["outage"] == outage


def test_sync_groups_and_taken_vrids_are_used():
    made = report_of(keepalived_sync_groups=[{"name": "all", "vips": ["web", "api"]}], ha_lb_taken_vrids=[10])
    assert set(made["data"]["proof"]["normal"].values()) == {"lb1"}
    assert made["data"]["layout"]["instances"][0]["vrid"] == 9


@pytest.mark.parametrize(("today", "known"), [("2026-08-31", 0), ("2026-09-01", 1)])
def test_what_is_known_against_the_nodes_programs_is_said_and_stops_nothing(today, known):
    config = {"node": "lb1", "content": "", "facts": {"distribution": "debian 11"}}

    made = preflight(NODES, {"ha_lb_vips": VIPS}, "edge", {"configs": [config], "today": today})

    assert [each[:20] for each in made["data"]["releases"]] == ["lb1: Debian 11 is pa"] * known
    assert made["says"].get("releases", []) == made["data"]["releases"] == made["page"]["releases"]
    assert made["findings"] == []


def test_a_proof_that_does_not_hold():
    result = report_of()["data"]
    result["proof"].update(holds=False, findings=["lb1 dies: web has no holder"])
    made = report("edge", ["lb1", "lb2"], result)
    assert made["findings"] == ["lb1 dies: web has no holder"]
    assert made["says"]["verdict"] == "The proof does not hold. 8 single failures and 22 pairs were tried."
    assert made["page"]["findings"] == ["lb1 dies: web has no holder"]


def test_all_findings_are_refused_at_once():
    found = refused(preflight, [LB1], {"ha_lb_vips": [{**WEB, "vrid": 0}, {**API, "prefer": ["lb9"]}]}, "edge")
    assert [each[0] for each in found] == ["ha_lb_vips[0].vrid", "ha_lb_vips[1].prefer[0]"]


def test_a_cluster_without_vips_is_refused():
    assert refused(preflight, [LB1], {}, "edge")


def test_without_a_proxy_none_fails():
    made = report_of(ha_lb_engine="lvs")
    kinds = {part["kind"] for each in made["data"]["proof"]["failures"] for part in each["parts"]}
    assert kinds == {"node", "link", "keepalived"}
    assert made["page"]["kinds"] == ["node", "link", "keepalived"]
    assert [part["kind"] for part in made["page"]["drawings"][0]["parts"]] == ["keepalived"]
    assert not any("proxy" in line for line in (*made["says"]["proof"], *made["says"]["times"]))

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.cluster.layout_result import layout_result
from module_utils.operations.preflight.tables import (
    duration,
    layout_lines,
    node_lines,
    node_rows,
    time_lines,
    time_rows,
    vip_rows,
)
from samples import API, DUAL, LB1, NODES, VIPS, WEB, many_nodes, many_vips


def instances(nodes=NODES, vips=VIPS):
    return layout_result(nodes, vips)["layout"]["instances"]


def failure(kinds, outage=0.0, both=0.0, lost=()):
    parts = [{"kind": kind, "node": "lb1"} for kind in kinds]
    return {"parts": parts, "outage_seconds": outage, "two_holders_seconds": both, "lost": list(lost)}


def test_layout_lines():
    assert layout_lines(vip_rows(instances())) == [
        "VIP  address        VRID  first choice  then",
        "web  192.0.2.10/24  10    lb1           lb2",
        "api  192.0.2.20/24  20    lb2           lb1",
    ]


def test_both_families_of_a_vip_have_a_row():
    assert [row["addresses"] for row in vip_rows(instances(vips=[DUAL]))] == [["192.0.2.30/24"], ["2001:db8::30/64"]]


def test_a_single_node_has_no_heirs():
    assert layout_lines(vip_rows(instances([LB1], [WEB])))[1].split() == ["web", "192.0.2.10/24", "10", "lb1", "-"]


def test_only_the_first_heirs_are_named():
    assert layout_lines(vip_rows(instances(many_nodes(8), many_vips(1))))[1].endswith(" and 4 more")


def test_node_rows_and_lines():
    rows = node_rows(["lb1", "lb2"], instances())
    assert rows[0] == {"node": "lb1", "addresses": ["192.0.2.11"], "first": ["web"], "next": ["api"]}
    assert node_lines(rows) == [
        "node  VIPs  first choice for  next for",
        "lb1   1     web               api",
        "lb2   1     api               web",
    ]


def test_a_dual_stack_vip_counts_once():
    assert node_rows(["lb1"], instances(vips=[DUAL]))[0] == {
        "node": "lb1",
        "addresses": ["192.0.2.11", "2001:db8::11"],
        "first": ["dual"],
        "next": [],
    }


def test_a_node_without_vips_has_a_row():
    assert node_rows(["lb1", "lb9"], instances())[1] == {"node": "lb9", "addresses": [], "first": [], "next": []}


def test_time_rows_have_the_worst_of_every_kind():
    failures = [
        failure(["node"], 0.302),
        failure(["node"], 0.304),
        failure(["keepalived"], 0.0, 0.2),
        failure(["node", "link"], 0.5, lost=["web"]),
        failure(["node", "proxy"], 0.4),
    ]
    assert time_lines(time_rows({"failures": failures})) == [
        "when                  longest outage  two holders at most",
        "a node dies           304 ms          none",
        "keepalived is killed  none            200 ms",
        "two of these at once  500 ms          none                 1 of 2 leave a VIP without a node",
    ]


def test_an_outage_without_an_heir_has_no_end():
    assert time_rows({"failures": [failure(["node"], lost=["web"])]})[0]["outage"] == "no end"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "none"), (0.0004, "none"), (0.008, "8 ms"), (0.9994, "999 ms"), (1.25, "1.2 s"), (3, "3.0 s")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_vip_rows_follow_the_order_of_the_instance():
    api = {**API, "prefer": ["lb1"]}
    assert [row["order"][0] for row in vip_rows(instances(vips=[WEB, api]))] == ["lb2", "lb1"]

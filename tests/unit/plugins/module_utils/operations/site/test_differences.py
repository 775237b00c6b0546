# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.operations.site.differences import differing_nodes, to_activate
from samples import WEB, record_of

SAME = {"differs": False}
LOOK = {
    "running": True,
    "proxy": "ok",
    "instances": [],
    "held": [],
    "drain": {"value": 0},
    "units": ["keepalived", "haproxy"],
}
HOLDER = {"before": {**LOOK, "held": ["192.0.2.10"]}, "compared": [SAME, SAME]}
BACKUP = {"before": LOOK, "compared": [SAME, SAME]}


def differing(lb1, lb2):
    return differing_nodes([WEB], record_of({"lb1": lb1, "lb2": lb2}), ["nginx"])


def test_nothing_differs():
    assert differing(HOLDER, BACKUP) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"compared": [SAME, {"differs": True}]},
        {"compared": [SAME, {"failed": True, "msg": "there is no python3"}]},
        {"before": {**LOOK, "units": ["keepalived", "haproxy", "nginx"]}},
        {"before": {**LOOK, "drain": {"value": -253, "by": "site"}}},
        {"before": {"failed": True, "msg": "keepalived does not answer"}},
    ],
)
def test_one_node_differs(changes):
    assert differing(HOLDER, {**BACKUP, **changes}) == ["lb2"]


def test_a_node_that_people_have_drained_is_left_alone():
    assert differing(HOLDER, {**BACKUP, "before": {**LOOK, "drain": {"value": -253, "by": ""}}}) == []


@pytest.mark.parametrize(("lb1", "lb2"), [(BACKUP, BACKUP), (HOLDER, HOLDER)])
def test_a_vip_without_exactly_one_holder_is_for_every_node(lb1, lb2):
    assert differing(lb1, lb2) == ["lb1", "lb2"]


def test_a_node_that_was_left_out_is_not_compared():
    assert differing(HOLDER, {}) == []


@pytest.mark.parametrize(
    ("role", "wanted"),
    [
        ({"files": [], "unit": {"loaded": False, "running": False}, "pending": ["would start x"]}, False),
        ({"files": [], "unit": {"loaded": True, "running": False}}, True),
        ({"files": ["/var/lib/ha_lb/haproxy.cfg"], "unit": {"loaded": False}}, True),  # a dry run
        ({"failed": True, "msg": "there is no python3"}, True),
    ],
)
def test_to_activate(role, wanted):
    assert to_activate([{"files": [], "unit": {"loaded": False}}, role]) is wanted

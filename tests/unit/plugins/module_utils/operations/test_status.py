# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.operations.status import cluster_status, vrids_in_use
from samples import DUAL, WEB, record_of, refused

UP = {"running": True, "proxy": "ok"}


def instance(state, held=(), name="web", priority=250):
    return {"name": name, "state": state, "effective_priority": priority, "held": list(held)}


def info(state, *held):
    return {**UP, "instances": [instance(state, held)], "held": list(held)}


ACTIVE = info("MASTER", "192.0.2.10")
BACKUP = info("BACKUP")
DOWN = {"running": False, "proxy": "Connection refused", "instances": [], "held": []}
ANSWER = {"service": "shop", "address": "192.0.2.10", "port": 80, "ok": True, "what": "HTTP 200"}


def status(lb1, lb2, answers=(), vips=(WEB,)):
    return cluster_status(list(vips), {"lb1": {"now": lb1, "answers": list(answers)}, "lb2": {"now": lb2}})


def test_one_holder_and_an_answer():
    result = status(ACTIVE, BACKUP, [ANSWER])
    assert (result["findings"], result["warnings"]) == ([], [])
    assert result["table"].splitlines() == [
        "node  instance  state   role    priority  holds       proxy",
        "lb1   web       MASTER  active  250       192.0.2.10  ok",
        "lb2   web       BACKUP  backup  250       -           ok",
    ]
    assert [row["node"] for row in result["rows"]] == ["lb1", "lb2"]


@pytest.mark.parametrize(
    ("lb1", "lb2", "findings", "warnings"),
    [
        (BACKUP, BACKUP, ["VIP web: no node holds 192.0.2.10"], []),
        (ACTIVE, ACTIVE, ["VIP web: lb1 and lb2 hold 192.0.2.10 at the same time"], []),
        (ACTIVE, {"unreachable": True, "msg": "timed out"}, [], ["lb2: unreachable, proxy -"]),
        (ACTIVE, {"failed": True, "msg": "no python"}, [], ["lb2: no python, proxy -"]),
        (ACTIVE, {}, [], []),  # left out by --limit
        (BACKUP, {}, [], []),
        (
            {"unreachable": True},
            {"unreachable": True},
            ["VIP web: no node holds 192.0.2.10"],
            ["lb1: unreachable, proxy -", "lb2: unreachable, proxy -"],
        ),
        (ACTIVE, DOWN, [], ["lb2: keepalived is not running, proxy Connection refused"]),
        (ACTIVE, {**BACKUP, "proxy": "HTTP 503"}, [], ["lb2: BACKUP, proxy HTTP 503"]),
        (ACTIVE, info("FAULT"), [], ["lb2: FAULT, proxy ok"]),
        # keepalived stands still, and keeps its VIP
        (
            {"failed": True, "msg": "no answer", "held": ["192.0.2.10"]},
            ACTIVE,
            ["VIP web: lb1 and lb2 hold 192.0.2.10 at the same time"],
            ["lb1: no answer, proxy -"],
        ),
        # keepalived is dead, and has left its VIP behind
        (
            {**DOWN, "held": ["192.0.2.10"]},
            ACTIVE,
            ["VIP web: lb1 and lb2 hold 192.0.2.10 at the same time"],
            ["lb1: keepalived is not running, proxy Connection refused"],
        ),
    ],
)
def test_what_is_not_as_it_must_be(lb1, lb2, findings, warnings):
    result = status(lb1, lb2)
    assert (result["findings"], result["warnings"]) == (findings, warnings)
    both = {"vip": "web", "address": "192.0.2.10", "nodes": ["lb1", "lb2"]}
    assert result["shared"] == ([both] if "at the same time" in "".join(findings) else [])


def test_a_node_that_was_not_asked_is_in_the_table():
    assert status(ACTIVE, {})["table"].splitlines()[2] == "lb2   -         not asked  -       -         -           -"


@pytest.mark.parametrize(
    ("drain", "lasts"),
    [
        ({"value": -253, "since": 1700000000.5, "survives_reboot": False}, "until it is rebooted"),
        ({"value": -254, "since": 1700000000.5, "survives_reboot": True}, "also after a reboot"),
    ],
)
@pytest.mark.parametrize("state", ["BACKUP", "FAULT"])
def test_a_drained_node_is_said_and_is_no_warning(drain, lasts, state):
    result = status(ACTIVE, {**info(state), "drain": drain})
    assert (result["findings"], result["warnings"]) == ([], [])
    assert result["rows"][1]["role"] == "drained"
    survives = drain["survives_reboot"]
    assert result["drained"] == [{"node": "lb2", "since": 1700000000.5, "survives_reboot": survives, "by": ""}]
    assert result["notes"] == [
        f"lb2 is drained since 2023-11-14 22:13 UTC, {lasts}; restore -e ha_lb_node=lb2 brings it back"
    ]


def test_a_node_that_a_playbook_has_drained_is_said():
    drain = {"value": -253, "since": 1700000000.5, "survives_reboot": False, "by": "upgrade"}
    assert status(ACTIVE, {**BACKUP, "drain": drain})["notes"] == [
        "lb2 is drained by upgrade since 2023-11-14 22:13 UTC, until it is rebooted; when that run is dead, upgrade, "
        "site or restore -e ha_lb_node=lb2 brings it back"
    ]


def test_a_drained_node_that_is_still_active_or_has_no_proxy_is_seen():
    drain = {"value": -253, "since": 0, "survives_reboot": False}
    result = status({**ACTIVE, "drain": drain}, {**BACKUP, "drain": drain, "proxy": "HTTP 503"})
    assert [row["role"] for row in result["rows"]] == ["active, drained", "drained"]
    assert result["warnings"] == ["lb2: BACKUP, proxy HTTP 503"]


def test_a_node_in_service_is_not_drained():
    result = status(ACTIVE, {**BACKUP, "drain": {"value": 0, "since": 0, "survives_reboot": False}})
    assert (result["drained"], result["notes"]) == ([], [])


def test_a_service_that_does_not_answer():
    silent = {**ANSWER, "ok": False, "what": "timed out"}
    assert status(ACTIVE, BACKUP, [ANSWER, silent])["findings"] == [
        "service shop: 192.0.2.10 port 80 does not answer, asked from lb1 (timed out)"
    ]


def test_every_address_of_a_vip_counts_however_it_is_written():
    dual = {**DUAL, "addresses": ["192.0.2.30/24", "2001:DB8:0::30/64"]}
    assert status(info("MASTER", "192.0.2.30", "2001:db8::30"), BACKUP, vips=[dual])["findings"] == []
    assert status(info("MASTER", "192.0.2.30"), BACKUP, vips=[dual])["findings"] == [
        "VIP dual: no node holds 2001:db8::30"
    ]


def test_wrong_vips_are_refused():
    assert refused(status, ACTIVE, BACKUP, vips=[{"name": "web"}]) == [("ha_lb_vips[0].addresses", "is missing")]


@pytest.mark.parametrize(
    ("facts", "findings"),
    [
        ([{"done": True}, {"done": True}], []),
        (
            [{"done": True}, {"failure": "haproxy does not start"}],
            ["node lb2: not changed as wanted: haproxy does not start"],
        ),
        (
            [{}, {}],
            [
                "node lb1: not changed as wanted: it was lost on the way",
                "node lb2: not changed as wanted: left alone after that",
            ],
        ),
    ],
)
def test_nodes_that_a_rolling_change_did_not_reach(facts, findings):
    looks = zip(("lb1", "lb2"), (ACTIVE, BACKUP), facts, strict=True)
    record = record_of({name: {"now": look, "outcome": outcome} for name, look, outcome in looks})
    assert cluster_status([WEB], record, ["lb1", "lb2"])["findings"] == findings


def test_vrids_in_use_are_those_of_any_node_that_runs():
    record = {
        "lb1": {"before": {"failed": False, "msg": "keepalived runs, but does not write its status"}},
        "lb2": {"before": {**UP, "instances": [{"name": "dual_ipv4", "vrid": 51}, {"name": "old", "vrid": 9}]}},
        "lb3": {},
    }
    assert vrids_in_use([WEB, DUAL], record) == [{"vip": "dual", "vrid": 51}]


@pytest.mark.parametrize(("vrids", "kept"), [([51, 99], 51), ([51, 99, 99], 99), ([99, 51, 51], 51)])
def test_a_vrid_that_was_changed_by_hand_on_one_node_is_not_kept(vrids, kept):
    record = {
        f"lb{index}": {"before": {**UP, "instances": [{"name": "web", "vrid": vrid}]}}
        for index, vrid in enumerate(vrids, 1)
    }
    assert vrids_in_use([WEB], record) == [{"vip": "web", "vrid": kept}]

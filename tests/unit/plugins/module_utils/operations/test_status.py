# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.operations.status import cluster_status, vrids_in_use
from samples import DUAL, WEB, record_of, refused

UP = {"running": True, "proxy": "ok"}


def instance(state, held=(), name="web", priority=250):
    addresses = ["192.0.2.10/24", "192.0.2.30/24"]
    return {"name": name, "state": state, "effective_priority": priority, "held": list(held), "addresses": addresses}


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
        "node  instance  can take over  state   role    priority  holds       proxy",
        "lb1   web       yes            MASTER  active  250       192.0.2.10  ok",
        "lb2   web       yes            BACKUP  backup  250       -           ok",
    ]
    assert [row["node"] for row in result["rows"]] == ["lb1", "lb2"]


def no(node, why, do):
    return f"{node} cannot take over web, because it {why}: {do}"


LOGIN = "see that Ansible can log in on lb2"
UNREACHABLE = {"unreachable": True, "msg": "timed out"}
STILL = {"failed": True, "msg": "no answer", "held": ["192.0.2.10"]}
BOTH = "VIP web: lb1 and lb2 hold 192.0.2.10 at the same time"
ENDED = "systemctl start keepalived on lb1; journalctl -u keepalived says why it ended"


@pytest.mark.parametrize(
    ("lb1", "lb2", "findings", "warnings"),
    [
        (BACKUP, BACKUP, ["VIP web: no node holds 192.0.2.10"], []),
        (ACTIVE, ACTIVE, [BOTH], []),
        (ACTIVE, UNREACHABLE, [], [no("lb2", "cannot be reached", LOGIN)]),
        (ACTIVE, {}, [], []),  # left out by --limit
        (BACKUP, {}, [], []),
        # keepalived stands still, and keeps its VIP
        (
            STILL,
            ACTIVE,
            [BOTH],
            [no("lb1", "does not say how it is (no answer)", "see journalctl -u keepalived on lb1")],
        ),
        # keepalived is dead, and has left its VIP behind
        ({**DOWN, "held": ["192.0.2.10"]}, ACTIVE, [BOTH], [no("lb1", "runs no keepalived", ENDED)]),
    ],
)
def test_what_is_not_as_it_must_be(lb1, lb2, findings, warnings):
    result = status(lb1, lb2)
    assert (result["findings"], result["warnings"]) == ([*findings, *warnings], warnings)
    both = {"vip": "web", "address": "192.0.2.10", "nodes": ["lb1", "lb2"]}
    assert result["shared"] == ([both] if "at the same time" in "".join(findings) else [])


def test_time_does_not_mend_what_cannot_be_reached():
    """It may hold for minutes, in which every look waits for it."""
    assert status(ACTIVE, UNREACHABLE)["pending"] == []
    assert status(ACTIVE, DOWN)["pending"] == status(ACTIVE, DOWN)["findings"] != []


def test_no_node_holds_a_vip_and_none_can_be_asked():
    found = status(UNREACHABLE, UNREACHABLE)
    assert found["findings"][0] == "VIP web: no node holds 192.0.2.10"
    assert len(found["findings"]) == 3
    assert found["pending"] == ["VIP web: no node holds 192.0.2.10"]


@pytest.mark.parametrize("accepted", [["lb2"], "lb2", "lb1, lb2"])
def test_what_people_know_is_no_finding(accepted):
    found = cluster_status([WEB], {"lb1": {"now": ACTIVE}, "lb2": {"now": DOWN}}, accepted=accepted)
    assert (found["findings"], found["pending"]) == ([], [])
    assert found["notes"][-1].startswith("lb2 cannot take over web, because it runs no keepalived: ")
    assert found["notes"][-1].endswith(" (ha_lb_accept_degraded)")
    assert len(found["warnings"]) == 1  # a drill does not begin then
    assert found["rows"][1]["can_take_over"] is False


def test_what_people_know_of_another_node_is_a_finding():
    found = cluster_status([WEB], {"lb1": {"now": ACTIVE}, "lb2": {"now": DOWN}}, accepted=["lb1"])
    assert found["findings"] == found["warnings"] != []
    assert found["notes"] == ["lb1 is in ha_lb_accept_degraded, and nothing is wrong with it: take it out there"]


def test_that_nobody_holds_a_vip_is_never_accepted():
    found = cluster_status([WEB], {"lb1": {"now": BACKUP}, "lb2": {"now": DOWN}}, accepted=["lb1", "lb2"])
    assert found["findings"] == ["VIP web: no node holds 192.0.2.10"]


def test_a_node_that_was_not_asked_is_in_the_table():
    assert (
        status(ACTIVE, {})["table"].splitlines()[2]
        == "lb2   -         -              not asked  -       -         -           -"
    )


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


@pytest.mark.parametrize("alive", [True, False])
def test_a_node_that_a_playbook_has_drained_is_said(alive):
    """Nobody knows it where that run is dead: then redundancy is missing."""
    drain = {"value": -253, "since": 1700000000.5, "survives_reboot": False, "by": "upgrade"}
    found = status(ACTIVE, {**BACKUP, "drain": drain, "locked": alive})
    assert found["notes"] == [
        "lb2 is drained by upgrade since 2023-11-14 22:13 UTC, until it is rebooted; when that run is dead, upgrade, "
        "site or restore -e ha_lb_node=lb2 brings it back"
    ]
    dead = no("lb2", "is drained", "when upgrade is dead, upgrade, site or restore -e ha_lb_node=lb2 brings it back")
    assert found["findings"] == ([] if alive else [dead])


def test_a_drained_node_that_is_still_active_or_has_no_proxy_is_seen():
    drain = {"value": -253, "since": 0, "survives_reboot": False}
    result = status({**ACTIVE, "drain": drain}, {**BACKUP, "drain": drain, "proxy": "HTTP 503"})
    assert [row["role"] for row in result["rows"]] == ["active, drained", "drained"]
    why = "has a proxy that does not answer (HTTP 503)"
    assert result["warnings"] == [no("lb2", why, "see systemctl status of its proxy on lb2")]
    assert result["findings"] == []
    assert result["notes"][-1] == f"{result['warnings'][0]} (it is drained)"


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

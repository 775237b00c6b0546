# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from module_utils.operations.drill.catalogue import BY_NAME, DRILLS
from module_utils.operations.drill.plan import drill_health, drill_reach, drill_targets, drill_wanted
from module_utils.operations.drill.steps import drill_steps
from samples import DUAL, NODES, VIPS

ASKED = {
    "group": "edge",
    "nodes": ["lb1", "lb2"],
    "consent": "edge",
    "client": "localhost",
    "hosts": ["lb1", "lb2", "desk"],
    "proxy": "haproxy",
    "words": {},
    "margin": 0.5,
    "page": "",
}


def wanted(drills, **changes):
    return drill_wanted(drills, **{**ASKED, **changes})


def test_all_drills_but_those_that_want_a_word():
    every = [each.name for each in DRILLS]
    assert [each["name"] for each in wanted([])["drills"]] == [name for name in every if name != "node_rebooted"]
    assert [each["name"] for each in wanted([], words={"ha_lb_drill_reboot": True})["drills"]] == every
    assert wanted([])["refused"] == []


@pytest.mark.parametrize("drills", [["drained", "proxy_killed"], "drained, proxy_killed", ("drained", "proxy_killed")])
def test_drills_in_the_order_of_their_names(drills):
    assert wanted(drills, client="desk") == {
        "drills": [
            {"name": "drained", "title": "drained"},
            {"name": "proxy_killed", "title": "haproxy killed (SIGKILL)"},
        ],
        "refused": [],
    }


@pytest.mark.parametrize(
    ("drills", "changes", "finding"),
    [
        (["proxy_kiled"], {}, "ha_lb_drills[0]: no drill 'proxy_kiled'; did you mean proxy_killed?"),
        ([["x"]], {}, "ha_lb_drills[0]: no drill ['x']; the keys are backend"),
        (7, {}, "ha_lb_drills: 7 is not a list of drills"),
        (["node_rebooted"], {}, "ha_lb_drills[0]: node_rebooted wants -e ha_lb_drill_reboot=true besides"),
        ([], {"nodes": ["lb1"]}, "ha_lb_drills: the cluster has no node to take over (its nodes: lb1)"),
        ([], {"nodes": []}, "ha_lb_drills: the cluster has no node to take over (its nodes: none)"),
        ([], {"client": "moon"}, "ha_lb_drill_client: 'moon' is not a host of the inventory"),
        ([], {"client": "lb1"}, "ha_lb_drill_client: lb1 is a balancer: it does not see what a client sees"),
        ([], {"margin": -1}, "ha_lb_drill_margin_seconds: -1 is not a number of seconds from 0 to 60"),
        ([], {"margin": "much"}, "ha_lb_drill_margin_seconds: 'much' is not a number of seconds"),
        ([], {"page": "no library"}, "ha_lb_drill_page: no library"),
        (
            ["drained"],
            {"consent": ""},
            "ha_lb_drill_consent: a drill breaks a running cluster. On the node of lb1, lb2",
        ),
        (["drained"], {"consent": "edg"}, "ha_lb_drill_consent: 'edg' is not edge: a drill breaks"),
        (["drained"], {"consent": True}, "ha_lb_drill_consent: True is not edge"),
    ],
)
def test_what_is_refused(drills, changes, finding):
    (said,) = wanted(drills, **changes)["refused"]
    assert said.startswith(finding.replace("; the keys are backend", ""))


def test_a_refusal_lists_what_would_be_done():
    (said,) = wanted(["drained", "network_cut"], consent="")["refused"]
    assert "each for seconds: drain it, cut it off from the network of the VIPs. If that may be" in said
    assert said.endswith("-e ha_lb_drill_consent=edge")


def test_everything_is_refused_at_once():
    assert len(wanted(["x", "y"], consent="", client="moon", nodes=["lb1"], page="no library")["refused"]) == 6


ANSWER = {"service": "shop", "address": "192.0.2.10", "port": 80, "mode": "http", "ok": True, "what": "HTTP 200"}


@pytest.mark.parametrize(
    ("client", "nodes", "findings"),
    [
        ([ANSWER], [ANSWER, ANSWER], []),
        ([ANSWER], [], []),
        ([], [ANSWER], ["there is no service to ask"]),
        ([{**ANSWER, "ok": False, "what": "timed out"}], [ANSWER], ["192.0.2.10 port 80: timed out"]),
        (
            [{**ANSWER, "what": "HTTP 404"}],
            [ANSWER, {**ANSWER, "port": 81, "what": "HTTP 404"}],
            ["192.0.2.10 port 80 answers it HTTP 404, and the nodes HTTP 200: that is somebody else"],
        ),
    ],
)
def test_a_client_sees_the_cluster_and_nobody_else(client, nodes, findings):
    assert drill_reach(client, nodes) == findings


INSTANCE = {
    "name": "web",
    "state": "BACKUP",
    "priority": 250,
    "effective_priority": 250,
    "held": [],
    "addresses": ["192.0.2.10/24", "192.0.2.20/24"],
}
WELL = {"running": True, "proxy": "ok", "held": [], "instances": [INSTANCE]}
ACTIVE = {**WELL, "held": ["192.0.2.10", "192.0.2.20"], "instances": [{**INSTANCE, "state": "MASTER"}]}


def _no(why):
    return f"lb2 cannot take over web and api, because it {why}: "


def health(lb2):
    return drill_health(list(VIPS), {"lb1": {"now": ACTIVE}, "lb2": {"now": lb2}})


def test_a_cluster_that_is_whole():
    assert health(WELL) == []


@pytest.mark.parametrize(
    ("lb2", "finding"),
    [
        ({**WELL, "instances": [{**INSTANCE, "effective_priority": 1}]}, "lb2: is drained, or not fit (priority 1)"),
        ({**WELL, "instances": [{**INSTANCE, "state": "FAULT"}]}, _no("is in state FAULT")),
        ({**WELL, "proxy": "Connection refused"}, _no("has a proxy that does not answer (Connection refused)")),
        ({"unreachable": True, "msg": "no route"}, _no("cannot be reached")),
    ],
)
def test_a_cluster_that_is_not(lb2, finding):
    assert [each for each in health(lb2) if each.startswith(finding)] == health(lb2)


def test_a_vip_with_two_holders_is_not_whole():
    assert any("at the same time" in each for each in health(ACTIVE))


def step(name, hosts=(), **variables):
    known = {"ha_lb_vips": [*VIPS, DUAL], **variables}
    (one,) = drill_steps([{"name": name, "title": name}], NODES, known, hosts, 0.5)
    return one


SERVERS = [{"name": f"web{number}", "address": f"192.0.2.2{number}", "port": 8080} for number in (1, 2)]
HOSTS = [
    {"name": "lb1", "address": [], "ansible_host": "192.0.2.21"},
    {"name": "client", "address": [], "ansible_host": "192.0.2.50"},
    {"name": "web2", "address": ["192.0.2.22", "2001:db8::22"], "ansible_host": "10.0.0.22"},
]


def backend(hosts=None, **service):
    services = [{"name": "shop", "vip": "web", "port": 80, "servers": SERVERS, **service}]
    return step("backend_killed", HOSTS if hosts is None else hosts, ha_lb_services=services)


def test_the_client_keeps_up_with_many_vips():
    vips = [{"name": f"vip{number}", "addresses": [f"192.0.2.{number}/24"]} for number in range(101, 141)]
    services = [{"name": "shop", "vips": [vip["name"] for vip in vips], "port": 80, "servers": SERVERS}]
    assert step("drained")["interval"] == 0.01
    assert step("drained", ha_lb_vips=vips, ha_lb_services=services)["interval"] == 0.08


def test_a_backend_is_a_host_of_the_inventory():
    assert (backend()["host"], backend()["settings"]["port"], backend()["skip"]) == ("web2", 8080, "")
    assert backend()["leaves"] is False
    assert step("drained", HOSTS)["host"] == ""


@pytest.mark.parametrize(
    ("hosts", "service"),
    [
        (HOSTS[:2], {}),
        ((), {}),
        (HOSTS, {"servers": SERVERS[1:]}),
        (HOSTS, {"servers": [{**SERVERS[0], "backup": True}, SERVERS[1]]}),
    ],
)
def test_without_a_backend_that_others_stand_in_for_the_drill_is_skipped(hosts, service):
    assert backend(hosts, **service)["skip"] == "no server of what is measured is a host of the inventory"


def test_a_step_knows_what_the_proof_predicts():
    assert step("proxy_killed")["predicted_ms"] == pytest.approx(8, abs=3)
    assert step("network_cut")["predicted_ms"] == pytest.approx(302, abs=6)
    assert step("proxy_frozen")["predicted_ms"] == pytest.approx(2508, abs=3)
    assert step("drained")["predicted_ms"] == 0
    assert 0 < step("keepalived_killed")["predicted_both_ms"] <= 200


def test_a_step_lasts_until_the_node_is_back():
    quick = step("drained", keepalived_preempt_delay_seconds=0)
    assert step("drained")["seconds"] == pytest.approx(quick["seconds"] + 5)
    assert step("drained", keepalived_preempt=False)["seconds"] == pytest.approx(quick["seconds"])
    assert step("proxy_frozen")["hold"] > step("proxy_killed")["hold"]
    assert step("node_rebooted")["seconds"] > 90
    assert step("node_rebooted")["gone"]


def test_a_word_of_consent_is_no_reboot(monkeypatch):
    drill = replace(BY_NAME["proxy_killed"], word="ha_lb_drill_other")
    monkeypatch.setitem(BY_NAME, "proxy_killed", drill)
    assert not step("proxy_killed")["gone"]
    assert step("proxy_killed")["seconds"] < 90


def test_where_peers_do_not_preempt_a_drain_is_a_fault():
    assert step("drained")["settings"]["drain"] == -253
    assert step("drained", keepalived_preempt=False)["settings"]["drain"] == -254


def test_uplinks_are_lost_for_as_long_as_it_takes_to_notice():
    assert step("uplinks_lost")["skip"] == "the cluster has no ha_lb_uplinks"
    uplinks = ["192.0.2.1", {"address": "192.0.2.2", "port": 53, "interval_seconds": 2}]
    lost, drained = (step(name, ha_lb_uplinks=uplinks) for name in ("uplinks_lost", "drained"))
    assert (lost["skip"], lost["settings"]["uplinks"]) == ("", "192.0.2.1, 192.0.2.2,53")
    assert (lost["predicted_ms"], lost["leaves"]) == (0, True)
    assert lost["hold"] == pytest.approx(drained["hold"] + 4 * 2 + 3.5)
    assert lost["seconds"] == pytest.approx(drained["seconds"] + 4 * 2 + 3.5 + 3 * 2 + 3.5)


def test_a_step_names_the_vips_by_their_addresses():
    assert step("drained")["vips"] == {
        "192.0.2.10": "web",
        "192.0.2.20": "api",
        "192.0.2.30": "dual",
        "2001:db8::30": "dual",
    }


def test_one_service_of_each_address_is_measured_over_http_where_there_is_one():
    services = [
        {"name": "mail", "mode": "tcp", "addresses": ["192.0.2.10", "192.0.2.20"]},
        {"name": "shop", "mode": "http", "addresses": ["192.0.2.10"]},
        {"name": "late", "mode": "http", "addresses": ["192.0.2.10"]},
    ]
    assert [(each["name"], each["addresses"]) for each in drill_targets(services)] == [
        ("shop", ["192.0.2.10"]),
        ("mail", ["192.0.2.20"]),
    ]
    assert drill_targets([]) == []


@pytest.mark.parametrize("name", [each.name for each in DRILLS if "$proxy" in each.fault])
def test_a_fault_of_a_proxy_is_none_where_keepalived_serves(name):
    assert step(name)["settings"]["proxy"] == "haproxy"
    found = step(name, ha_lb_engine="lvs")
    assert found["settings"]["proxy"] == ""
    assert bool(found["skip"]) == (name != "reloaded")

# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences and data about a change that cannot be rolled."""

from __future__ import annotations

import json

import pytest
from module_utils.operations.preflight.result import preflight
from module_utils.operations.site.unrolled_result import unrolled_changes
from samples import LB1, LB2, LB3, WEB

VARIABLES = {"ha_lb_vips": [WEB]}
V2 = {"keepalived_vrrp_version": 2}
OURS = {"running": True, "units": ["haproxy", "keepalived"]}
CONF = """
global_defs {{
    vrrp_version {version}
}}
vrrp_instance web {{
    interface eth0
    virtual_router_id 10
    priority {priority}
    advert_int {interval}
    {lines}
    unicast_src_ip {source}
    unicast_peer {{
        {peer}
    }}
    virtual_ipaddress {{
        192.0.2.10/24
    }}
}}
"""


def configs(version=3, lines="", keepalived="2.2.7", **more):
    interval = 1 if version == 2 else 0.1
    addresses = ("192.0.2.11", "192.0.2.12")
    return [
        {
            "node": f"lb{number + 1}",
            "content": CONF.format(
                version=version, interval=interval, priority=254 - 4 * number, lines=lines,
                source=addresses[number], peer=addresses[1 - number],
            ),
            "facts": {"keepalived_version": keepalived},
            **more,
        }
        for number in (0, 1)
    ]  # fmt: skip


def result(variables, given=None, nodes=(LB1, LB2), **seen):
    seen = {"configs": configs() if given is None else given, "nodes": [each["name"] for each in nodes], **seen}
    return unrolled_changes(nodes, {**VARIABLES, **variables}, seen)


def test_nothing_changes():
    found = result({})
    assert (found["changes"], found["nodes"], found["at_once"], found["says"], found["findings"]) == (
        [],
        [],
        False,
        [],
        [],
    )


def test_a_change_that_cannot_be_rolled():
    found = json.loads(json.dumps(result(V2)))
    assert found["changes"] == [{"instance": "web", "what": "VRRP version 3 becomes 2"}]
    assert (found["nodes"], found["at_once"], found["last_waits_seconds"]) == (["lb1", "lb2"], True, 0)
    assert found["addresses"] == {"lb1": "192.0.2.11", "lb2": "192.0.2.12"}
    assert found["vips"] == ["192.0.2.10"]
    assert found["says"] == [
        "web: VRRP version 3 becomes 2",
        "This cannot be rolled: keepalived on lb1 and lb2 reloads at one moment. At worst, a VIP has two holders for "
        "0 ms and none for 0 ms; node by node, it would have two for 7 s or more.",
    ]


def test_the_holder_waits_where_the_instance_starts_anew():
    found = result({"ha_lb_vips": [{**WEB, "vrid": 77}]})
    assert 0.3 < found["last_waits_seconds"] < 0.6
    assert found["none_seconds"] == 0
    assert ", the one that holds most VIPs 0.45 s after the others." in found["says"][1]


def test_a_password_is_compared_and_not_shown():
    lines = "authentication {\nauth_type PASS\nauth_pass secret12\n}"
    before = configs(2, lines)
    variables = {**V2, "keepalived_auth_pass": "********"}  # as the playbook passes it
    assert result(variables, before, auth_pass="secret12")["changes"] == []
    found = result(variables, before, auth_pass="secret13")
    assert [each["what"] for each in found["changes"]] == ["the authentication changes"]
    assert "secret" not in json.dumps(found)


@pytest.mark.parametrize(("keepalived", "count"), [("2.2.7", 1), ("2.3.2", 1), ("2.3.3", 0), ("2.4.0", 0)])
def test_an_instance_gets_another_vip(keepalived, count):
    vips = [{**WEB, "addresses": ["192.0.2.10/24", "192.0.2.15/24"], "vrid": 10}]
    assert len(result({"ha_lb_vips": vips}, configs(keepalived=keepalived))["changes"]) == count


def test_left_out_by_limit():
    seen = {"configs": configs()[:1], "nodes": ["lb1"]}
    assert unrolled_changes((LB1, LB2), {**VARIABLES, **V2}, seen)["findings"] == [
        "--limit: web: VRRP version 3 becomes 2. This cannot be rolled, and lb2 would stay as before and be active "
        "too: run it without --limit"
    ]


def test_a_limit_without_a_change():
    assert unrolled_changes((LB1, LB2), VARIABLES, {"configs": configs()[:1], "nodes": ["lb1"]})["findings"] == []


@pytest.mark.parametrize(
    ("states", "changed"),
    [
        ({"lb2": {"running": False, "units": []}}, []),
        ({"lb1": OURS, "lb2": OURS}, ["lb1", "lb2"]),
        ({"lb1": {"msg": "keepalived runs, but does not write its status"}}, ["lb1", "lb2"]),
    ],
)
def test_a_node_without_a_running_keepalived_is_no_part_of_the_change(states, changed):
    assert result(V2, states=states)["nodes"] == changed


def test_a_new_node_is_no_part_of_the_change():
    assert result(V2, nodes=(LB1, LB2, LB3))["nodes"] == ["lb1", "lb2"]


@pytest.mark.parametrize(
    ("variables", "states"), [({"keepalived_vmac": True}, {}), ({}, {"lb1": {**OURS, "units": []}})]
)
def test_a_restart_goes_node_by_node(variables, states):
    found = result({**V2, **variables}, states=states)
    assert not found["at_once"]
    assert "has to be restarted, so it goes node by node all the same" in found["says"][1]


def test_an_unknown_address_is_a_finding():
    content = "vrrp_instance web {\nvirtual_router_id 10\nvirtual_ipaddress {\n192.0.2.10/24\n}\n}\n"
    before = [{**each, "content": content} for each in configs()]
    variables = {"keepalived_transport": "multicast"}
    assert result(variables, before)["findings"] == []
    assert result(variables, before, nodes=({"name": "lb1"}, {"name": "lb2"}))["findings"] == [
        f"hostvars[{node}].ha_lb_address: is not known, and the nodes have to meet to change at one moment: give it"
        for node in ("lb1", "lb2")
    ]


@pytest.mark.parametrize("wrong", [{"ha_lb_vips": [{"name": "web"}]}, {"ha_lb_vips": "x"}])
def test_a_wrong_input_is_reported_elsewhere(wrong):
    assert result(wrong)["changes"] == []


def test_an_unreadable_configuration_is_reported_elsewhere():
    assert result(V2, [{"node": "lb1"}])["changes"] == []
    assert result(V2, [{"node": "lb1", "content": "{{{"}])["changes"] == []


def test_preflight_shows_it():
    seen = {"configs": configs()[:1], "nodes": ["lb1"]}
    report = preflight((LB1, LB2), {**VARIABLES, **V2}, "balancers", seen)
    assert report["says"]["cannot be rolled"][0] == "web: VRRP version 3 becomes 2"
    assert report["data"]["unrolled"]["at_once"]
    assert [finding[:8] for finding in report["findings"]] == ["--limit:"]
    assert "cannot be rolled" not in preflight((LB1, LB2), VARIABLES, "balancers", seen)["says"]

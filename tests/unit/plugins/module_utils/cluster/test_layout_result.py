# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from module_utils.cluster.layout_result import layout_result
from samples import API, DUAL, NODES, WEB, refused

ETH0 = {"name": "eth0", "addresses": ["192.0.2.12/24", "2001:db8::12/64"], "own": ["192.0.2.12"]}


def test_the_whole_cluster():
    result = layout_result(NODES, [WEB, DUAL], vrrp_version=3, advert_interval_seconds="0.1")
    assert sorted(result) == ["dns", "layout", "takeover_seconds"]
    assert [each["name"] for each in result["layout"]["instances"]] == ["web", "dual_ipv4", "dual_ipv6"]
    assert result["layout"]["instances"][0]["order"] == ["lb1", "lb2"]
    assert result["layout"]["sync_groups"] == {"dual": ("dual_ipv4", "dual_ipv6")}
    assert result["takeover_seconds"] == 0.302
    json.dumps(result)


def test_the_vips_of_one_name_have_a_record_each():
    vips = [{**WEB, "dns_name": "www.example.org"}, API, {**DUAL, "dns_name": "www.example.org"}]
    assert layout_result(NODES, vips)["dns"] == [
        {"name": "www.example.org", "type": "A", "value": "192.0.2.10"},
        {"name": "www.example.org", "type": "A", "value": "192.0.2.30"},
        {"name": "www.example.org", "type": "AAAA", "value": "2001:db8::30"},
    ]


def test_the_proof_when_asked_for():
    proof = layout_result(NODES, [WEB, DUAL], proof=True)["proof"]
    assert proof["holds"]
    assert proof["normal"] == {"web": "lb1", "dual": "lb2"}
    json.dumps(proof)


def test_a_layout_in_use_is_taken_up_as_it_was_given():
    before = layout_result(NODES, [WEB, API, DUAL])["layout"]["instances"]
    after = layout_result(NODES, [DUAL, API], in_use=before)["layout"]["instances"]
    assert {each["name"]: each for each in after} == {each["name"]: each for each in before if each["vip"] != "web"}


def test_a_setting_that_does_not_exist():
    with pytest.raises(TypeError, match="unexpected setting colour"):
        layout_result(NODES, [WEB], colour="blue")


def test_the_usual_interval_of_version_2_is_a_second():
    assert layout_result(NODES, [WEB], vrrp_version=2)["takeover_seconds"] == 3.023


def test_one_nodes_view():
    web, api, ipv4, ipv6 = layout_result(NODES, [WEB, API, DUAL], node="lb2", interfaces=[ETH0])["instances"]
    assert web == {
        "name": "web",
        "family": "ipv4",
        "vrid": 10,
        "priority": 250,
        "interface": "eth0",
        "addresses": ["192.0.2.10/24"],
        "source": "192.0.2.12",
        "peers": ["192.0.2.11"],
        "knows_peers": True,
        "grouped": False,
        "waits": False,
    }
    assert (api["priority"], api["waits"]) == (254, True)
    assert (ipv4["grouped"], ipv6["grouped"]) == (True, True)
    assert (ipv6["source"], ipv6["peers"], ipv6["addresses"]) == ("2001:db8::12", ["2001:db8::11"], ["2001:db8::30/64"])


def test_the_view_is_the_same_while_the_node_holds_the_vip():
    holding = {**ETH0, "addresses": [*ETH0["addresses"], "192.0.2.10/24"]}
    elsewhere = {"name": "eth1", "addresses": ["192.0.2.10/24"], "own": []}
    views = [layout_result(NODES, [WEB], node="lb2", interfaces=i) for i in ([ETH0], [holding], [elsewhere, ETH0])]
    assert views[0] == views[1] == views[2]


def test_a_host_that_does_not_fit_is_refused():
    away = {"name": "eth0", "addresses": ["198.51.100.1/24"], "own": ["198.51.100.1", *NODES[1]["address"]]}
    found = refused(layout_result, NODES, [WEB], node="lb2", interfaces=[away])
    assert [path for path, message in found] == ["ha_lb_vips[0].addresses[0]"]


def test_a_node_that_is_not_of_the_cluster_is_refused():
    found = refused(layout_result, NODES, [WEB], node="lb9", interfaces=[ETH0])
    assert found == [("node", "lb9 is not a node of the cluster (lb1, lb2)")]


def test_settings_and_cluster_are_refused_at_once():
    found = refused(
        layout_result, [], [WEB], vrrp_version=4, transport="anycast", advert_interval_seconds=0, down_timer_adverts="x"
    )
    assert [path for path, message in found] == [
        "vrrp_version",
        "advert_interval_seconds",
        "transport",
        "down_timer_adverts",
        "ha_lb_nodes",
    ]

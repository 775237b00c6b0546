# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading nodes, sync groups, and a cluster as a whole."""

from __future__ import annotations

import pytest
from module_utils.vrrp.read import read_cluster, warnings_of
from samples import (
    API,
    DUAL,
    LB1,
    LB2,
    MULTICAST,
    NODES,
    PRIORITY_RULE,
    SURPRISES,
    VERSION_2,
    VIPS,
    VRID_RULE,
    WEB,
    refused,
    web,
    without,
)

NO_HOST = "is not an address that a host can have: it "


@pytest.mark.parametrize(
    ("nodes", "path", "message"),
    [
        ([], "ha_lb_nodes", "needs at least 1 item"),
        (None, "ha_lb_nodes", "None is not a list"),
        ([LB1, LB1], "ha_lb_nodes[1].name", "lb1 is already the name of ha_lb_nodes[0]"),
        ([LB1, without(LB2, "name")], "ha_lb_nodes[1].name", "is missing"),
        ([LB1, {**LB2, "adress": "x"}], "ha_lb_nodes[1].adress", "unknown key; did you mean address?"),
        ([LB1, {**LB2, "address": ["lb2"]}], "ha_lb_nodes[1].address[0]", "lb2 is not an address"),
        (
            [LB1, {**LB2, "address": "192.0.2.12/24"}],
            "ha_lb_nodes[1].address[0]",
            "192.0.2.12/24 is not an address",
        ),
        ([LB1, {**LB2, "ansible_host": ["lb2"]}], "ha_lb_nodes[1].ansible_host", "['lb2'] is not a line of text"),
        (
            [LB1, {"name": "lb2"}],
            "hostvars[lb2].ha_lb_address",
            "lb2 needs an IPv4 address towards its peers for VIP web",
        ),
        (
            [LB1, {"name": "lb2", "ansible_host": "198.51.100.12"}],
            "hostvars[lb2].ha_lb_address",
            "lb2 needs an IPv4 address towards its peers for VIP web, "
            "and ansible_host 198.51.100.12 is not in its subnet",
        ),
        (
            [LB1, {"name": "lb2", "address": "192.0.2.11"}],
            "hostvars[lb2].ha_lb_address",
            "192.0.2.11 is also the address of lb1",
        ),
    ],
)
def test_read_cluster_of_wrong_nodes(nodes, path, message):
    assert refused(read_cluster, nodes, [WEB]) == [(path, message)]


def test_read_cluster_dual_stack_without_an_ipv6_peer_address():
    nodes = [LB1, {"name": "lb2", "address": ["192.0.2.12"]}]
    message = "lb2 needs an IPv6 address towards its peers for VIP dual"
    assert refused(read_cluster, nodes, [DUAL]) == [("hostvars[lb2].ha_lb_address", message)]


@pytest.mark.parametrize(
    "node",
    [
        {"name": "lb_2", "address": "192.0.2.12", "ansible_host": "lb_2"},  # the name of a host may have underscores
        {"name": "lb2", "ansible_host": "192.0.2.12"},
    ],
)
def test_read_cluster_of_right_nodes(node):
    assert refused(read_cluster, [LB1, node], [WEB]) == []


def test_read_cluster_multicast_without_peer_addresses():
    assert refused(read_cluster, [{"name": "lb1"}, {"name": "lb2"}], [WEB], MULTICAST) == []


def test_warnings_of_a_single_node():
    cluster = read_cluster([{"name": "lb1"}], VIPS)
    assert warnings_of(cluster) == ["lb1 is the only node: the cluster is not highly available until there is a second"]
    assert warnings_of(read_cluster(NODES, VIPS)) == []


def test_warnings_of_names_that_differ_in_their_case_alone():
    nodes = [LB1, {**LB2, "name": "LB1"}]
    vips = [WEB, {**API, "name": "Web"}]
    assert warnings_of(read_cluster(nodes, vips)) == [
        "node LB1 and node lb1 differ in their case alone, and people will take one for the other",
        "VIP Web and VIP web differ in their case alone, and people will take one for the other",
    ]


@pytest.mark.parametrize(
    ("priorities", "warned"),
    [({"lb1": 2, "lb2": 1}, "lb2"), ({"lb1": 1, "lb2": 254}, "lb1"), ({"lb1": 3, "lb2": 2}, ""), (None, "")],
)
def test_warnings_of_a_priority_that_leaves_no_room_for_a_drain(priorities, warned):
    message = f"{warned} has 1, the least there is, and a node that is drained cannot go below: start at 2"
    expected = [f"ha_lb_vips[0].priorities: {message}"] if warned else []
    assert warnings_of(read_cluster(NODES, web(priorities=priorities))) == expected


@pytest.mark.parametrize(
    ("address", "number", "message"),
    [
        ("127.0.0.1", 0, f"127.0.0.1 {NO_HOST}is the loopback of every host"),
        (["::1"], 0, f"::1 {NO_HOST}is the loopback of every host"),
        ("192.0.2.255", 0, f"192.0.2.255 {NO_HOST}is the broadcast address of 192.0.2.0/24"),
        ("192.0.2.0", 0, f"192.0.2.0 {NO_HOST}is the network address of 192.0.2.0/24"),
        (["192.0.2.12", "224.0.0.18"], 1, f"224.0.0.18 {NO_HOST}is a multicast address"),
        (["192.0.2.12", "ff02::12"], 1, f"ff02::12 {NO_HOST}is a multicast address"),
        (["192.0.2.12", "255.255.255.255"], 1, f"255.255.255.255 {NO_HOST}is the broadcast address of every network"),
        (
            ["192.0.2.12", "2001:db8::12", "192.0.2.13"],
            2,
            "192.0.2.13 is a second IPv4 address beside 192.0.2.12, and would not be used",
        ),
    ],
)
def test_an_address_of_a_node_that_no_host_can_have(address, number, message):
    found = refused(read_cluster, [LB1, {**LB2, "address": address}], [WEB], MULTICAST)
    assert found == [(f"ha_lb_nodes[1].address[{number}]", message)]


def test_many_vips_without_an_address_of_a_node_are_one_fault():
    vips = [
        {"name": f"vip{each}", "addresses": [f"198.51.100.{each}/24", f"2001:db8:1::{each}/64"]} for each in (1, 2, 3)
    ]
    found = refused(read_cluster, [LB1, {"name": "lb2"}], vips)
    assert found == [
        ("hostvars[lb2].ha_lb_address", f"lb2 needs an {family} address towards its peers for VIP vip1 and 2 more")
        for family in ("IPv4", "IPv6")
    ]


def test_wrong_nodes_of_a_vip_in_a_sync_group():
    groups = group("web", "api")
    vips = [{**WEB, "prefer": [{}, "lb1"]}, {**API, "priorities": {"lb1": 0, "lb2": 5}}]
    assert [path for path, _message in refused(read_cluster, NODES, vips, MULTICAST, groups)] == [
        "ha_lb_vips[0].prefer[0]",
        "ha_lb_vips[1].priorities.lb1",
    ]


def test_read_cluster_version_2_with_ipv6():
    message = "IPv6 needs VRRP version 3, and keepalived_vrrp_version is 2"
    assert refused(read_cluster, NODES, [DUAL], VERSION_2) == [("ha_lb_vips[0].addresses", message)]


def group(*vips, name="both"):
    return [{"name": name, "vips": list(vips)}]


@pytest.mark.parametrize(
    ("groups", "path", "message"),
    [
        ("both", "", "'both' is not a list"),
        (group(), "[0].vips", "needs at least 1 item"),
        (group("web", "wob"), "[0].vips[1]", "wob is not the name of a VIP (web, api, dual)"),
        (group("web", "web"), "[0].vips[1]", "web is already in keepalived_sync_groups[0].vips[0]"),
        (group("web") + group("api"), "[1].name", "both is already the name of keepalived_sync_groups[0]"),
        (
            group("web", "api"),
            "[0].vips",
            "web and api never part, and have different prefer: lb1, and lb2",
        ),
        (
            group("web", "dual"),
            "[0].vips",
            "web and dual never part, and have different pin: lb1, and lb2",
        ),
    ],
)
def test_read_cluster_of_wrong_sync_groups(groups, path, message):
    vips = [{**WEB, "prefer": "lb1", "pin": "lb1"}, {**API, "prefer": "lb2"}, {**DUAL, "pin": "lb2"}]
    assert refused(read_cluster, NODES, vips, sync_groups=groups) == [(f"keepalived_sync_groups{path}", message)]


def test_read_cluster_of_a_sync_group_with_priorities():
    priorities = {"lb1": 200, "lb2": 190}
    vips = [{**WEB, "priorities": priorities}, {**API, "priorities": priorities}]
    assert refused(read_cluster, NODES, vips, sync_groups=group("web", "api")) == []
    vips[1]["priorities"] = {"lb1": 190, "lb2": 200}
    message = "web and api never part, and have different priorities: lb1 200, lb2 190, and lb1 190, lb2 200"
    assert refused(read_cluster, NODES, vips, sync_groups=group("web", "api")) == [
        ("keepalived_sync_groups[0].vips", message)
    ]


def test_read_cluster_needs_no_peer_address_of_nodes_beside_pin():
    nodes = [LB1, LB2, {"name": "lb3"}]
    assert refused(read_cluster, nodes, web(pin=["lb1", "lb2"])) == []
    assert refused(read_cluster, [LB1, {"name": "lb3"}], web(pin="lb3")) == []


def test_read_cluster_of_equal_vrids_in_use():
    in_use = [{"vip": "web", "vrid": 9}, {"vip": "api", "vrid": 9}]
    assert refused(read_cluster, NODES, VIPS, in_use=in_use) == [
        ("ha_lb_vips[1].vrid", "9 is the VRID that ha_lb_vips[0] has already: choose another")
    ]


@pytest.mark.parametrize(
    ("in_use", "path", "message"),
    [
        ("all", "", "'all' is not a list"),
        ([{"vip": "web"}], "[0].vrid", "is missing"),
        ([{"vip": "web", "vrid": 0, "interface": None}], "[0].vrid", f"0 {VRID_RULE}"),
        ([{"vip": "web", "vrid": 9, "priorities": {"lb1": 0}}], "[0].priorities.lb1", f"0 {PRIORITY_RULE}"),
        ([{"vip": "web", "vrid": 9, "priorities": "x"}], "[0].priorities", "'x' is not a mapping"),
    ],
)
def test_read_cluster_of_wrong_layouts_in_use(in_use, path, message):
    assert refused(read_cluster, NODES, VIPS, in_use=in_use) == [(f"ha_lb_in_use{path}", message)]


def test_read_cluster_of_names_that_a_dual_stack_vip_derives():
    vips = [DUAL, {**WEB, "name": "dual_ipv4"}]
    message = "dual_ipv4 is already the name of an instance of VIP dual"
    assert refused(read_cluster, NODES, vips) == [("ha_lb_vips[1].name", message)]
    message = "dual is also the name of a sync group that the VIP is not in"
    assert refused(read_cluster, NODES, [WEB, DUAL], sync_groups=group("web", name="dual")) == [
        ("ha_lb_vips[1].name", message)
    ]
    assert refused(read_cluster, NODES, [DUAL], sync_groups=group("dual", name="dual")) == []


def test_read_cluster_reports_everything_at_once():
    nodes = [LB1, {"name": "lb2"}, {"name": "lb 3"}]
    vips = [
        {**WEB, "vrid": 256, "adresses": []},
        {"name": "web", "addresses": ["192.0.2.300/24", "192.0.2.10"]},
        {"name": "six", "addresses": ["2001:db8::6/64", "192.0.2.10/24"], "prefer": "lb9"},
    ]
    assert [path for path, message in refused(read_cluster, nodes, vips, VERSION_2, group("wob"))] == [
        "ha_lb_nodes[2].name",
        "ha_lb_vips[0].adresses",
        "ha_lb_vips[0].vrid",
        "ha_lb_vips[1].addresses[0]",
        "ha_lb_vips[1].addresses[1]",
        "ha_lb_vips[1].name",
        "ha_lb_vips[2].addresses[1]",
        "ha_lb_vips[2].prefer[0]",
        "keepalived_sync_groups[0].vips[0]",
        "ha_lb_vips[2].addresses",
        "hostvars[lb2].ha_lb_address",
        "hostvars[lb2].ha_lb_address",
    ]


@pytest.mark.parametrize("value", SURPRISES)
@pytest.mark.parametrize("key", ["name", "address", "ansible_host"])
def test_read_cluster_of_any_value_in_a_node(key, value):
    found = refused(read_cluster, [{**LB1, key: value}, LB2], VIPS)
    assert all(path.startswith((f"ha_lb_nodes[0].{key}", "hostvars[lb1]")) for path, message in found)

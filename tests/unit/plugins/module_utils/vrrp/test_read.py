# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster, read_vips, warnings_of
from samples import API, DUAL, LB1, LB2, LB3, NODES, VERSION_2, VIPS, WEB, refused, without

PRIORITY_RULE = "is not a whole number from 1 to 254"
VRID_RULE = "is not a whole number from 1 to 255"


def web(**changes):
    return [{**WEB, **changes}]


@pytest.mark.parametrize(
    ("vips", "path", "message"),
    [
        ([], "ha_lb_vips", "needs at least 1 item"),
        (None, "ha_lb_vips", "None is not a list"),
        ("web", "ha_lb_vips", "'web' is not a list"),
        ({"web": "192.0.2.10/24"}, "ha_lb_vips", "{'web': '192.0.2.10/24'} is not a list"),
        (["web"], "ha_lb_vips[0]", "'web' is not a mapping"),
        (
            [{**WEB, "adresses": ["192.0.2.10/24"]}],
            "ha_lb_vips[0].adresses",
            "unknown key; did you mean addresses?",
        ),
        (
            [{**WEB, "colour": "red"}],
            "ha_lb_vips[0].colour",
            "unknown key; the keys are addresses, interface, name, prefer, priorities, vrid",
        ),
        ([without(WEB, "name")], "ha_lb_vips[0].name", "is missing"),
        ([without(WEB, "addresses")], "ha_lb_vips[0].addresses", "is missing"),
        (web(name=None), "ha_lb_vips[0].name", "is missing"),
        (
            web(name="my web"),
            "ha_lb_vips[0].name",
            "'my web' is not a name (letters, digits, dot, dash and underscore)",
        ),
        ([WEB, {**API, "name": "web"}], "ha_lb_vips[1].name", "web is already the name of ha_lb_vips[0]"),
        (
            web(interface="eth 0"),
            "ha_lb_vips[0].interface",
            "'eth 0' is not a name (letters, digits, dot, dash and underscore)",
        ),
    ],
)
def test_wrong_vips(vips, path, message):
    assert refused(read_cluster, NODES, vips) == [(path, message)]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("192.0.2.300/24", "192.0.2.300/24 is not an address"),
        ("192.0.2.10/33", "192.0.2.10/33 is not an address"),
        ("192.0.2.10", "192.0.2.10 has no prefix length, such as 192.0.2.10/24"),
        ("2001:db8::10", "2001:db8::10 has no prefix length, such as 2001:db8::10/64"),
        ("fe80::10%eth0/64", "fe80::10%eth0/64 is not an address"),
        ("web.example.org", "web.example.org is not an address"),
        ("", "'' is not an address"),
        ("192.0.2.10/24\n192.0.2.11/24", "'192.0.2.10/24\\n192.0.2.11/24' is not an address"),
        (3221225994, "3221225994 is not an address"),
        (None, "None is not an address"),
        (["192.0.2.10/24"], "['192.0.2.10/24'] is not an address"),
        ({"ip": "192.0.2.10/24"}, "{'ip': '192.0.2.10/24'} is not an address"),
        ("192.0.2.0/24", "192.0.2.0/24 is not an address that a host can have"),
        ("192.0.2.255/24", "192.0.2.255/24 is not an address that a host can have"),
        ("224.0.0.18/24", "224.0.0.18/24 is not an address that a host can have"),
        ("127.0.0.1/8", "127.0.0.1/8 is not an address that a host can have"),
        ("::/64", "::/64 is not an address that a host can have"),
        ("192.0.2.11/24", "192.0.2.11 is the own address of lb1, and cannot move"),
        ("2001:0DB8:0::12/64", "2001:db8::12 is the own address of lb2, and cannot move"),
        ("198.51.100.1/24", "198.51.100.1 is the own address of lb3, and cannot move"),
        ("2001:db8::99/64", "2001:db8::99 is the own address of lb4, and cannot move"),
    ],
)
def test_wrong_addresses(address, message):
    nodes = [
        LB1,
        LB2,
        {**LB3, "ansible_host": "198.51.100.1"},
        {"name": "lb4", "addresses": ["192.0.2.14", "2001:db8::14"], "ansible_host": "2001:DB8:0::99"},
    ]
    vips = [WEB, {**API, "addresses": ["192.0.2.20/24", address]}]
    assert refused(read_cluster, nodes, vips) == [("ha_lb_vips[1].addresses[1]", message)]


@pytest.mark.parametrize("address", ["192.0.2.0/31", "192.0.2.5/32", "2001:db8::/64", "10.0.255.255/8"])
def test_addresses_that_only_look_wrong(address):
    assert refused(read_cluster, [LB1], web(addresses=[address])) == []


def test_an_address_is_used_once():
    vips = [WEB, {**API, "addresses": ["192.0.2.10/24", "192.0.2.20/24", "192.0.2.20/25"]}]
    assert refused(read_cluster, NODES, vips) == [
        ("ha_lb_vips[1].addresses[0]", "192.0.2.10 is already in ha_lb_vips[0].addresses[0]"),
        ("ha_lb_vips[1].addresses[2]", "192.0.2.20 is already in ha_lb_vips[1].addresses[1]"),
    ]


@pytest.mark.parametrize("vrid", [0, 256, -1, "51a", "", True, 5.5, [5], {"vrid": 5}])
def test_wrong_vrids(vrid):
    assert refused(read_cluster, NODES, web(vrid=vrid)) == [("ha_lb_vips[0].vrid", f"{vrid!r} {VRID_RULE}")]


def test_a_vrid_is_used_once_for_each_family():
    vips = [{**WEB, "vrid": 51}, {**API, "vrid": 51}, {"name": "six", "addresses": ["2001:db8::6/64"], "vrid": "51"}]
    message = "51 is already the VRID of ha_lb_vips[0] for IPv4"
    assert refused(read_cluster, NODES, vips) == [("ha_lb_vips[1].vrid", message)]


def test_a_vrid_does_not_push_an_earlier_vip_from_the_one_it_has():
    """Else the VIP that is appended would change a running instance."""
    message = "10 is the VRID that ha_lb_vips[0] has from its address: choose another"
    assert refused(read_cluster, NODES, [WEB, {**API, "vrid": 10}]) == [("ha_lb_vips[1].vrid", message)]
    assert refused(read_cluster, NODES, [{**API, "vrid": 10}, WEB]) == []


def test_256_vips_need_more_vrids_than_there_are():
    vips = [{"name": f"vip{index}", "addresses": [f"10.{index}.0.1/8"]} for index in range(256)]
    message = "256 VIPs need more than the 255 VRIDs of one segment: split them over two clusters"
    assert refused(read_cluster, NODES, vips, Settings(transport="multicast")) == [("ha_lb_vips", message)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (255, f"255 {PRIORITY_RULE}: 255 belongs to the owner of the address, whose trackers keepalived ignores"),
        (0, f"0 {PRIORITY_RULE}"),
        ("high", f"'high' {PRIORITY_RULE}"),
        (True, f"True {PRIORITY_RULE}"),
        (None, f"None {PRIORITY_RULE}"),
    ],
)
def test_wrong_priorities(value, message):
    vips = web(priorities={"lb1": 200, "lb2": value})
    assert refused(read_cluster, NODES, vips) == [("ha_lb_vips[0].priorities.lb2", message)]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        (
            {"priorities": {"lb1": 200, "lb2": "200"}},
            "priorities",
            "gives two nodes the same priority, and both would become active",
        ),
        ({"priorities": {"lb1": 200}}, "priorities", "says nothing of lb2: give every node a priority, or none"),
        (
            {"priorities": {"lb1": 200, "lb2": 190, "lb9": 100}},
            "priorities.lb9",
            "'lb9' is not a node of the cluster (lb1, lb2)",
        ),
        (
            {"priorities": {"lb1": 200, "lb2": 190}, "prefer": "lb1"},
            "priorities",
            "contradicts prefer: give one of them",
        ),
        ({"priorities": [200, 190]}, "priorities", "[200, 190] is not a mapping"),
        ({"prefer": ["lb1", "lb9"]}, "prefer[1]", "lb9 is not a node of the cluster (lb1, lb2)"),
        ({"prefer": "lb9"}, "prefer[0]", "lb9 is not a node of the cluster (lb1, lb2)"),
        ({"prefer": ["lb1", "lb1"]}, "prefer[1]", "lb1 is already named"),
        ({"prefer": {"lb1": 1}}, "prefer[0]", "{'lb1': 1} is not a name (letters, digits, dot, dash and underscore)"),
    ],
)
def test_wrong_preferences(changes, path, message):
    assert refused(read_cluster, NODES, web(**changes)) == [(f"ha_lb_vips[0].{path}", message)]


@pytest.mark.parametrize(
    ("nodes", "path", "message"),
    [
        ([], "ha_lb_nodes", "needs at least 1 item"),
        (None, "ha_lb_nodes", "None is not a list"),
        ([LB1, LB1], "ha_lb_nodes[1].name", "lb1 is already the name of ha_lb_nodes[0]"),
        ([LB1, without(LB2, "name")], "ha_lb_nodes[1].name", "is missing"),
        ([LB1, {**LB2, "adress": "x"}], "ha_lb_nodes[1].adress", "unknown key; did you mean addresses?"),
        ([LB1, {**LB2, "addresses": ["lb2"]}], "ha_lb_nodes[1].addresses[0]", "lb2 is not an address"),
        (
            [LB1, {**LB2, "addresses": "192.0.2.12/24"}],
            "ha_lb_nodes[1].addresses[0]",
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
            [LB1, {"name": "lb2", "addresses": "192.0.2.11"}],
            "hostvars[lb2].ha_lb_address",
            "192.0.2.11 is also the address of lb1",
        ),
    ],
)
def test_wrong_nodes(nodes, path, message):
    assert refused(read_cluster, nodes, [WEB]) == [(path, message)]


def test_a_dual_stack_vip_needs_an_address_of_each_family():
    nodes = [LB1, {"name": "lb2", "addresses": ["192.0.2.12"]}]
    message = "lb2 needs an IPv6 address towards its peers for VIP dual"
    assert refused(read_cluster, nodes, [DUAL]) == [("hostvars[lb2].ha_lb_address", message)]


@pytest.mark.parametrize(
    "node",
    [
        {"name": "lb_2", "addresses": "192.0.2.12", "ansible_host": "lb_2"},  # the name of a host may have underscores
        {"name": "lb2", "ansible_host": "192.0.2.12"},
    ],
)
def test_right_nodes(node):
    assert refused(read_cluster, [LB1, node], [WEB]) == []


def test_multicast_needs_no_addresses_of_peers():
    assert refused(read_cluster, [{"name": "lb1"}, {"name": "lb2"}], [WEB], Settings(transport="multicast")) == []


def test_a_single_node_has_no_peers_and_is_worth_a_warning():
    cluster = read_cluster([{"name": "lb1"}], VIPS)
    assert warnings_of(cluster) == ["lb1 is the only node: the cluster is not highly available until there is a second"]
    assert warnings_of(read_cluster(NODES, VIPS)) == []


def test_version_2_has_no_ipv6():
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
            "web and api prefer different nodes, and would never settle: give both the same prefer",
        ),
    ],
)
def test_wrong_sync_groups(groups, path, message):
    expected = [(f"keepalived_sync_groups{path}", message)]
    assert refused(read_cluster, NODES, [WEB, API, DUAL], sync_groups=groups) == expected


def test_members_of_a_group_with_the_same_priorities_settle():
    priorities = {"lb1": 200, "lb2": 190}
    vips = [{**WEB, "priorities": priorities}, {**API, "priorities": priorities}]
    assert refused(read_cluster, NODES, vips, sync_groups=group("web", "api")) == []
    vips[1]["priorities"] = {"lb1": 190, "lb2": 200}
    assert len(refused(read_cluster, NODES, vips, sync_groups=group("web", "api"))) == 1


def test_names_that_a_dual_stack_vip_takes():
    vips = [DUAL, {**WEB, "name": "dual_ipv4"}]
    message = "dual_ipv4 is already the name of an instance of VIP dual"
    assert refused(read_cluster, NODES, vips) == [("ha_lb_vips[1].name", message)]
    message = "dual is also the name of a sync group that the VIP is not in"
    assert refused(read_cluster, NODES, [WEB, DUAL], sync_groups=group("web", name="dual")) == [
        ("ha_lb_vips[1].name", message)
    ]
    assert refused(read_cluster, NODES, [DUAL], sync_groups=group("dual", name="dual")) == []


def test_everything_is_said_at_once():
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
        "hostvars[lb2].ha_lb_address",
    ]


def test_paths_begin_with_the_names_of_the_variables():
    assert refused(read_cluster, [], [], prefix="keepalived") == [
        ("keepalived_nodes", "needs at least 1 item"),
        ("keepalived_vips", "needs at least 1 item"),
    ]


def test_vips_alone():
    assert [vip.name for vip in read_vips(VIPS)] == ["web", "api"]
    assert refused(read_vips, [WEB, {**WEB, "addresses": ["x"]}]) == [
        ("ha_lb_vips[1].addresses[0]", "x is not an address"),
        ("ha_lb_vips[1].name", "web is already the name of ha_lb_vips[0]"),
    ]


SURPRISES = [None, True, 0, -1, 2.5, "", " ", "a b", "\n", "ä", [], [[]], [None], {}, {"a": {"b": []}}, [[[{"a": 1}]]]]


@pytest.mark.parametrize("value", SURPRISES)
@pytest.mark.parametrize("key", ["name", "addresses", "interface", "vrid", "prefer", "priorities"])
def test_a_surprising_value_in_a_vip_is_found_where_it_stands_or_is_right(key, value):
    found = refused(read_cluster, NODES, [{**WEB, key: value}, API])
    assert all(path.startswith(f"ha_lb_vips[0].{key}") for path, message in found)
    if not found:
        assert len(lay_out(read_cluster(NODES, [{**WEB, key: value}, API])).instances) == 2


@pytest.mark.parametrize("value", SURPRISES)
@pytest.mark.parametrize("key", ["name", "addresses", "ansible_host"])
def test_a_surprising_value_in_a_node_is_found_where_it_stands_or_is_right(key, value):
    found = refused(read_cluster, [{**LB1, key: value}, LB2], VIPS)
    assert all(path.startswith((f"ha_lb_nodes[0].{key}", "hostvars[lb1]")) for path, message in found)

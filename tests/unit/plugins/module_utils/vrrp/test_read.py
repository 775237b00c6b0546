# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.read import read_cluster, read_vips
from samples import (
    API,
    LB1,
    LB2,
    LB3,
    MULTICAST,
    NODES,
    PRIORITY_RULE,
    SURPRISES,
    VIPS,
    VRID_RULE,
    WEB,
    refused,
    web,
    without,
)


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
            "unknown key; the keys are addresses, dns_name, interface, name, pin, prefer, priorities, vrid",
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
            "'eth 0' is not the name of an interface",
        ),
    ],
)
def test_read_cluster_of_wrong_vips(vips, path, message):
    assert refused(read_cluster, NODES, vips) == [(path, message)]


NO_HOST = "is not an address that a host can have: it "
IN_IPV6 = "is an IPv4 address in the form of IPv6, which is on no wire: write it as IPv4"


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
        (
            "192.0.2.0/24",
            f"192.0.2.0/24 {NO_HOST}is the network address of 192.0.2.0/24",
        ),
        (
            "192.0.2.255/24",
            f"192.0.2.255/24 {NO_HOST}is the broadcast address of 192.0.2.0/24",
        ),
        ("224.0.0.18/24", f"224.0.0.18/24 {NO_HOST}is a multicast address"),
        ("127.0.0.1/8", f"127.0.0.1/8 {NO_HOST}is the loopback of every host"),
        ("::/64", f"::/64 {NO_HOST}means any address, and no host"),
        ("0.1.2.3/24", f"0.1.2.3/24 {NO_HOST}is of 0.0.0.0/8, which means this network and no host (RFC 1122)"),
        ("240.0.0.1/24", f"240.0.0.1/24 {NO_HOST}is of 240.0.0.0/4, which is reserved: no host takes it (RFC 1112)"),
        ("255.255.255.255/32", f"255.255.255.255/32 {NO_HOST}is the broadcast address of every network"),
        ("ff02::12/64", f"ff02::12/64 {NO_HOST}is a multicast address"),
        ("2001:db8:1::/64", f"2001:db8:1::/64 {NO_HOST}is the address of all routers (RFC 4291) of 2001:db8:1::/64"),
        ("::ffff:198.51.100.9/120", f"::ffff:c633:6409/120 {NO_HOST}{IN_IPV6}"),
        ("::198.51.100.9/120", f"::c633:6409/120 {NO_HOST}{IN_IPV6}"),
        ("198.51.100.9/2", "198.51.100.9/2 takes all of 192.0.0.0/2 for one link: is /24 meant?"),
        ("198.51.100.9/0", "198.51.100.9/0 takes all of 0.0.0.0/0 for one link: is /24 meant?"),
        ("2001:db8::9/6", "2001:db8::9/6 takes all of 2000::/6 for one link: is /64 meant?"),
        (
            "198.51.100.9/0.0.0.255",
            "198.51.100.9/0.0.0.255 has a wildcard mask, as access lists have it: did you mean 198.51.100.9/24?",
        ),
        ("192.0.2.11/24", "192.0.2.11 is the own address of lb1, and cannot move"),
        ("2001:0DB8:0::12/64", "2001:db8::12 is the own address of lb2, and cannot move"),
        ("198.51.100.1/24", "198.51.100.1 is the own address of lb3, and cannot move"),
        ("2001:db8::99/64", "2001:db8::99 is the own address of lb4, and cannot move"),
    ],
)
def test_read_cluster_of_wrong_addresses(address, message):
    nodes = [
        LB1,
        LB2,
        {**LB3, "ansible_host": "198.51.100.1"},
        {"name": "lb4", "address": ["192.0.2.14", "2001:db8::14"], "ansible_host": "2001:DB8:0::99"},
    ]
    vips = [WEB, {**API, "addresses": ["192.0.2.20/24", address]}]
    assert refused(read_cluster, nodes, vips) == [("ha_lb_vips[1].addresses[1]", message)]


@pytest.mark.parametrize(
    "address", ["192.0.2.0/31", "192.0.2.5/32", "2001:db8::/127", "10.0.255.255/8", "192.0.2.9/255.255.255.0"]
)
def test_read_cluster_of_unusual_addresses(address):
    assert refused(read_cluster, [LB1], web(addresses=[address])) == []


def test_read_cluster_of_equal_addresses():
    vips = [WEB, {**API, "addresses": ["192.0.2.10/24", "192.0.2.20/24", "192.0.2.20/25"]}]
    assert refused(read_cluster, NODES, vips) == [
        ("ha_lb_vips[1].addresses[0]", "192.0.2.10 is already in ha_lb_vips[0].addresses[0]"),
        ("ha_lb_vips[1].addresses[2]", "192.0.2.20 is already in ha_lb_vips[1].addresses[1]"),
    ]


@pytest.mark.parametrize("vrid", [0, 256, -1, "51a", "", True, 5.5, [5], {"vrid": 5}])
def test_read_cluster_of_wrong_vrids(vrid):
    assert refused(read_cluster, NODES, web(vrid=vrid)) == [("ha_lb_vips[0].vrid", f"{vrid!r} {VRID_RULE}")]


def test_read_cluster_of_equal_vrids_in_a_family():
    vips = [{**WEB, "vrid": 51}, {**API, "vrid": 51}, {"name": "six", "addresses": ["2001:db8::6/64"], "vrid": "51"}]
    message = "51 is already the VRID of ha_lb_vips[0] for IPv4"
    assert refused(read_cluster, NODES, vips) == [("ha_lb_vips[1].vrid", message)]


def test_read_cluster_of_a_vrid_that_an_earlier_vip_derives():
    """An appended VIP must not change the VRID of a running instance."""
    message = "10 is the VRID that ha_lb_vips[0] has already: choose another"
    assert refused(read_cluster, NODES, [WEB, {**API, "vrid": 10}]) == [("ha_lb_vips[1].vrid", message)]
    assert refused(read_cluster, NODES, [{**API, "vrid": 10}, WEB]) == []


def test_read_cluster_of_more_vips_than_vrids():
    vips = [{"name": f"vip{index}", "addresses": [f"10.{index}.0.1/8"]} for index in range(256)]
    message = (
        "1 of 256 VIPs find no VRID: a segment has 255 for each family; "
        "put addresses that may move together into one VIP, or VIPs of another segment into a cluster of their own"
    )
    assert refused(read_cluster, NODES, vips, MULTICAST) == [("ha_lb_vips", message)]
    assert refused(read_cluster, NODES, vips[1:], MULTICAST) == []
    message = message.replace("1 of 256", "2 of 255").replace("each family", "each family (2 are taken)")
    assert refused(read_cluster, NODES, vips[1:], MULTICAST, taken_vrids=[51, 1]) == [("ha_lb_vips", message)]
    vips += [{"name": f"six{index}", "addresses": [f"fd00::{index}:1/64"]} for index in range(255)]
    assert refused(read_cluster, NODES, vips[1:], MULTICAST) == []


def test_read_cluster_of_taken_vrids():
    assert refused(read_cluster, NODES, web(vrid=51), taken_vrids=[50, "51"]) == [
        ("ha_lb_vips[0].vrid", "51 is taken by somebody else (ha_lb_taken_vrids)")
    ]
    assert refused(read_cluster, NODES, VIPS, taken_vrids=[0]) == [("ha_lb_taken_vrids[0]", f"0 {VRID_RULE}")]


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
def test_read_cluster_of_wrong_priorities(value, message):
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
        ({"pin": "lb9"}, "pin[0]", "lb9 is not a node of the cluster (lb1, lb2)"),
        ({"pin": []}, "pin", "needs at least 1 item"),
        ({"pin": ["lb1", "lb1"]}, "pin[1]", "lb1 is already named"),
        ({"pin": "lb1", "prefer": "lb2"}, "prefer[0]", "lb2 is not one of the nodes of pin (lb1)"),
        (
            {"pin": "lb1", "priorities": {"lb1": 9, "lb2": 8}},
            "priorities.lb2",
            "'lb2' is not one of the nodes of pin (lb1)",
        ),
        ({"prefer": {"lb1": 1}}, "prefer[0]", "{'lb1': 1} is not a name (letters, digits, dot, dash and underscore)"),
    ],
)
def test_read_cluster_of_wrong_preferences(changes, path, message):
    assert refused(read_cluster, NODES, web(**changes)) == [(f"ha_lb_vips[0].{path}", message)]


def test_read_vips():
    assert [vip.name for vip in read_vips(VIPS)] == ["web", "api"]
    assert refused(read_vips, [WEB, {**WEB, "addresses": ["x"]}]) == [
        ("ha_lb_vips[1].addresses[0]", "x is not an address"),
        ("ha_lb_vips[1].name", "web is already the name of ha_lb_vips[0]"),
    ]


@pytest.mark.parametrize("value", SURPRISES)
@pytest.mark.parametrize("key", ["name", "addresses", "interface", "vrid", "prefer", "priorities", "pin", "dns_name"])
def test_read_cluster_of_any_value_in_a_vip(key, value):
    """Every value is refused at its own path, or can be laid out."""
    found = refused(read_cluster, NODES, [{**WEB, key: value}, API])
    assert all(path.startswith(f"ha_lb_vips[0].{key}") for path, message in found)
    if not found:
        assert len(lay_out(read_cluster(NODES, [{**WEB, key: value}, API])).instances) == 2

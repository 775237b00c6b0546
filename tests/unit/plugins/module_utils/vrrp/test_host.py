# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.vrrp.host import (
    at_rest,
    check_hosts,
    interface_of,
    interfaces_from_facts,
    read_hosts,
    read_interfaces,
)
from module_utils.vrrp.read import read_cluster
from samples import DUAL, LB1, LB2, NODES, WEB, refused

ETH0 = {"name": "eth0", "addresses": ["192.0.2.11/24", "2001:db8::11/64"], "own": ["192.0.2.11"]}
ETH1 = {"name": "eth1", "addresses": ["198.51.100.11/24"], "own": ["198.51.100.11"]}
LO = {"name": "lo", "addresses": ["127.0.0.1/8"], "own": ["127.0.0.1"]}
HOST = [LO, ETH0, ETH1]

FACTS = {
    "interfaces": ["lo", "eth0", "bond0.100", "br-lan", "wg0"],
    "lo": {
        "ipv4": {"address": "127.0.0.1", "netmask": "255.0.0.0"},
        "ipv6": [{"address": "::1", "prefix": "128", "scope": "host"}],
    },
    "eth0": {
        "ipv4": {"address": "192.0.2.11", "netmask": "255.255.255.0"},
        "ipv4_secondaries": [{"address": "192.0.2.10", "netmask": "255.255.255.0"}],
        "ipv6": [
            {"address": "2001:db8::11", "prefix": "64", "scope": "global"},
            {"address": "fe80::1", "prefix": "64", "scope": "link"},
        ],
    },
    "bond0_100": {"ipv4": {"address": "198.51.100.11", "netmask": "255.255.255.128"}},
    "br_lan": {},
}


def test_interfaces_from_facts():
    assert interfaces_from_facts(FACTS) == [
        {"name": "lo", "addresses": ["127.0.0.1/8"], "own": ["127.0.0.1"]},
        {"name": "eth0", "addresses": ["192.0.2.11/24", "192.0.2.10/24", "2001:db8::11/64"], "own": ["192.0.2.11"]},
        {"name": "bond0.100", "addresses": ["198.51.100.11/25"], "own": ["198.51.100.11"]},
        {"name": "br-lan", "addresses": [], "own": []},
        {"name": "wg0", "addresses": [], "own": []},
    ]
    assert interfaces_from_facts({}) == []


def cluster(**changes):
    return read_cluster(NODES, [{**WEB, **changes}])


@pytest.mark.parametrize(
    ("changes", "family", "expected"),
    [
        ({}, "ipv4", "eth0"),
        ({"addresses": ["198.51.100.10/24"]}, "ipv4", "eth1"),
        ({"addresses": ["2001:db8::10/64"]}, "ipv6", "eth0"),
        ({"addresses": ["203.0.113.10/24"]}, "ipv4", None),
        ({"interface": "eth1"}, "ipv4", "eth1"),
        ({"interface": "eth9"}, "ipv4", None),
    ],
)
def test_interface_of(changes, family, expected):
    assert interface_of(cluster(**changes).vips[0], family, read_interfaces(HOST)) == expected


def test_interface_of_a_vip_that_is_on_another_interface():
    """Somebody or an older configuration may have put the VIP on any interface."""
    eth1 = {"name": "eth1", "addresses": ["192.0.2.10/24"], "own": []}
    vips = cluster().vips
    assert interface_of(vips[0], "ipv4", at_rest(read_interfaces([eth1, ETH0]), vips)) == "eth0"
    assert interface_of(vips[0], "ipv4", at_rest(read_interfaces([eth1]), vips)) is None


NOWHERE = "203.0.113.10/24 is in no subnet of lb1 (eth0 192.0.2.11/24, eth0 2001:db8::11/64, eth1 198.51.100.11/24); "


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"addresses": ["203.0.113.10/24"]}, "addresses[0]", f"{NOWHERE}set interface to use it there"),
        (
            {"addresses": ["192.0.2.10/24", "203.0.113.10/24"]},
            "addresses[1]",
            f"{NOWHERE}set interface to use it there",
        ),
        (
            {"addresses": ["198.51.100.11/24"]},
            "addresses[0]",
            "198.51.100.11 is the own address of lb1 (eth1), and cannot move",
        ),
        ({"interface": "eth9"}, "interface", "lb1 has no interface eth9 (it has lo, eth0, eth1)"),
    ],
)
def test_check_hosts_of_wrong_vips(changes, path, message):
    wrong = read_cluster(NODES, [{**WEB, **changes}])
    assert refused(check_hosts, wrong, read_hosts({"lb1": HOST})) == [(f"ha_lb_vips[0].{path}", message)]


def test_check_hosts_own_address_keeps_its_subnet():
    own = {**ETH0, "addresses": ["192.0.2.99/24"], "own": ["192.0.2.99", *LB1["address"]]}
    vips = read_cluster(NODES, [WEB, {"name": "own", "addresses": ["192.0.2.99/24"]}])
    assert [path for path, message in refused(check_hosts, vips, read_hosts({"lb1": [own]}))] == [
        "ha_lb_vips[1].addresses[0]"
    ]


def test_check_hosts_without_addresses():
    message = "192.0.2.10/24 is in no subnet of lb1 (it has no address); set interface to use it there"
    assert refused(check_hosts, cluster(), read_hosts({"lb1": [LO]})) == [("ha_lb_vips[0].addresses[0]", message)]


def test_check_hosts_checks_every_host_and_vip():
    dual = read_cluster(NODES, [WEB, DUAL])
    found = refused(check_hosts, dual, read_hosts({"lb1": [ETH0], "lb2": [{**ETH1, "own": LB2["address"]}]}))
    assert [path for path, message in found] == [
        "ha_lb_vips[0].addresses[0]",
        "ha_lb_vips[1].addresses[0]",
        "ha_lb_vips[1].addresses[1]",
    ]
    assert all("lb2" in message for path, message in found)


def test_check_hosts_explicit_interface_with_the_vip_alone():
    alone = {"name": "eth5", "addresses": ["192.0.2.10/24"], "own": ["192.0.2.10", *LB1["address"]]}
    assert refused(check_hosts, cluster(interface="eth5"), read_hosts({"lb1": [alone]})) == []


@pytest.mark.parametrize(
    ("raw", "path", "message"),
    [
        (None, "", "None is not a list"),
        ([None], "[0]", "None is not a mapping"),
        ([{"name": "eth0"}], "[0].addresses", "is missing"),
        (
            [{**ETH0, "addresses": ["192.0.2.11"]}],
            "[0].addresses[0]",
            "192.0.2.11 has no prefix length, such as 192.0.2.11/24",
        ),
        ([{**ETH0, "own": ["me"]}], "[0].own[0]", "me is not an address"),
    ],
)
def test_read_hosts_of_wrong_interfaces(raw, path, message):
    assert (f"interfaces.lb1{path}", message) in refused(read_hosts, {"lb1": raw})

# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses held against the links of the hosts."""

from __future__ import annotations

import pytest
from module_utils.vrrp.host import check_hosts, host_advice, read_hosts
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster
from samples import LB1, MULTICAST, NODES, WEB, refused, web


def host(*addresses, name="eth0"):
    return {"name": name, "addresses": list(addresses), "own": [each.partition("/")[0] for each in addresses]}


ETH0 = host("192.0.2.11/24", "2001:db8::11/64")
LO = host("127.0.0.1/8", name="lo")


def found(vips=(WEB,), nodes=NODES, settings: Settings = Settings(), **interfaces):
    return refused(check_hosts, read_cluster(nodes, list(vips), settings), read_hosts(interfaces))


@pytest.mark.parametrize(
    ("node", "interfaces", "path", "message"),
    [
        (
            {"address": ["192.0.2.99", "2001:db8::11"]},
            [LO, ETH0],
            "hostvars[lb1].ha_lb_address",
            "192.0.2.99 is on no interface of lb1 (eth0 192.0.2.11, eth0 2001:db8::11)",
        ),
        (
            {"address": [], "ansible_host": "192.0.2.99"},
            [ETH0],
            "hostvars[lb1].ansible_host",
            "192.0.2.99 is on no interface of lb1 (eth0 192.0.2.11, eth0 2001:db8::11)",
        ),
    ],
)
def test_an_address_that_its_host_does_not_have(node, interfaces, path, message):
    nodes = [{"name": "lb1", **node}, NODES[1]]
    assert found(nodes=nodes, lb1=interfaces) == [(path, message)]


@pytest.mark.parametrize(
    ("nodes", "interfaces", "settings"),
    [
        (NODES, [ETH0], Settings()),
        (NODES, [host("192.0.2.11/24")], Settings()),  # its IPv6 address is for no VIP
        ([{**LB1, "address": "10.255.0.1"}, NODES[1]], [ETH0, host("10.255.0.1/32", name="lo")], Settings()),
        ([{**LB1, "address": "192.0.2.99"}, NODES[1]], [ETH0], MULTICAST),
        ([{**LB1, "address": "192.0.2.99"}], [ETH0], Settings()),
    ],
)
def test_addresses_that_are_no_source_of_adverts_or_are_there(nodes, interfaces, settings):
    assert found(nodes=nodes, settings=settings, lb1=interfaces) == []


def test_a_host_without_facts_of_its_addresses_is_not_judged_by_them():
    nodes = [{**LB1, "address": "192.0.2.99"}, NODES[1]]
    assert found(web(interface="eth0"), nodes, lb1=[LO, host()]) == []


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("192.0.2.255/32", "192.0.2.255 is the broadcast address of 192.0.2.0/24, the subnet of eth0 of lb1"),
        ("192.0.2.0/32", "192.0.2.0 is the network address of 192.0.2.0/24, the subnet of eth0 of lb1"),
        ("192.0.2.255/23", "192.0.2.255 is the broadcast address of 192.0.2.0/24, the subnet of eth0 of lb1"),
        (
            "2001:db8::/128",
            "2001:db8:: is the address of all routers (RFC 4291) of 2001:db8::/64, the subnet of eth0 of lb1",
        ),
    ],
)
def test_a_vip_that_means_a_whole_subnet_of_a_host(address, message):
    assert found(web(addresses=[address]), lb1=[ETH0]) == [("ha_lb_vips[0].addresses[0]", message)]


def advice(address, *interfaces, **options):
    return host_advice(read_cluster(NODES, web(addresses=[address]), **options), read_hosts({"lb1": interfaces}))


@pytest.mark.parametrize(
    ("address", "interfaces", "warned"),
    [
        ("192.0.2.10/24", [ETH0], ""),
        ("192.0.2.10/32", [ETH0], ""),
        ("2001:db8::10/128", [ETH0], ""),
        ("192.0.2.10/24", [host("192.0.2.11/32"), LO], ""),
        ("192.0.2.10/24", [host("192.0.2.11/24", "192.0.0.1/16")], ""),
        ("198.51.100.10/24", [ETH0], ""),
        (
            "192.0.2.10/25",
            [ETH0],
            "eth0 of lb1 (192.0.2.0/24), so the active node takes 192.0.2.0/25 for a link of its own",
        ),
        (
            "192.0.2.10/16",
            [ETH0],
            "eth0 of lb1 (192.0.2.0/24), so the active node takes 192.0.0.0/16 for a link of its own",
        ),
        (
            "2001:db8::10/48",
            [ETH0],
            "eth0 of lb1 (2001:db8::/64), so the active node takes 2001:db8::/48 for a link of its own",
        ),
    ],
)
def test_a_prefix_length_that_is_not_that_of_the_link(address, interfaces, warned):
    expected = [f"ha_lb_vips[0].addresses[0]: {address} has another prefix length than {warned}"] if warned else []
    assert advice(address, *interfaces) == expected


def test_a_vip_that_is_active_is_not_its_own_link():
    holder = host("192.0.2.11/24", "192.0.2.10/16")
    assert advice("192.0.2.10/24", {**holder, "own": ["192.0.2.11"]}) == []

# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations as routers of a simulation, and their source addresses."""

from __future__ import annotations

import pytest
from configurations import node, nodes
from module_utils.keepalived.config.routers import addresses_of, routers_of_configs, source_of
from module_utils.vrrp.simulation import incidents
from module_utils.vrrp.simulation.network import Simulation
from module_utils.vrrp.simulation.routers import Generation, Router


def instance(lines, name="web", vips="192.0.2.10/24", interface="eth0"):
    return (
        f"vrrp_instance {name} {{\n interface {interface}\n virtual_router_id 10\n{lines}\n"
        f" virtual_ipaddress {{\n {vips}\n }}\n}}\n"
    )


def has(*addresses, name="eth0"):
    return {"interfaces": [{"name": name, "addresses": list(addresses), "own": []}]}


def test_every_setting_of_a_router():
    text = "vrrp_sync_group G {\n group {\n web\n }\n}\n" + instance(
        "priority 250\nadvert_int 2\ndown_timer_adverts 4\npreempt_delay 9\nunicast_src_ip 192.0.2.11\n"
        "authentication {\n auth_type PASS\n auth_pass secret\n}\nunicast_peer {\n 192.0.2.12\n 192.0.2.13\n}"
    )
    assert routers_of_configs([node("lb1", text, {"keepalived_version": "2.2.7"})]) == (
        Router(
            node="lb1",
            instance="web",
            vrid=10,
            family="ipv4",
            priority=250,
            addresses=frozenset(["192.0.2.10"]),
            address="192.0.2.11",
            peers=frozenset(["192.0.2.12", "192.0.2.13"]),
            version=2,
            interval=2.0,
            down_timer_adverts=4,
            preempt=True,
            preempt_delay=9.0,
            auth="PASS secret",
            sync_group="G",
            generation=Generation.BEFORE_2_3_3,
            group="224.0.0.18",
        ),
    )


def test_all_nodes_use_the_name_of_the_logical_instance():
    routers = routers_of_configs(nodes(instance("", name="web"), instance("nopreempt", name="VI_1")))
    assert [(each.node, each.instance, each.preempt) for each in routers] == [
        ("lb1", "web", True),
        ("lb2", "web", False),
    ]
    assert {each.generation for each in routers} == {Generation.SINCE_2_3_3}


def test_without_a_virtual_router_id_there_is_no_router():
    assert routers_of_configs(nodes("vrrp_instance web {\n interface eth0\n}\n")) == ()


@pytest.mark.parametrize(
    ("lines", "vips", "facts", "expected"),
    [
        ("unicast_src_ip 192.0.2.11", "192.0.2.10", {}, "192.0.2.11"),
        ("mcast_src_ip 192.0.2.11", "192.0.2.10", has("192.0.2.99/24"), "192.0.2.11"),
        ("", "192.0.2.10", {}, None),
        ("", "192.0.2.10", has("192.0.2.10/24", "192.0.2.11/24", "192.0.2.12/24"), "192.0.2.11"),
        ("", "192.0.2.10", has("192.0.2.11/24", name="eth1"), None),
        ("", "192.0.2.10", has("fe80::1/64", "nonsense"), None),
        ("", "2001:db8::10", has("192.0.2.11/24", "2001:db8::11/64", "fe80::11/64"), "fe80::11"),
        ("", "2001:db8::10", has("2001:db8::11/64"), None),  # IPv6 adverts need a link-local source
    ],
)
def test_the_source_address_of_adverts(lines, vips, facts, expected):
    given = node("lb1", instance(lines, vips=vips), facts)
    assert source_of(given, given.instances[0]) == expected
    assert [each.address for each in routers_of_configs([given])] == [expected or ""]


def test_a_vip_is_never_the_source():
    text = instance("", vips="192.0.2.10") + instance("", name="api", vips="192.0.2.20")
    given = node("lb1", text, has("192.0.2.20/24", "192.0.2.11/24"))
    assert source_of(given, given.instances[0]) == "192.0.2.11"


def test_addresses_of_a_node():
    assert addresses_of(node("lb1", "", has("192.0.2.11/24", "fe80::1/64"))) == {"192.0.2.11", "fe80::1"}
    assert addresses_of(node("lb1", "")) is None


def settled(*texts):
    simulation = Simulation(routers_of_configs(nodes(*texts)))
    incidents.start_all(simulation)
    simulation.run(60.0)
    return simulation.holders("web")


@pytest.mark.parametrize(
    ("first", "second", "holders"),
    [
        ("", "", ["lb1"]),
        ("advert_int 1", "advert_int 2", ["lb1", "lb2"]),
        ("version 3\nadvert_int 1", "version 3\nadvert_int 2", ["lb1"]),
        ("version 3", "version 2", ["lb1", "lb2"]),
        ("authentication {\n auth_type PASS\n auth_pass a\n}", "", ["lb1", "lb2"]),
        ("mcast_dst_ip 224.0.0.18", "", ["lb1"]),
        ("mcast_dst_ip 224.0.0.19", "", ["lb1", "lb2"]),
        ("", "unicast_src_ip 192.0.2.12\nunicast_peer {\n 192.0.2.11\n}", ["lb1", "lb2"]),
        (
            "unicast_src_ip 192.0.2.11\nunicast_peer {\n 192.0.2.12\n}",
            "unicast_src_ip 192.0.2.12\nunicast_peer {\n 192.0.2.13\n}",
            ["lb1", "lb2"],
        ),
        (
            "unicast_src_ip 192.0.2.11\nunicast_peer {\n 192.0.2.12\n}",
            "unicast_src_ip 192.0.2.12\nunicast_peer {\n 192.0.2.11\n}",
            ["lb1"],
        ),
    ],
)
def test_which_nodes_hold_the_vip_in_the_simulator(first, second, holders):
    assert settled(instance(f"priority 254\n{first}"), instance(f"priority 250\n{second}")) == holders

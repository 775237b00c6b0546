# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.cluster.check import check, nodes_of, variables_of
from samples import API, DUAL, NODES, POOL, SERVER, SHOP, VIPS, WEB, refused

SPEC = {
    "keepalived_advert_interval_seconds": {"type": "float"},
    "keepalived_auth_pass": {"type": "str"},
    "keepalived_garp_repeat": {"type": "int"},
    "haproxy_stats_enabled": {"type": "bool"},
    "haproxy_stats_user": {"type": "str"},
    "haproxy_stats_password": {"type": "str"},
    "nginx_status_enabled": {"type": "bool"},
}
ETH0 = {"name": "eth0", "addresses": ["192.0.2.11/24", "2001:db8::11/64"], "own": ["192.0.2.11"]}
VARIABLES = {"ha_lb_vips": VIPS, "ha_lb_services": [SHOP], "ha_lb_pools": [POOL]}


def no_spec_errors(spec, values):
    return []


def found(variables, nodes=NODES, interfaces=(), spec_errors=no_spec_errors):
    return refused(check, variables, nodes, dict(interfaces), SPEC, spec_errors)


def with_(**changes):
    return {**VARIABLES, **changes}


def test_a_right_cluster_has_no_findings_and_no_warnings():
    assert check(VARIABLES, NODES, {"lb1": [ETH0]}, SPEC, no_spec_errors) == []


def test_a_node_that_is_known_to_be_out_is_right():
    assert check(with_(ha_lb_accept_degraded=["lb2"]), NODES, {"lb1": [ETH0]}, SPEC, no_spec_errors) == []


def test_a_single_node_is_a_warning():
    assert [each.split(":")[0] for each in check(VARIABLES, NODES[:1], {}, SPEC, no_spec_errors)] == [
        "lb1 is the only node"
    ]


@pytest.mark.parametrize(
    ("variables", "path", "message"),
    [
        ({}, "ha_lb_vips", "needs at least 1 item"),
        (with_(ha_lb_vip=VIPS), "ha_lb_vip", "unknown variable; did you mean ha_lb_vips?"),
        (
            with_(keepalived_advert_interval=0.1),
            "keepalived_advert_interval",
            "unknown variable; did you mean keepalived_advert_interval_seconds?",
        ),
        (
            with_(haproxy_stats_enable=True),
            "haproxy_stats_enable",
            "unknown variable; did you mean haproxy_stats_enabled?",
        ),
        (
            with_(keepalived_auth_pass="x" * 6),
            "keepalived_auth_pass",
            "VRRP version 3 has no authentication: use version 2, or leave it out",
        ),
        (
            with_(keepalived_auth_pass="x" * 9, keepalived_vrrp_version=2),
            "keepalived_auth_pass",
            "has more than 8 characters, and VRRP sends no more",
        ),
        (
            with_(keepalived_advert_interval_seconds=0.1, keepalived_vrrp_version=2),
            "keepalived_advert_interval_seconds",
            "0.1 is not a number of seconds from 1 to 255",
        ),
        (
            with_(ha_lb_vips=[WEB, DUAL], keepalived_vrrp_version=2),
            "ha_lb_vips[1].addresses",
            "IPv6 needs VRRP version 3, and keepalived_vrrp_version is 2",
        ),
        (
            with_(haproxy_stats_enabled=True, haproxy_stats_user="admin"),
            "haproxy_stats_password",
            "is missing: the statistics page has no default user and password",
        ),
        (
            with_(ha_lb_admin_networks=["192.0.2.1/24"]),
            "ha_lb_admin_networks[0]",
            "192.0.2.1/24 is not a network; did you mean 192.0.2.0/24?",
        ),
        (with_(haproxy_stats_networks=[]), "haproxy_stats_networks", "needs at least 1 item"),
        (
            with_(ha_lb_services=[{**SHOP, "vip": "wob"}]),
            "ha_lb_services[0].vip",
            "wob is not the name of a VIP (api, web)",
        ),
        (with_(ha_lb_pools=[POOL, POOL]), "ha_lb_pools[1].name", "pool is already the name of a pool (ha_lb_pools[0])"),
        (with_(ha_lb_vips="web", ha_lb_services=[]), "ha_lb_vips", "'web' is not a list"),
        (with_(ha_lb_uplinks=None), "ha_lb_uplinks", "None is not a list"),
        (
            with_(ha_lb_uplinks=["192.0.2.10"]),
            "ha_lb_uplinks[0]",
            "192.0.2.10 is an address of VIP web, which moves: name one beyond the cluster",
        ),
        (with_(ha_lb_engine="lbs"), "ha_lb_engine", "'lbs' is not one of haproxy, nginx, lvs"),
        (with_(ha_lb_engine=["nginx"]), "ha_lb_engine", "['nginx'] is not one of haproxy, nginx, lvs"),
        (
            with_(ha_lb_engine="nginx", ha_lb_pools=[{**POOL, "algorithm": "first"}]),
            "ha_lb_pools[0].algorithm",
            "nginx has no first; it has roundrobin, static-rr, leastconn, source, uri, random",
        ),
        (with_(ha_lb_engine="nginx", nginx_status_networks=[]), "nginx_status_networks", "needs at least 1 item"),
        (
            with_(ha_lb_engine="nginx", nginx_status_enable=True),
            "nginx_status_enable",
            "unknown variable; did you mean nginx_status_enabled?",
        ),
        (
            with_(haproxy_check_port=9000),
            "keepalived_check_port",
            "is 8405, and haproxy_check_port is 9000: set ha_lb_check_port, which is for both",
        ),
        (with_(notify_mail={"to": "a@b", "from": "c@d"}), "notify_mail.server", "is missing"),
        (
            with_(ha_lb_accept_degraded=["lb2", "lb9"]),
            "ha_lb_accept_degraded[1]",
            "lb9 is no node of the cluster: lb1, lb2",
        ),
        (with_(notify_status_port=8405), "notify_status_port", "8405 is already ha_lb_check_port"),
        (
            with_(ha_lb_services=[{**SHOP, "port": 8406}], notify_status_addresses=["0.0.0.0"]),
            "notify_status_port",
            "8406 is already ha_lb_services[0].port",
        ),
    ],
)
def test_what_is_wrong(variables, path, message):
    assert found(variables) == [(path, message)]


def test_a_variable_of_a_role_of_somebody_else_is_none_of_our_business():
    assert found(with_(haproxy_colour="red", keepalived_version="2.2")) == []


@pytest.mark.parametrize(
    ("engine", "other"),
    [
        ("haproxy", {"nginx_status_enable": True, "nginx_status_networks": []}),
        ("nginx", {"haproxy_stats_enabled": True}),
    ],
)
def test_variables_of_the_engine_that_is_not_chosen_are_no_error(engine, other):
    assert found(with_(ha_lb_engine=engine, **other)) == []


def test_a_vip_that_is_the_own_address_of_a_node_by_its_facts():
    variables = with_(ha_lb_vips=[WEB, {**API, "addresses": ["192.0.2.14/24"]}])
    facts = {**ETH0, "addresses": ["192.0.2.14/24"], "own": ["192.0.2.14", *NODES[0]["address"]]}
    message = "192.0.2.14 is the own address of lb1 (eth0), and cannot move"
    assert found(variables, interfaces={"lb1": [facts]}) == [("ha_lb_vips[1].addresses[0]", message)]


@pytest.mark.parametrize("drops", [True, False, "no"])
def test_multicast_of_a_node_that_its_peers_would_drop(drops):
    variables = with_(keepalived_transport="multicast", keepalived_drop_strangers=drops)
    elsewhere = {**ETH0, "addresses": ["192.0.2.112/24", "2001:db8::12/64"], "own": ["192.0.2.112"]}
    wrong = refused(check, variables, NODES, {"lb1": [ETH0], "lb2": [elsewhere]}, SPEC, no_spec_errors)
    assert [path for path, _message in wrong] == (["hostvars[lb2].ha_lb_address"] * 2 if drops is True else [])


def test_a_vip_in_no_subnet_of_a_node():
    variables = with_(ha_lb_vips=[WEB, {**API, "addresses": ["198.51.100.1/24"]}])
    message = (
        "198.51.100.1/24 is in no subnet of lb1 (eth0 192.0.2.11/24, eth0 2001:db8::11/64); set interface to use it "
    )
    assert found(variables, interfaces={"lb1": [ETH0]}) == [("ha_lb_vips[1].addresses[0]", message + "there")]


def test_the_argument_spec_is_asked_where_no_table_has_a_variable():
    spec, asked = {"haproxy_colour": {"type": "int"}, "keepalived_garp_repeat": {"type": "int"}}, []

    def spec_errors(spec, values):
        asked.append((spec, values))
        return [f"{name} cannot be {value}" for name, value in values.items()]

    variables = with_(haproxy_colour="red", keepalived_garp_repeat="many")
    assert refused(check, variables, NODES, {}, spec, spec_errors) == [
        ("haproxy_colour", "haproxy_colour cannot be red"),
        ("keepalived_garp_repeat", "'many' is not a whole number from 1 to 60"),
    ]
    assert asked == [({"haproxy_colour": {"type": "int"}}, {"haproxy_colour": "red"})]


def test_everything_is_said_at_once():
    variables = {
        "ha_lb_vip": [],
        "ha_lb_vips": [
            {**WEB, "vrid": "51a"},
            {**API, "addresses": ["192.0.2.300/24"]},
            {"name": "far", "addresses": ["198.51.100.1/24"]},
            {"name": "own", "addresses": ["192.0.2.11/24"], "prefer": "lb9"},
        ],
        "ha_lb_services": [{**SHOP, "vip": "wob", "port": 70000, "servers": [{**SERVER, "name": "a b"}]}],
        "ha_lb_admin_networks": ["everywhere"],
        "keepalived_advert_interval": 1,
        "keepalived_auth_pass": "x" * 9,
        "haproxy_stats_enabled": True,
    }
    assert [path for path, message in found(variables, interfaces={"lb1": [ETH0]})] == [
        "ha_lb_vip",
        "keepalived_advert_interval",
        "haproxy_stats_user",
        "haproxy_stats_password",
        "ha_lb_admin_networks[0]",
        "keepalived_auth_pass",
        "keepalived_auth_pass",
        "ha_lb_vips[0].vrid",
        "ha_lb_vips[1].addresses[0]",
        "ha_lb_vips[3].addresses[0]",
        "ha_lb_vips[3].prefer[0]",
        "ha_lb_vips[2].addresses[0]",
        "ha_lb_services[0].port",
        "ha_lb_services[0].servers[0].name",
        "ha_lb_services[0].vip",
    ]


def test_nodes_of_a_group():
    hostvars = {
        "lb1": {"ansible_host": "192.0.2.11"},
        "lb2": {"ha_lb_address": "192.0.2.12"},
        "lb3": {"ha_lb_address": ["192.0.2.13", "2001:db8::13"], "ansible_host": "lb3.example.org"},
        "web1": {},
    }
    assert nodes_of(["lb1", "lb2", "lb3"], hostvars) == [
        {"name": "lb1", "address": [], "ansible_host": "192.0.2.11"},
        {"name": "lb2", "address": "192.0.2.12", "ansible_host": "lb2"},
        {"name": "lb3", "address": ["192.0.2.13", "2001:db8::13"], "ansible_host": "lb3.example.org"},
    ]


def test_variables_of_a_host_without_secrets():
    hostvars = {
        "ha_lb_vips": VIPS,
        "keepalived_auth_pass": "secret",
        "haproxy_stats_password": "",
        "ansible_host": "192.0.2.11",
        "nginx_user": "www-data",
    }
    assert variables_of(hostvars) == {
        "ha_lb_vips": [*VIPS],
        "keepalived_auth_pass": "xxxxxx",
        "haproxy_stats_password": "",
    }
    assert variables_of({"ha_lb_engine": "nginx", "haproxy_maxconn": 1, "nginx_max_fails": 1}) == {
        "ha_lb_engine": "nginx",
        "nginx_max_fails": 1,
    }
    assert variables_of({"ha_lb_engine": "ansible", "ansible_host": "192.0.2.11"}) == {"ha_lb_engine": "ansible"}
    assert variables_of({"keepalived_auth_pass": None}) == {"keepalived_auth_pass": None}
    mail = {"server": "mail.example.org", "password": "secret"}
    assert variables_of({"notify_mail": mail}) == {"notify_mail": {**mail, "password": "xxxxxx"}}


def test_a_service_may_have_the_port_of_a_page_on_loopback():
    assert found(with_(ha_lb_services=[{**SHOP, "port": 8406}])) == []


def test_an_uplink_that_is_an_address_of_a_host():
    assert found(with_(ha_lb_uplinks=["192.0.2.1"]), interfaces={"lb1": [ETH0]}) == []
    other = {"name": "eth1", "addresses": ["198.51.100.11/24"], "own": ["198.51.100.11"]}
    assert found(with_(ha_lb_uplinks=["198.51.100.11"]), interfaces={"lb1": [ETH0, other]}) == [
        ("ha_lb_uplinks[0]", "198.51.100.11 is the own address of lb1 (eth1): name one beyond the cluster")
    ]

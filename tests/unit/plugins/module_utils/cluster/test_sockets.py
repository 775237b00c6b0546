# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pages would listen where something else does, or where nobody can reach them."""

from __future__ import annotations

import pytest
from module_utils.cluster.sockets import shared_sockets, strange_addresses
from module_utils.engines.catalogue import engine_named
from samples import API, DUAL, SHOP, WEB

HERE = [{"name": "eth0", "addresses": ["192.0.2.11/24", "2001:db8::11/64"]}]
STATISTICS = {"haproxy_stats_enabled": "yes"}


def shared(**variables):
    engine = engine_named(variables.get("ha_lb_engine", "haproxy"))
    cluster = {"ha_lb_vips": [WEB, API, DUAL], "ha_lb_services": [SHOP], **variables}
    return [(each.path, each.message) for each in shared_sockets(cluster, engine)]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"haproxy_stats_port": 8405},
        {**STATISTICS, "haproxy_stats_address": "192.0.2.11", "haproxy_stats_port": 8405},
        {**STATISTICS, "haproxy_stats_address": "192.0.2.10", "haproxy_stats_port": 81},
        {**STATISTICS, "haproxy_stats_address": "::", "haproxy_stats_port": 80},
        {"notify_status_addresses": ["192.0.2.11"], "notify_status_port": 80},
        {"notify_status_addresses": "nonsense", "ha_lb_vips": "nonsense", "ha_lb_services": [5]},
    ],
)
def test_sockets_of_their_own(variables):
    assert shared(**variables) == []


@pytest.mark.parametrize(
    ("variables", "path", "message"),
    [
        ({**STATISTICS, "haproxy_stats_port": 8405}, "haproxy_stats_port", "8405 is already ha_lb_check_port"),
        ({**STATISTICS, "ha_lb_check_port": "8404"}, "haproxy_stats_port", "8404 is already ha_lb_check_port"),
        (
            {**STATISTICS, "haproxy_stats_address": "192.0.2.10", "haproxy_stats_port": 80},
            "haproxy_stats_port",
            "80 is already ha_lb_services[0].port",
        ),
        (
            {**STATISTICS, "haproxy_stats_address": "0.0.0.0", "haproxy_stats_port": 80},
            "haproxy_stats_port",
            "80 is already ha_lb_services[0].port",
        ),
        ({**STATISTICS, "haproxy_stats_port": 8406}, "notify_status_port", "8406 is already haproxy_stats_port"),
        (
            {"ha_lb_engine": "nginx", "nginx_status_enabled": True, "notify_status_port": 8404},
            "notify_status_port",
            "8404 is already nginx_status_port",
        ),
        ({"notify_status_port": 8405}, "notify_status_port", "8405 is already ha_lb_check_port"),
        (
            {
                "ha_lb_services": [{**SHOP, "vip": "dual", "port": 9}],
                "notify_status_addresses": ["::"],
                "notify_status_port": 9,
            },
            "notify_status_port",
            "9 is already ha_lb_services[0].port",
        ),
    ],
)
def test_one_socket_for_two(variables, path, message):
    assert shared(**variables) == [(path, message)]


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "0.0.0.0", "::", "192.0.2.11", "2001:DB8::11", "192.0.2.10", "2001:db8::30", "x"]
)
def test_addresses_that_somebody_can_reach(address):
    variables = {"ha_lb_vips": [WEB, DUAL], "notify_status_addresses": [address]}
    assert list(strange_addresses(variables, engine_named("haproxy"), HERE)) == []


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({"notify_status_addresses": ["127.0.0.1", "203.0.113.5"]}, "notify_status_addresses[1]"),
        ({"notify_status_addresses": "203.0.113.5"}, "notify_status_addresses[0]"),
        ({**STATISTICS, "haproxy_stats_address": "203.0.113.5"}, "haproxy_stats_address"),
    ],
)
def test_addresses_of_nobody(variables, path):
    (finding,) = strange_addresses({"ha_lb_vips": [WEB], **variables}, engine_named("haproxy"), HERE)
    message = "203.0.113.5 is an address neither of the host nor of a VIP: nobody could reach it"
    assert (finding.path, finding.message) == (path, message)
    assert list(strange_addresses(variables, engine_named("haproxy"), [])) == []


def test_the_address_of_a_page_that_is_not_there():
    variables = {"haproxy_stats_address": "203.0.113.5"}
    assert list(strange_addresses(variables, engine_named("haproxy"), HERE)) == []

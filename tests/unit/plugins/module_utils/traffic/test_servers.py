# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a server cannot be, and which pools and services are hardly meant as they are written."""

from __future__ import annotations

import pytest
from module_utils.traffic.advice import traffic_advice
from module_utils.traffic.read import read_traffic
from module_utils.traffic.servers import parsed_addresses
from samples import POOL, SERVER, SHOP, refused, without

VIPS = {"web": parsed_addresses(["192.0.2.10/24", "2001:db8::10/64"]), "api": parsed_addresses(["198.51.100.4/31"])}


def found(address):
    findings = refused(read_traffic, [{**SHOP, "servers": [{**SERVER, "address": address}]}], [], VIPS)
    assert {path for path, message in findings} <= {"ha_lb_services[0].servers[0].address"}
    return [message for path, message in findings]


@pytest.mark.parametrize(
    "address",
    ["192.0.2.21", "127.0.0.1", "::1", "169.254.7.7", "198.51.100.5", "2001:db8::21", "web1", "web1.example.org"],
)
def test_where_a_server_can_be(address):
    assert found(address) == []


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("0.0.0.0", "no connection leads there"),
        ("0.1.2.3", "no connection leads there"),
        ("::", "no connection leads there"),
        ("239.1.2.3", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "broadcast"),
        ("247.0.0.1", "reserved"),
        ("::ffff:192.0.2.21", "write it as IPv4"),
        ("fe80::21", "valid on one interface only"),
        ("192.0.2.255", "is the broadcast address of 192.0.2.0/24, the subnet of the VIP web"),
        ("192.0.2.0", "is the network address of 192.0.2.0/24, the subnet of the VIP web"),
        ("192.0.2.10", "is the VIP web: a balancer would ask itself"),
        ("2001:DB8:0::10", "is the VIP web: a balancer would ask itself"),
        ("198.51.100.4", "is the VIP api"),
        ("0xC0000215", "is neither an address nor a host name"),
        ("10.0x7f", "is neither an address nor a host name"),
        ("3221226005", "is neither an address nor a host name"),
        ("192.0.2", "is neither an address nor a host name"),
        ("192.0.2.021", "is neither an address nor a host name"),
        ("web1..example.org", "is neither an address nor a host name"),
        (".web1", "is neither an address nor a host name"),
        ("w" * 64, "is neither an address nor a host name"),
        (".".join(["web"] * 70), "is neither an address nor a host name"),
    ],
)
def test_where_no_server_can_be(address, part):
    (message,) = found(address)
    assert part in message


def test_without_addresses_of_vips_their_subnets_are_not_known():
    assert refused(read_traffic, [{**SHOP, "servers": [{**SERVER, "address": "192.0.2.255"}]}], [], ["web"]) == []


def test_a_pool_with_a_name_of_ours():
    pools = [{**POOL, "name": "ha_lb_stats"}]
    message = "ha_lb_stats is not free: names that begin with ha_lb_ belong to the collection"
    assert refused(read_traffic, [], pools, VIPS) == [("ha_lb_pools[0].name", message)]
    assert len(refused(read_traffic, [{**SHOP, "name": "ha_lb_stats"}], [], VIPS)) == 1


def test_a_vip_that_is_named_twice():
    service = {**without(SHOP, "vip"), "vips": ["web", "api", "web"]}
    assert refused(read_traffic, [service], [], VIPS) == [("ha_lb_services[0].vips[2]", "web is named twice")]


def test_a_route_does_not_compare_the_query():
    services = [{**without(SHOP, "servers"), "pool": "pool", "routes": [{"pool": "pool", "path": "/a?b=1"}]}]
    message = "'/a?b=1' has a query, and a route compares the path alone"
    assert refused(read_traffic, services, [POOL], VIPS) == [("ha_lb_services[0].routes[0].path[0]", message)]
    check = {"http": {"path": "/healthz?full=1"}}
    assert refused(read_traffic, [{**SHOP, "check": check}], [], VIPS) == []


def test_a_path_that_no_request_has():
    check = {"http": {"path": "/50%"}}
    expected = ("ha_lb_services[0].check.http.path", "'/50%' has the character '%', which a path writes as %25")
    assert refused(read_traffic, [{**SHOP, "check": check}], [], VIPS) == [expected]
    assert refused(read_traffic, [{**SHOP, "check": {"http": {"path": "/%E2%82%aC"}}}], [], VIPS) == []


@pytest.mark.parametrize(("value", "right"), [("a b", True), (" a", False), ("a ", False), (" ", False), ("a", True)])
def test_a_header_has_no_blanks_around_it(value, right):
    route = {"pool": "pool", "header": {"name": "X-A", "value": value}}
    services = [{**without(SHOP, "servers"), "pool": "pool", "routes": [route]}]
    assert (refused(read_traffic, services, [POOL], VIPS) == []) == right


def advice(services=(), pools=()):
    return list(traffic_advice(read_traffic(list(services), list(pools), VIPS)))


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ([{}], []),
        ([{}, {"port": 8081}], []),
        ([{"weight": 0}, {"port": 8081}], []),
        (
            [{"weight": 0}, {"weight": 0, "port": 8081}],
            ["pool pool: all its servers have weight 0, and nobody answers"],
        ),
        ([{}, {}], ["pool pool: s0 and s1 are one server, 192.0.2.21 port 8080"]),
        (
            [{"address": "2001:db8::21"}, {"address": "2001:DB8:0::21"}],
            ["pool pool: s0 and s1 are one server, 2001:db8::21 port 8080"],
        ),
        ([{"address": "Web1"}, {"address": "web1"}], ["pool pool: s0 and s1 are one server, web1 port 8080"]),
    ],
)
def test_advice_on_servers(servers, expected):
    named = [{**SERVER, "name": f"s{index}", **each} for index, each in enumerate(servers)]
    assert advice(pools=[{"name": "pool", "servers": named}]) == expected


def test_advice_on_routes():
    routes = [{"pool": "pool", "path_prefix": "/"}, {"pool": "pool", "path_prefix": "/api"}]
    service = {**without(SHOP, "servers"), "pool": "pool", "routes": routes}
    assert advice([service], [POOL]) == ["service shop: routes[1] never matches: routes[0] takes all of its requests"]

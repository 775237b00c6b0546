# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.traffic.model import Check, Pool, Route, Server, Service
from module_utils.traffic.read import read_traffic
from samples import POOL, SERVER, SHOP, refused, without

NAME_RULE = "is not a name (letters, digits, dot, dash and underscore)"


def read(services=(), pools=()):
    return read_traffic(services, pools, ["web", "api"])


def found(services=(), pools=()):
    return refused(read, services, pools)


def shop(**changes):
    return [{**SHOP, **changes}]


def routed(**route):
    return [{**without(SHOP, "servers"), "pool": "pool", "routes": [route]}]


def test_servers_in_a_service_are_a_pool_of_its_name():
    traffic = read([SHOP])
    assert traffic.services == (Service("shop", ("web",), 80, "http", (), "shop"),)
    assert traffic.pools == (
        Pool("shop", (Server("web1", "192.0.2.21", 8080),), "roundrobin", Check("http", interval=2.0, fall=3, rise=2)),
    )


def test_a_full_service():
    traffic = read(
        [
            {
                "name": "site",
                "vips": ["web", "api"],
                "port": "443",
                "pool": "main",
                "routes": [
                    {"pool": "beta", "host": "beta.example.org", "path_prefix": ["/v1", "/v2"], "method": "GET"},
                    {"pool": "beta", "header": {"name": "X-Canary", "value": 1}, "path": "/"},
                ],
            }
        ],
        [
            {
                "name": "main",
                "algorithm": "leastconn",
                "check": {"http": {"path": "/healthz", "host": "example.org", "expect": 204}, "interval_seconds": 0.5},
                "servers": [{**SERVER, "weight": 0}, {**SERVER, "name": "web2", "backup": True}],
            },
            {**POOL, "name": "beta", "check": {"tcp": {}, "fall": 1, "rise": 5}},
        ],
    )
    assert traffic.services == (
        Service(
            "site",
            ("web", "api"),
            443,
            "http",
            (
                Route("beta", ("beta.example.org",), path_prefix=("/v1", "/v2"), method=("GET",)),
                Route("beta", path=("/",), header=("X-Canary", ("1",))),
            ),
            "main",
        ),
    )
    main, beta = traffic.pools
    assert main.algorithm == "leastconn"
    assert main.check == Check("http", "/healthz", "example.org", 204, interval=0.5)
    assert [(each.name, each.weight, each.backup) for each in main.servers] == [("web1", 0, False), ("web2", 1, True)]
    assert beta.check == Check("tcp", interval=2.0, fall=1, rise=5)


@pytest.mark.parametrize(("mode", "check"), [("http", "http"), ("tcp", "tcp")])
def test_a_pool_has_the_mode_of_the_service_that_uses_it_and_a_check_to_suit(mode, check):
    pool = read([{**without(SHOP, "servers"), "pool": "pool", "mode": mode}], [POOL]).pools[0]
    assert (pool.mode, pool.check.kind) == (mode, check)


@pytest.mark.parametrize(
    ("kind", "options"), [("mysql", {"user": "haproxy"}), ("smtp", {}), ("tcp", {}), ("http", {"path": "/healthz"})]
)
def test_kinds_of_checks(kind, options):
    assert read(shop(check={kind: options})).pools[0].check.kind == kind


def test_the_same_port_of_another_vip_and_another_port_of_the_same():
    services = [SHOP, {**SHOP, "name": "b", "vip": "api"}, {**SHOP, "name": "c", "port": 81}]
    assert found(services) == []


@pytest.mark.parametrize(
    ("services", "path", "message"),
    [
        (None, "", "None is not a list"),
        (["shop"], "[0]", "'shop' is not a mapping"),
        (shop(prot=1), "[0].prot", "unknown key; did you mean port?"),
        ([without(SHOP, "port")], "[0].port", "is missing"),
        ([without(SHOP, "vip")], "[0].vip", "is missing"),
        (shop(vip="wob"), "[0].vip", "wob is not the name of a VIP (api, web)"),
        (shop(vips=["api"]), "[0].vip", "contradicts vips: give one of them"),
        ([{**without(SHOP, "vip"), "vips": ["web", "wob"]}], "[0].vips[1]", "wob is not the name of a VIP (api, web)"),
        ([{**without(SHOP, "vip"), "vips": []}], "[0].vips", "needs at least 1 item"),
        (shop(name="my shop"), "[0].name", f"'my shop' {NAME_RULE}"),
        (
            shop(name="ha_lb_stats"),
            "[0].name",
            "ha_lb_stats is not free: names that begin with ha_lb_ belong to the collection",
        ),
        (shop(port=0), "[0].port", "0 is not a whole number from 1 to 65535"),
        (shop(port=70000), "[0].port", "70000 is not a whole number from 1 to 65535"),
        (shop(port="http"), "[0].port", "'http' is not a whole number from 1 to 65535"),
        (shop(mode="sctp"), "[0].mode", "'sctp' is not one of http, tcp, udp"),
        (
            shop(algorithm="fair"),
            "[0].algorithm",
            "'fair' is not one of roundrobin, static-rr, leastconn, first, source, uri, random, rr, wrr, lc, wlc, "
            "lblc, lblcr, sh, mh, dh, sed, nq, fo, ovf",
        ),
        (shop(servers=[]), "[0].servers", "needs at least 1 item"),
        (shop(servers=["web1"]), "[0].servers[0]", "'web1' is not a mapping"),
        (shop(servers=[{**SERVER, "name": "web 1"}]), "[0].servers[0].name", f"'web 1' {NAME_RULE}"),
        (shop(servers=[{**SERVER, "addres": "x"}]), "[0].servers[0].addres", "unknown key; did you mean address?"),
        (
            shop(servers=[{**SERVER, "port": 70000}]),
            "[0].servers[0].port",
            "70000 is not a whole number from 1 to 65535",
        ),
        (
            shop(servers=[{**SERVER, "address": "192.0.2.300"}]),
            "[0].servers[0].address",
            "'192.0.2.300' is neither an address nor a host name",
        ),
        (
            shop(servers=[{**SERVER, "address": True}]),
            "[0].servers[0].address",
            "True is neither an address nor a host name",
        ),
        (shop(servers=[{**SERVER, "weight": 257}]), "[0].servers[0].weight", "257 is not a whole number from 0 to 256"),
        (shop(servers=[{**SERVER, "backup": "maybe"}]), "[0].servers[0].backup", "'maybe' is neither true nor false"),
        (shop(servers=[SERVER, SERVER]), "[0].servers[1].name", "web1 is already a server of this pool"),
        (shop(check={"http": {}, "mysql": {"user": "x"}}), "[0].check", "http and mysql contradict: give one of them"),
        (shop(check={"htps": {}}), "[0].check.htps", "unknown key; did you mean https?"),
        (
            shop(check={"script": {"command": "check a"}}),
            "[0].check.script.command",
            "'check a' is not an absolute path, and arguments of letters, digits and . _ : / @ = , + -",
        ),
        (shop(check={"dns": {}}), "[0].check.dns.name", "is missing"),
        (
            shop(check={"http": {"digest": "0" * 31}}),
            "[0].check.http.digest",
            f"'{'0' * 31}' is not an MD5 sum in 32 small hexadecimal digits",
        ),
        (shop(check={"mysql": {}}), "[0].check.mysql.user", "is missing"),
        (shop(check={"http": {"expect": 42}}), "[0].check.http.expect", "42 is not a whole number from 100 to 599"),
        (
            shop(check={"http": {"path": "healthz"}}),
            "[0].check.http.path",
            "'healthz' is not a path that begins with /",
        ),
        (
            shop(check={"http": {"path": "/a b"}}),
            "[0].check.http.path",
            "'/a b' has the character ' ', which a path writes as %20",
        ),
        (
            shop(check={"http": {"path": "/#top"}}),
            "[0].check.http.path",
            "'/#top' has the character '#', which a path writes as %23",
        ),
        (
            shop(check={"http": {"path": "/caf\u00e9"}}),
            "[0].check.http.path",
            "'/caf\u00e9' has the character '\u00e9', which a path writes as %C3%A9",
        ),
        (
            shop(check={"interval_seconds": 0}),
            "[0].check.interval_seconds",
            "0 is not a number of seconds from 0.1 to 3600",
        ),
        (shop(check="http"), "[0].check", "'http' is not a mapping"),
        (shop(pool="pool"), "[0].pool", "contradicts servers: give one of them"),
        ([without(SHOP, "servers")], "[0].pool", "is missing: say who answers, by servers, pool or routes"),
        (
            [{**without(SHOP, "servers"), "pool": "pool", "check": {"tcp": {}}}],
            "[0].check",
            "belongs to the pool, or needs servers here",
        ),
        ([{**without(SHOP, "servers"), "pool": "pol"}], "[0].pool", "pol is not the name of a pool (pool)"),
        (routed(pool="pol", path="/"), "[0].routes[0].pool", "pol is not the name of a pool (pool)"),
        (routed(path="/"), "[0].routes[0].pool", "is missing"),
        (routed(pool="pool"), "[0].routes[0]", "has no condition: use the service's own pool for the rest"),
        (routed(pool="pool", host=[]), "[0].routes[0].host", "needs at least 1 item"),
        (routed(pool="pool", host="a b"), "[0].routes[0].host[0]", "'a b' is neither an address nor a host name"),
        (routed(pool="pool", path="v1"), "[0].routes[0].path[0]", "'v1' is not a path that begins with /"),
        (routed(pool="pool", method="get"), "[0].routes[0].method[0]", "'get' is not an HTTP method in capitals"),
        (
            routed(pool="pool", header={"name": "X Y", "value": "1"}),
            "[0].routes[0].header.name",
            "'X Y' is not the name of a header",
        ),
        (routed(pool="pool", header={"name": "X", "value": []}), "[0].routes[0].header.value", "needs at least 1 item"),
        (
            routed(pool="pool", header={"name": "X", "value": "a\nb"}),
            "[0].routes[0].header.value[0]",
            "'a\\nb' is not a line of text",
        ),
        (
            [{**routed(pool="pool", path="/")[0], "mode": "tcp"}],
            "[0].routes",
            "needs mode http: a TCP connection has no host, path or header",
        ),
        ([SHOP, {**SHOP, "port": 81}], "[1].name", "shop is already the name of a pool (ha_lb_services[0])"),
        (
            [SHOP, {**without(SHOP, "servers"), "port": 81, "pool": "pool"}],
            "[1].name",
            "shop is already the name of ha_lb_services[0]",
        ),
        ([SHOP, {**SHOP, "name": "b"}], "[1].port", "port 80 of web already belongs to ha_lb_services[0]"),
        (
            [
                {**without(SHOP, "servers"), "pool": "pool"},
                {**without(SHOP, "servers"), "pool": "pool", "name": "b", "port": 81, "mode": "tcp"},
            ],
            "[1].mode",
            "pool pool is used with mode http by ha_lb_services[0]",
        ),
    ],
)
def test_wrong_services(services, path, message):
    assert found(services, [POOL]) == [(f"ha_lb_services{path}", message)]


@pytest.mark.parametrize(
    ("pools", "path", "message"),
    [
        (None, "", "None is not a list"),
        ([without(POOL, "name")], "[0].name", "is missing"),
        ([without(POOL, "servers")], "[0].servers", "is missing"),
        ([POOL, POOL], "[1].name", "pool is already the name of a pool (ha_lb_pools[0])"),
        (
            [{**POOL, "vip": "web"}],
            "[0].vip",
            "unknown key; the keys are algorithm, check, forwarding, "
            "hash, inhibit_on_failure, name, one_packet, persistence, quorum, servers, tunnel",
        ),
        ([{**POOL, "check": {"tcp": {}, "smtp": {}}}], "[0].check", "tcp and smtp contradict: give one of them"),
        ([{**POOL, "check": {"tcp": {"port": 1}}}], "[0].check.tcp.port", "unknown key; the keys are "),
    ],
)
def test_wrong_pools(pools, path, message):
    assert found([], pools) == [(f"ha_lb_pools{path}", message)]


def test_a_pool_and_the_servers_of_a_service_share_their_names():
    assert found([SHOP], [{**POOL, "name": "shop"}]) == [
        ("ha_lb_services[0].name", "shop is already the name of a pool (ha_lb_pools[0])")
    ]


def test_everything_is_said_at_once():
    services = [
        {**SHOP, "port": 70000, "servers": [{**SERVER, "name": "web 1"}]},
        {**SHOP, "vip": "wob", "mode": "tcp", "routes": [{"pool": "pol", "hots": "x"}]},
    ]
    assert [path for path, message in found(services, [without(POOL, "servers")])] == [
        "ha_lb_services[0].port",
        "ha_lb_services[0].servers[0].name",
        "ha_lb_services[1].routes[0].hots",
        "ha_lb_pools[0].servers",
        "ha_lb_services[1].name",
        "ha_lb_services[1].vip",
        "ha_lb_services[1].routes",
        "ha_lb_services[1].routes[0].pool",
        "ha_lb_services[1].routes[0]",
        "ha_lb_services[1].mode",
    ]


SURPRISES = [None, True, 0, -1, 2.5, "", " ", "a b", "\n", "ä", [], [[]], [None], {}, {"a": {"b": []}}, [[[{"a": 1}]]]]
FULL = {
    **SHOP,
    "mode": "http",
    "algorithm": "first",
    "check": {"http": {"path": "/", "host": "a", "expect": 200}, "interval_seconds": 1, "fall": 1, "rise": 1},
    "routes": [
        {
            "pool": "shop",
            "host": "a",
            "path": "/",
            "path_prefix": "/",
            "method": "GET",
            "header": {"name": "A", "value": "b"},
        }
    ],
}


def places(value, path=()):
    """List the path of every value inside `value`."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in children for place in places(child, (*path, key)))]


def put(original, path, value):
    """Return a copy of `original` that has `value` at `path`."""
    if not path:
        return value
    copy = original.copy()
    copy[path[0]] = put(original[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize("path", places(FULL))
def test_a_surprising_value_anywhere_in_a_service_is_refused_or_right(path):
    for value in SURPRISES:
        found([put(FULL, path, value), {**SHOP, "name": "other", "port": 81}], [{**POOL, "name": "p"}])


@pytest.mark.parametrize(
    ("said", "host"),
    [("API.Example.org", "api.example.org"), ("2001:DB8:0::1", "[2001:db8::1]"), ("192.0.2.10", "192.0.2.10")],
)
def test_a_host_of_a_route_has_one_form(said, host):
    (service,) = read(routed(host=said, pool="pool"), [POOL]).services
    assert service.routes[0].host == (host,)

# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine cannot do is said by name, and the other one does it."""

from __future__ import annotations

import pytest
from module_utils.basics.errors import Finding
from module_utils.basics.schema import collector
from module_utils.engines.catalogue import ENGINES, check_port
from module_utils.traffic.model import ALGORITHMS
from module_utils.traffic.read import read_traffic
from samples import POOL, SERVER, SHOP, refused, without

SPARE = {**SERVER, "name": "web2", "backup": True}
TCP = {**without(SHOP, "servers"), "mode": "tcp", "pool": "pool"}
LEFT_OUT = "a server is left out after nginx_max_fails failures in nginx_fail_timeout_seconds; or use haproxy"


def found(engine, services=(), pools=()):
    return refused(read_traffic, services, pools, ["web"], engine=engine)


def shop(**changes):
    return [{**SHOP, **changes}]


def routed(header):
    return [{**SHOP, "routes": [{"pool": "shop", "header": {"name": header, "value": "1"}}]}]


@pytest.mark.parametrize(
    ("services", "pools", "path", "message"),
    [
        (
            shop(algorithm="first"),
            [],
            "ha_lb_services[0].algorithm",
            "nginx has no first; it has roundrobin, static-rr, leastconn, source, uri, random",
        ),
        (
            shop(check={"http": {"path": "/healthz"}}),
            [],
            "ha_lb_services[0].check",
            f"nginx does not check its servers (http): {LEFT_OUT}",
        ),
        (
            [],
            [{**POOL, "check": {"mysql": {"user": "x"}, "interval_seconds": 1, "fall": 2, "rise": 3}}],
            "ha_lb_pools[0].check",
            f"nginx does not check its servers (mysql, interval_seconds, fall, rise): {LEFT_OUT}",
        ),
        (
            [TCP],
            [{**POOL, "check": {"smtp": {}}}],
            "ha_lb_pools[0].check",
            f"nginx does not check its servers (smtp): {LEFT_OUT}",
        ),
        *(
            (
                [],
                [{**POOL, "algorithm": algorithm, "servers": [SERVER, SPARE]}],
                "ha_lb_pools[0].servers[1].backup",
                f"nginx has no backup servers with algorithm {algorithm}",
            )
            for algorithm in ("source", "uri", "random")
        ),
        (shop(servers=[SPARE]), [], "ha_lb_services[0].servers", "nginx needs a server that is not a backup"),
        (
            [TCP],
            [{**POOL, "algorithm": "uri"}],
            "ha_lb_pools[0].algorithm",
            "uri needs mode http: a TCP connection has none",
        ),
        (
            [],
            [POOL, {**POOL, "name": "Pool"}],
            "ha_lb_pools[1].name",
            "nginx cannot tell Pool from pool: the case makes no difference to it",
        ),
        *(
            (
                routed(header),
                [],
                "ha_lb_services[0].routes[0].header.name",
                f"{header} never comes: nginx drops headers with a dot or an underscore in their names",
            )
            for header in ("X_Canary", "X.Canary")
        ),
    ],
)
def test_what_nginx_cannot_do(services, pools, path, message):
    assert found("nginx", services, pools) == [(path, message)]
    assert found("haproxy", services, pools) == []


@pytest.mark.parametrize("algorithm", [each for each in ALGORITHMS if each != "first"])
def test_what_nginx_can_do(algorithm):
    pool = {**POOL, "algorithm": algorithm, "check": {"tcp": {}}, "servers": [{**SERVER, "weight": 0}]}
    assert found("nginx", routed("X-Canary"), [pool]) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_wrong_anyway_is_said_by_every_engine(engine):
    services = [{**SHOP, "check": "http", "servers": ["web1"], "routes": ["x"], "algorithm": "fair", "mode": 1}]
    assert [each[0] for each in found(engine, services, [{"name": []}])] == [
        "ha_lb_services[0].mode",
        "ha_lb_services[0].routes[0]",
        "ha_lb_services[0].algorithm",
        "ha_lb_services[0].check",
        "ha_lb_services[0].servers[0]",
        "ha_lb_pools[0].name",
        "ha_lb_pools[0].servers",
    ]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, []),
        ({"ha_lb_check_port": 9000}, []),
        ({"nginx_check_port": 9000, "keepalived_check_port": "9000"}, []),
        ({"ha_lb_check_port": 9000, "keepalived_check_port": 9000}, []),
        ({"haproxy_check_port": 9000}, []),
        (
            {"nginx_check_port": 9000},
            [
                (
                    "keepalived_check_port",
                    "is 8405, and nginx_check_port is 9000: set ha_lb_check_port, which is for both",
                )
            ],
        ),
        (
            {"ha_lb_check_port": 9000, "keepalived_check_port": 9001},
            [
                (
                    "keepalived_check_port",
                    "is 9001, and nginx_check_port is 9000: set ha_lb_check_port, which is for both",
                )
            ],
        ),
        ({"ha_lb_check_port": 70000}, [("ha_lb_check_port", "70000 is not a whole number from 1 to 65535")]),
    ],
)
def test_keepalived_asks_where_the_proxy_answers(variables, expected):
    findings: list[Finding] = []
    check_port(variables, "nginx", collector(findings))
    assert [(each.path, each.message) for each in findings] == expected

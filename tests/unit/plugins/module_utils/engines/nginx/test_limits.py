# SPDX-License-Identifier: GPL-3.0-or-later
"""What nginx cannot do is said by name, and is no error of the model."""

from __future__ import annotations

import pytest
from module_utils.engines.nginx.limits import limits
from module_utils.traffic.model import ALGORITHMS
from module_utils.traffic.read import read_traffic
from samples import POOL, SERVER, SHOP, refused, without

SPARE = {**SERVER, "name": "web2", "backup": True}
TCP = {**without(SHOP, "servers"), "mode": "tcp", "pool": "pool"}
LEFT_OUT = "a server is left out after nginx_max_fails failures in nginx_fail_timeout_seconds; or use haproxy"


def found(services, pools, limits=limits):
    return refused(read_traffic, services, pools, ["web"], limits=limits)


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
    assert found(services, pools) == [(path, message)]
    assert found(services, pools, limits=None) == []


@pytest.mark.parametrize("algorithm", [each for each in ALGORITHMS if each != "first"])
def test_what_nginx_can_do(algorithm):
    pool = {**POOL, "algorithm": algorithm, "check": {"tcp": {}}, "servers": [{**SERVER, "weight": 0}]}
    assert found(routed("X-Canary"), [pool]) == []

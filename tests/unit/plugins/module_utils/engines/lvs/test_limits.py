# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused where keepalived serves, by its path, and all at once."""

from __future__ import annotations

import pytest
from inputs import LVS, R5_POOL
from module_utils.engines.catalogue import engine_named
from module_utils.traffic.read import read_traffic
from samples import SERVER, refused, without

WWW = {"name": "www", "vip": "web", "port": 80, "mode": "tcp", "pool": "web"}
WEB1, WEB2 = R5_POOL["servers"]


def found(service=(), pool=(), engine="lvs"):
    services, pools = [{**WWW, **dict(service)}], [{**R5_POOL, **dict(pool)}]
    return refused(read_traffic, services, pools, ["web", "dual"], limits=engine_named(engine).limits)


@pytest.mark.parametrize("given", LVS.values(), ids=LVS)
def test_what_works(given):
    limits = engine_named("lvs").limits
    assert refused(read_traffic, given["ha_lb_services"], given["ha_lb_pools"], ["web", "dual"], limits=limits) == []


@pytest.mark.parametrize("algorithm", ["roundrobin", "leastconn", "source", "wrr", "lblcr", "ovf"])
def test_algorithms(algorithm):
    assert found(pool={"algorithm": algorithm}) == []


@pytest.mark.parametrize(
    ("service", "path", "message"),
    [
        ({"mode": "http"}, "mode", "is http, of which lvs knows nothing: write mode: tcp or udp"),
        ({"ports": [80]}, "port", "contradicts ports: give one of them"),
        ({"forwarding": "nat"}, "forwarding", "belongs to the pool, or needs servers here"),
        (
            {"routes": [{"pool": "web", "path": "/"}]},
            "routes",
            "needs mode http: a TCP connection has no host, path or",
        ),
    ],
)
def test_services(service, path, message):
    findings = found(service)
    assert [each[0] for each in findings] == [f"ha_lb_services[0].{path}"]
    assert findings[0][1].startswith(message)


@pytest.mark.parametrize(
    ("ports", "path", "message"),
    [
        (["443-80"], "[0]", "443-80 ends before it begins"),
        ([80, 80], "", "80 is named twice"),
        ([80, "79-81"], "", "80 is named twice"),
        (["1-65535"], "", "has 65535 ports, and 1024 are the most"),
        (["80-70000"], "[0]", "'70000' is not a whole number from 1 to 65535"),
        ([], "", "needs at least 1 item"),
        (["http"], "[0]", "'http' is not a whole number from 1 to 65535"),
    ],
)
def test_several_ports(ports, path, message):
    pool = {"servers": [without(WEB1, "port")]}
    assert found({"port": None, "ports": ports}, pool)[0] == (f"ha_lb_services[0].ports{path}", message)


def test_a_server_without_a_port_is_for_services_with_several():
    pool = {"servers": [without(WEB1, "port")]}
    assert found({"port": None, "ports": [80, "443-444"]}, pool) == []
    assert found({}, pool) == [("ha_lb_pools[0].servers[0].port", "is missing")]


def test_the_same_port_over_tcp_and_udp():
    services = [WWW, {**WWW, "name": "quic", "mode": "udp"}]
    pools = [R5_POOL, {**R5_POOL, "name": "quic"}]
    services[1]["pool"] = "quic"
    assert refused(read_traffic, services, pools, ["web"], limits=engine_named("lvs").limits) == []
    services[1] = {**services[1], "port": None, "ports": [79, 80], "mode": "tcp"}
    pools[1]["servers"] = [without(WEB1, "port")]
    assert refused(read_traffic, services, pools, ["web"], limits=engine_named("lvs").limits) == [
        ("ha_lb_services[1].ports", "port 80 of web already belongs to ha_lb_services[0]")
    ]


@pytest.mark.parametrize(
    ("pool", "path", "message"),
    [
        (
            {"servers": [{**WEB1, "port": 8080}]},
            "servers[0].port",
            "is 8080, and ha_lb_services[0] has port 80: with forwarding direct a packet keeps its port; "
            "forwarding: nat changes it",
        ),
        (
            {"forwarding": "tunnel", "servers": [{**WEB1, "port": 8080}]},
            "servers[0].port",
            "is 8080, and ha_lb_services[0] has port 80: with forwarding tunnel a packet keeps its port in the tunnel; "
            "forwarding: nat changes it",
        ),
        ({"forwarding": "dr"}, "forwarding", "'dr' is not one of direct, nat, tunnel"),
        (
            {"algorithm": "first"},
            "algorithm",
            "lvs has no first; it has roundrobin, leastconn, source, rr, wrr, lc, wlc, lblc, lblcr, sh, mh, dh, sed, "
            "nq, fo, ovf",
        ),
        ({"hash": {"port": True}}, "hash", "belongs to sh, mh and source, and the algorithm is roundrobin"),
        (
            {"servers": [{**WEB1, "weight": 0}, {**WEB2, "backup": True}]},
            "servers",
            "none that is not a backup has a weight above 0, so nobody answers",
        ),
        ({"quorum": 5}, "quorum", "is 5, and the servers weigh 4 together: it never comes"),
        (
            {"servers": [WEB1, *({**WEB2, "name": f"b{each}", "port": 80, "address": f"192.0.2.3{each}", "backup": True}
                                 for each in (1, 2))]},
            "servers[2].backup",
            "is the second: keepalived has one server for when the others are down",
        ),
        (
            {"servers": [WEB1, {**WEB1, "name": "x"}]},
            "servers[1].address",
            "192.0.2.21 is already a server of this pool",
        ),
        (
            {"servers": [{**WEB1, "address": "web1.example.org"}]},
            "servers[0].address",
            "web1.example.org is a name, and the kernel takes addresses only",
        ),
        ({"one_packet": True, "persistence": None}, "one_packet", "is for UDP, and ha_lb_services[0] has mode tcp"),
        ({"tunnel": {"type": "gre"}}, "tunnel", "belongs to forwarding tunnel, and it is direct"),
        ({"forwarding": "tunnel", "tunnel": {"type": "gue"}}, "tunnel.port", "is missing: gue is UDP to a port"),
        ({"forwarding": "tunnel", "tunnel": {"port": 1}}, "tunnel.port", "belongs to type gue"),
        ({"persistence": {"netmask": 24}}, "persistence.seconds", "is missing"),
        (
            {"check": {"mysql": {"user": "x"}}},
            "check.mysql",
            "keepalived has no such check; it has http, https, tcp, udp, ping, smtp, dns, script",
        ),
        (
            {"check": {"rise": 2}},
            "check.rise",
            "keepalived takes a server back after its first good check: leave it out",
        ),
        ({"check": {"ping": {}, "port": 1}}, "check.port", "does not go with ping, which asks no port"),
        (
            {"check": {"http": {"path": "/a!b"}}},
            "check.http.path",
            "/a!b has a character that keepalived.conf takes for something else",
        ),
    ],
)  # fmt: skip
def test_pools(pool, path, message):
    assert found(pool=pool) == [(f"ha_lb_pools[0].{path}", message)]


def test_persistence_of_single_packets():
    assert found({"mode": "udp"}, {"one_packet": True}) == [
        ("ha_lb_pools[0].persistence", "contradicts one_packet, which forgets a client with every packet")
    ]


@pytest.mark.parametrize("engine", ["haproxy", "nginx"])
def test_a_proxy_refuses_every_word_that_is_for_packets(engine):
    service = {"mode": "udp", "port": None, "ports": [80]}
    pool = {
        "algorithm": "wrr",
        "forwarding": "direct",
        "tunnel": {},
        "hash": {},
        "persistence": {"seconds": 1},
        "quorum": 1,
        "one_packet": False,
        "inhibit_on_failure": True,
        "check": {
            "http": {"digest": "0" * 32},
            "port": 1,
            "timeout_seconds": 1,
            "retry_seconds": 1,
            "warmup_seconds": 1,
        },
        "servers": [{**SERVER, "port": 80}],
    }
    paths = {path for path, message in found(service, pool, engine) if "ha_lb_engine: lvs has that" in message}
    assert paths == {
        *(f"ha_lb_services[0].{word}" for word in ("mode", "ports")),
        *(f"ha_lb_pools[0].{word}" for word in pool if word not in ("check", "servers")),
        *(f"ha_lb_pools[0].check.{word}" for word in ("port", "timeout_seconds", "retry_seconds", "warmup_seconds")),
        "ha_lb_pools[0].check.http.digest",
    }
    for kind in ("https", "udp", "ping", "dns", "script"):
        said = {"dns": {"name": "example.org"}, "script": {"command": "/bin/true"}}.get(kind, {})
        assert f"ha_lb_pools[0].check.{kind}" in [path for path, _message in found({}, {"check": {kind: said}}, engine)]

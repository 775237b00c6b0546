# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy.cfg, printed for many inputs: its structure, and no secret in it."""

from __future__ import annotations

import pytest
from inputs import HAPROXY, SECRET
from rendering import render, templates_of
from samples import POOL, SHOP, VIPS, without


def haproxy(**given):
    return render("haproxy", "haproxy.cfg.j2", **given)


def sections(text):
    """Parse haproxy.cfg into {section: lines}."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("    "):
            found[name].append(line.strip())
        elif line and not line.startswith("#"):
            name = line
            assert name not in found, f"{name} is there twice"
            found[name] = []
    return found


@pytest.mark.parametrize("given", HAPROXY.values(), ids=HAPROXY)
def test_haproxy_has_each_section_once_and_names_only_what_is_there(given):
    found = sections(haproxy(**given))
    services = [each["name"] for each in given.get("ha_lb_services", [])]
    pools = [each["name"] for each in given.get("ha_lb_pools", [])] + [n for n in services if n == "shop"]
    assert {name for name in found if name.startswith("frontend") and "ha_lb_" not in name} == {
        f"frontend {n}" for n in services
    }
    assert {name for name in found if name.startswith("backend")} == {f"backend {name}" for name in pools}
    lines = [line for section in found.values() for line in section if not line.startswith("#")]
    used = [line.split()[1] for line in lines if line.startswith(("use_backend", "default_backend"))]
    assert set(used) <= set(pools)
    assert all(line.count("{") == line.count("}") for line in lines)
    assert all(len(line.split()) > 1 or line in ("forwardfor",) for line in lines)


@pytest.mark.parametrize("given", HAPROXY.values(), ids=HAPROXY)
def test_no_secret_is_in_what_haproxy_prints(given):
    for template in templates_of("haproxy"):
        assert SECRET not in render("haproxy", template, **given)


@pytest.mark.parametrize(
    ("name", "section", "line"),
    [
        ("http", "frontend shop", "bind 192.0.2.10:80"),
        (
            "http",
            "frontend shop",
            "http-after-response set-header connection close if { var(proc.ha_lb_drain) -m int gt 0 }",
        ),
        ("http", "backend shop", "server web1 192.0.2.21:8080 weight 1 check inter 2000ms fall 3 rise 2"),
        ("tcp", "frontend shop", "bind [2001:db8::30]:25"),
        ("tcp", "backend shop", "option smtpchk HELO lb1"),
        (
            "routes",
            "frontend site",
            "acl route1_host req.fhdr(host),host_only -m str -- a.example.org b.example.org",
        ),
        ("routes", "frontend site", "use_backend pool if route1_host route1_prefix"),
        ("http", "frontend shop", "http-request set-header X-Forwarded-Proto http"),
        ("believed", "frontend shop", "acl trusted src 198.51.100.0/24 2001:db8:1::/48"),
        ("believed", "frontend shop", "http-request set-header X-Forwarded-Proto http unless trusted"),
        ("checks", "backend a", "http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host example.org"),
        ("checks", "backend b", "option mysql-check user haproxy"),
        ("checks", "backend c", "server web1 [2001:db8::21]:8080 weight 0 check inter 2000ms fall 3 rise 2 backup"),
        ("statistics", "frontend ha_lb_stats", "bind 127.0.0.1:8404"),
        ("statistics in text", "frontend ha_lb_stats", "bind 127.0.0.1:8404"),
        ("own language", "global", "nbthread 2"),
        ("own language", "defaults", "option contstats"),
        ("own language", "frontend shop", "maxconn 10"),
        ("own language", "backend shop", "cookie A insert"),
        ("own language", "peers balancers", "peer lb1 192.0.2.11:1024"),
    ],
)
def test_what_a_section_says(name, section, line):
    assert line in sections(haproxy(**HAPROXY[name]))[section]


def test_routes_and_a_default():
    lines = sections(haproxy(**HAPROXY["routes and a default"]))["frontend site"]
    assert [line.split()[0] for line in lines[-3:]] == ["use_backend", "use_backend", "default_backend"]
    assert "default_backend pool" not in sections(haproxy(**HAPROXY["routes"]))["frontend site"]


def test_a_service_without_servers_of_its_own_has_no_backend_of_its_own():
    given = {
        "ha_lb_vips": VIPS,
        "ha_lb_services": [{**without(SHOP, "servers"), "pool": "pool"}],
        "ha_lb_pools": [POOL],
    }
    assert [name for name in sections(haproxy(**given)) if name.startswith("backend")] == ["backend pool"]

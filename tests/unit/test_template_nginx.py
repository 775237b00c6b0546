# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx.conf, printed for many inputs: its structure. What its maps match is tested with the core."""

from __future__ import annotations

import re

import pytest
from inputs import NGINX
from rendering import render


def nginx(**given):
    """Print nginx.conf and parse it into [(directive or block, what is in it)]."""
    lines = iter([line.strip() for line in render("nginx", "nginx.conf.j2", **given).splitlines()])
    return parsed(lines, whole=True)


def parsed(lines, whole=False):
    found = []
    for line in lines:
        if line == "}":
            assert not whole, "a block is closed that was not opened"
            return found
        if line.endswith("{"):
            found.append((line[:-1].strip(), parsed(lines)))
        elif line and not line.startswith("#"):
            found.append((line, []))
    assert whole, "a block is never closed"
    return found


def within(tree, *path):
    """Return the directives and blocks of a block; a server is known by a line in it."""
    for name in path:
        tree = next((inner for block, inner in tree if name == block or (name, []) in inner), [])
    return [each[0] for each in tree]


@pytest.mark.parametrize("given", NGINX.values(), ids=NGINX)
def test_each_pool_is_there_once_and_each_service_where_it_belongs(given):
    tree = nginx(**given)
    modes = {service["name"]: service.get("mode", "http") for service in given.get("ha_lb_services", [])}
    own = {
        service["name"]: modes[service["name"]] for service in given.get("ha_lb_services", []) if "servers" in service
    }
    pools = {**{pool["name"]: "http" for pool in given.get("ha_lb_pools", [])}, **own}
    for block, mode in (("http", "http"), ("stream", "tcp")):
        names = within(tree, block)
        upstreams = [name.split()[1] for name in names if name.startswith("upstream")]
        assert sorted(upstreams) == sorted(name for name, its in pools.items() if its == mode)
        own_servers = (mode == "http") * (1 + ("nginx_status_enabled" in given))
        assert names.count("server") == own_servers + list(modes.values()).count(mode)
    assert ("stream" in within(tree)) == ("tcp" in modes.values())


@pytest.mark.parametrize("given", NGINX.values(), ids=NGINX)
def test_what_is_asked_is_there(given):
    text = render("nginx", "nginx.conf.j2", **given)
    defined = set(re.findall(r"^ *(?:map .*|geo) (\$\w+) \{", text, re.MULTILINE))
    defined |= {f"${name}" for name in re.findall(r"\?<(\w+)>", text)}
    upstreams = set(re.findall(r"upstream (\S+) \{", text))
    asked = set(re.findall(r"proxy_pass (?:http://)?(\S+);", text))
    assert asked <= defined | upstreams
    assert set(re.findall(r"\$ha_lb_\w+", text)) <= defined
    statements = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert [line for line in statements if line[-1] not in ";{}" and not line.startswith("log_format")] == []


@pytest.mark.parametrize(
    ("name", "path", "line"),
    [
        ("http", ["http", "upstream shop"], "server 192.0.2.21:8080 weight=1 max_fails=3 fail_timeout=10s;"),
        ("http", ["http", "upstream shop"], "keepalive 16;"),
        ("http", ["http", "upstream shop"], "zone shop 256k;"),
        ("http", ["http", "listen 192.0.2.10:80;", "location /"], "proxy_pass http://shop;"),
        ("http", ["http", "listen 127.0.0.1:8405;"], "access_log off;"),
        ("http", ["http"], "proxy_next_upstream error timeout;"),
        ("http", ["http"], "proxy_connect_timeout 1000ms;"),
        ("http", ["http"], "proxy_set_header Host $host$ha_lb_port;"),
        ("http", ["http"], "proxy_set_header x-forwarded-for $remote_addr;"),
        ("http", ["http"], "proxy_set_header x-forwarded-host '';"),
        ("http", ["http", "listen 192.0.2.10:80;"], "if ($ha_lb_refused) { return 400; }"),
        ("believed", ["http"], "proxy_set_header x-forwarded-for $ha_lb_x_forwarded_for;"),
        ("believed", ["http", "geo $ha_lb_trusted_1"], "2001:db8:1::/48 1;"),
        ("believed", ["http", "map $server_addr:$server_port $ha_lb_trusted"], "2001:db8::30:80 $ha_lb_trusted_1;"),
        ("http", ["http"], "access_log /var/log/nginx/access.log ha_lb;"),
        ("tcp", ["stream", "listen 192.0.2.30:25;"], "listen [2001:db8::30]:25;"),
        ("tcp", ["stream", "listen 192.0.2.30:25;"], "proxy_pass shop;"),
        ("tcp", ["stream", "upstream shop"], "server [2001:db8::22]:8080 down max_fails=3 fail_timeout=10s;"),
        ("both", ["stream", "upstream mail"], "least_conn;"),
        ("routes", ["http", "listen 192.0.2.10:443;"], "listen 192.0.2.20:443;"),
        ("routes", ["http", "listen 192.0.2.10:443;"], "if ($ha_lb_route_1_1 = '') { return 503; }"),
        ("routes", ["http", "listen 192.0.2.10:443;", "location /"], "proxy_pass http://$ha_lb_route_1_1;"),
        ("routes", ["http", 'map "$host $ha_lb_path" $ha_lb_route_1_1'], "default $ha_lb_route_1_2;"),
        ("algorithms", ["http", "upstream a"], "hash $remote_addr consistent;"),
        ("algorithms", ["http", "upstream b"], "hash $ha_lb_path consistent;"),
        ("algorithms", ["http", "upstream c"], "random two least_conn;"),
        ("algorithms", ["http", "upstream d"], "server 192.0.2.21:8080 weight=1 max_fails=3 fail_timeout=10s backup;"),
        ("limits", ["http", "upstream shop"], "server 192.0.2.21:8080 weight=1 max_fails=1 fail_timeout=2s;"),
        ("limits", ["http"], "map $http_upgrade $ha_lb_connection { default upgrade; '' close; }"),
        ("limits", ["http"], "access_log off;"),
        ("limits", ["http", "listen 127.0.0.1:9000;"], "client_header_timeout 2s;"),
        ("status", ["http", "listen 127.0.0.1:8404;", "location = /server-status"], "stub_status;"),
        ("status in text", ["http", "listen [2001:db8::11]:8404;"], "location / { return 404; }"),
        ("own language", [], "worker_priority -5;"),
        ("own language", ["http"], "gzip on;"),
        ("own language", ["http", "listen 192.0.2.10:80;"], "keepalive_requests 9;"),
        ("own language", ["http", "upstream shop"], "keepalive_time 9s;"),
        ("own language", ["stream"], "tcp_nodelay off;"),
        ("own language", ["stream", "listen 192.0.2.10:25;"], "proxy_timeout 9s;"),
        ("own language", ["stream", "upstream mail"], "random;"),
    ],
)
def test_what_a_block_says(name, path, line):
    assert line in within(nginx(**NGINX[name]), *path)


def test_the_status_page_is_for_the_networks_that_are_named_alone():
    page = within(nginx(**NGINX["status"]), "http", "listen 127.0.0.1:8404;", "location = /server-status")
    assert page == ["stub_status;", "allow 127.0.0.0/8;", "allow 192.0.2.0/24;", "deny all;"]


def test_a_route_without_a_default_has_none():
    tree = nginx(**NGINX["routes"])
    last = next(name for name in within(tree, "http") if name.endswith("$ha_lb_route_1_2"))
    assert [line for line in within(tree, "http", last) if line.startswith("default")] == []
    tree = nginx(**NGINX["routes and a default"])
    assert "default pool;" in within(tree, "http", last)
    assert not any("503" in line for line in within(tree, "http", "listen 192.0.2.10:443;"))


def test_the_unit_hands_over_before_the_packaged_stop():
    lines = render("nginx", "unit.conf.j2", **NGINX["http"]).splitlines()
    stops = [line for line in lines if line.startswith("ExecStop=")]
    assert stops[0] == "ExecStop="
    assert "let-go before proxy" in stops[1]
    assert "--retry QUIT/5" in stops[2]

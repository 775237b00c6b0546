# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a proxy listens, from its own configuration."""

from __future__ import annotations

import pytest
from configurations import node
from module_utils.keepalived.lint.proxy_files import binds, haproxy, seconds


def haproxy_binds(line):
    found = binds(node("lb1", "", {"haproxy_cfg": f"frontend web\n    {line}\n"}))
    return [(each.address, each.families, each.transparent) for each in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bind 192.0.2.10:443 ssl crt /etc/x.pem", [("192.0.2.10", (), False)]),
        ("bind 192.0.2.10:80,192.0.2.20:80", [("192.0.2.10", (), False), ("192.0.2.20", (), False)]),
        ("bind :443", [("", ("ipv4",), False)]),
        ("bind *:443", [("", ("ipv4",), False)]),
        ("bind [::]:443 v4v6", [("", ("ipv4", "ipv6"), False)]),
        ("bind :::443", [("", ("ipv6",), False)]),
        ("bind [2001:db8::10]:443", [("2001:db8::10", (), False)]),
        ("bind quic4@192.0.2.10:443", [("192.0.2.10", (), False)]),
        ("bind ipv6@:443", [("", ("ipv6",), False)]),
        ("bind 192.0.2.10:443 transparent", [("192.0.2.10", (), True)]),
        ("bind /run/haproxy.sock", []),
        ("bind unix@/run/haproxy.sock", []),
        ('bind "${ADDRESS}:80"', []),
        ("bind web.example.net:80", []),
        ("bind", []),
        ("# bind 192.0.2.10:80", []),
    ],
)
def test_haproxy(line, expected):
    assert haproxy_binds(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("listen 80;", [("", ("ipv4",))]),
        ("listen *:80 default_server;", [("", ("ipv4",))]),
        ("listen 192.0.2.10:443 ssl;", [("192.0.2.10", ())]),
        ("listen [::]:80;", [("", ("ipv6",))]),
        ("listen [::]:80 ipv6only=off;", [("", ("ipv4", "ipv6"))]),
        ("listen [2001:db8::10]:443;", [("2001:db8::10", ())]),
        ("listen unix:/run/nginx.sock;", []),
        ("# listen 80;", []),
    ],
)
def test_nginx(line, expected):
    found = binds(node("lb1", "", {"nginx_conf": f"server {{\n    {line}\n}}\n"}))
    assert [(each.address, each.families) for each in found] == expected
    assert all(str(each.place) == "/etc/nginx/nginx.conf:2" for each in found)


def test_sections_have_lines_with_places():
    text = "# begin\nglobal\n    maxconn 5 # five\n\nbackend web\n    server a 192.0.2.21:80\n"
    first, second = haproxy(node("lb1", "", {"haproxy_cfg": text}))
    assert (first.kind, [line.words for line in first.all("maxconn")]) == ("global", [("maxconn", "5")])
    assert (second.kind, second.name, str(second.lines[1].place)) == ("backend", "web", "/etc/haproxy/haproxy.cfg:6")


@pytest.mark.parametrize("text", ["", "bind 192.0.2.10:80\n", 'global\n    description "not closed\n', "\0"])
def test_what_is_no_configuration_has_no_binds(text):
    assert binds(node("lb1", "", {"haproxy_cfg": text})) == ()


@pytest.mark.parametrize(
    ("word", "expected"),
    [("30s", 30), ("500", 0.5), ("500ms", 0.5), ("1h", 3600), ("2d", 172800), ("x", None), ("", None), ("-1s", None)],
)
def test_seconds(word, expected):
    assert seconds(word) == expected

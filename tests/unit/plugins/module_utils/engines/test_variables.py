# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts in the variables of the engines' roles: what is read, and what is refused."""

from __future__ import annotations

import pytest
from module_utils.basics import schema
from module_utils.engines.haproxy.variables import VARIABLES as HAPROXY
from module_utils.engines.haproxy.variables import check_statistics
from module_utils.engines.nginx.variables import VARIABLES as NGINX


def found(table, name, value):
    findings = []
    table[name](value, name, schema.collector(findings))
    return [str(each) for each in findings]


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        (HAPROXY, "haproxy_stats_address", "::"),
        (HAPROXY, "haproxy_stats_address", "::1"),
        (HAPROXY, "haproxy_stats_user", ""),
        (HAPROXY, "haproxy_stats_user", "Jürgen"),
        (HAPROXY, "haproxy_stats_password", "a:b c"),
        (HAPROXY, "haproxy_extra_global", ""),
        (HAPROXY, "haproxy_extra_frontends", {"shop": "http-request set-header X 'a b' # don't\n\tmaxconn 5"}),
        (HAPROXY, "haproxy_extra_sections", "peers balancers\n    peer lb1 192.0.2.11:1024\n"),
        (NGINX, "nginx_access_log", "off"),
        (NGINX, "nginx_access_log", "/var/log/nginx/shop-1.log"),
        (
            NGINX,
            "nginx_access_log",
            "syslog:server=[2001:db8::1]:514,facility=local7,tag=shop,nohostname",
        ),
        (NGINX, "nginx_access_log", "syslog:server=unix:/dev/log"),
        (NGINX, "nginx_extra_http", "map $host $x { default 1; }\n# it's }\n"),
        (NGINX, "nginx_extra_http", "content_by_lua_block { if a then return '}' end }"),
    ],
)
def test_what_is_accepted(table, name, value):
    assert found(table, name, value) == []


STRAY = "which is no part of a line"


@pytest.mark.parametrize(
    ("table", "name", "value", "message"),
    [
        (HAPROXY, "haproxy_stats_address", "*", "* is not an address"),
        (HAPROXY, "haproxy_stats_address", "192.0.2.1:80", "192.0.2.1:80 is not an address"),
        (HAPROXY, "haproxy_stats_address", "192.0.2.1\n    bind :1", "is not an address"),
        (HAPROXY, "haproxy_stats_address", "224.0.0.1", "is a multicast address"),
        (HAPROXY, "haproxy_stats_address", "fe80::1", "is valid on one interface only"),
        (HAPROXY, "haproxy_stats_user", "a:b", "'a:b' is not the name of a user: one line without a colon"),
        (HAPROXY, "haproxy_stats_user", "a\x85b", "is not the name of a user"),
        (HAPROXY, "haproxy_stats_password", ["geheim"], "haproxy_stats_password: is not a line of text"),
        (HAPROXY, "haproxy_stats_password", "geheim\n", "haproxy_stats_password: is not a line of text"),
        (HAPROXY, "haproxy_extra_global", ["nbthread 2"], "is a list: write the lines as one text, below a |"),
        (HAPROXY, "haproxy_extra_global", 5, "is not text"),
        (HAPROXY, "haproxy_extra_global", "a\x0bb", f"has the character U+000B, {STRAY}"),
        (HAPROXY, "haproxy_extra_defaults", "a\u2028b", f"has the character U+2028, {STRAY}"),
        (HAPROXY, "haproxy_extra_defaults", "log global\r\n", f"has the character U+000D, {STRAY}"),
        (HAPROXY, "haproxy_extra_defaults", "listen x", "begins a section of its own (listen)"),
        (HAPROXY, "haproxy_extra_backends", {"a": "  backend x"}, "begins a section of its own (backend)"),
        (HAPROXY, "haproxy_extra_backends", {"a": ["x"]}, "haproxy_extra_backends.a: is a list"),
        (HAPROXY, "haproxy_extra_backends", {"a": "errorfile 503 'x"}, "has a quote in line 1 that does not end"),
        (NGINX, "nginx_access_log", "access.log", "is not off, the absolute path of a file, or a syslog: address"),
        (NGINX, "nginx_access_log", "/var/log/", "is not off"),
        (NGINX, "nginx_access_log", "/var/log/$host.log", "is not off"),
        (NGINX, "nginx_access_log", "/x gzip=9", "is not off"),
        (NGINX, "nginx_access_log", "/x; include /y", "is not off"),
        (NGINX, "nginx_access_log", "syslog:server=a,facility=locale", "is not off"),
        (NGINX, "nginx_access_log", "off\n", "is not off"),
        (NGINX, "nginx_extra_http", "gzip on", "has no ; behind the directive in line 1"),
        (NGINX, "nginx_extra_servers", {"a": "} server {"}, "has a } in line 1 that closes no block of its own"),
        (NGINX, "nginx_worker_connections", 255, "is not a whole number from 256 to 1000000"),
    ],
)
def test_what_is_refused(table, name, value, message):
    (finding,) = found(table, name, value)
    assert message in finding
    assert "geheim" not in finding


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, []),
        ({"haproxy_stats_enabled": "no"}, []),
        ({"haproxy_stats_enabled": "yes"}, ["haproxy_stats_user", "haproxy_stats_password"]),
        ({"haproxy_stats_enabled": True, "haproxy_stats_user": "a"}, ["haproxy_stats_password"]),
        ({"haproxy_stats_enabled": True, "haproxy_stats_user": "a", "haproxy_stats_password": 0}, []),
    ],
)
def test_the_statistics_page_has_credentials(variables, missing):
    findings = []
    check_statistics(variables, schema.collector(findings))
    assert [each.path for each in findings] == missing

# SPDX-License-Identifier: GPL-3.0-or-later
"""What haproxy.cfg.j2 prints, put together: conditions of rules, what a check asks, the options of servers."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.engines.haproxy.view import condition, quoted, view_of_pool, view_of_service
from module_utils.traffic.model import Check, Pool, Route, Server, Service


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (Route("a", host=("A.example.org", "b")), "{ req.hdr(host),field(1,:),lower -m str a.example.org b }"),
        (Route("a", path=("/x", "/y")), "{ path /x /y }"),
        (Route("a", path_prefix=("/v1",), method=("GET", "PUT")), "{ path -m beg /v1 } { method GET PUT }"),
        (Route("a", header=("X-A", ("1", "it's"))), "{ req.hdr(X-A) -m str '1' 'it'\\''s' }"),
    ],
)
def test_condition(route, expected):
    assert condition(route) == expected


def test_rules_are_in_the_order_of_the_routes():
    routes = (Route("b", path=("/b",)), Route("a", path=("/a",)))
    view = view_of_service(Service("shop", ("web",), 80, "http", routes, None), 1)
    assert view == {"rules": [{"pool": "b", "condition": "{ path /b }"}, {"pool": "a", "condition": "{ path /a }"}]}


@given(st.text(st.characters(exclude_categories=["C"])))
def test_a_word_is_read_as_it_was_meant(text):
    assert shlex.split(quoted(text)) == [text]


def test_view_of_pool():
    servers = (Server("web1", "192.0.2.21", 80), Server("web2", "192.0.2.22", 80, weight=0, backup=True))
    view = view_of_pool(Pool("pool", servers, "leastconn", Check("http", "/healthz", "example.org", interval=0.5)))
    assert view == {
        "balance": "leastconn",
        "request": "meth GET uri /healthz ver HTTP/1.1 hdr Host example.org",
        "options": {
            "web1": "weight 1 check inter 500ms fall 3 rise 2",
            "web2": "weight 0 check inter 500ms fall 3 rise 2 backup",
        },
    }

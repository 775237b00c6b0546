# SPDX-License-Identifier: GPL-3.0-or-later
"""What haproxy.cfg.j2 prints, put together: conditions of rules, what a check asks, the options of servers."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.engines.haproxy.view import WORDS, quoted, view_of_pool, view_of_service
from module_utils.traffic.model import Check, Pool, Route, Server, Service

HOST = "route1_host req.fhdr(host),host_only -m str --"


def view(*routes, trusted=()):
    return view_of_service(Service("shop", ("web",), 80, "http", routes, None, trusted), 1)


@pytest.mark.parametrize(
    ("route", "acls"),
    [
        (Route("a", host=("a.example.org", "b")), [f"{HOST} a.example.org b"]),
        (Route("a", path=("/x", "/y")), ["route1_path path -m str -- /x /y"]),
        (
            Route("a", path_prefix=("/v1",), method=("GET", "PUT")),
            ["route1_prefix path -m beg -- /v1", "route1_method method -- GET PUT"],
        ),
        (Route("a", header=("X-A", ("-f", "it's"))), ["route1_header req.hdr(X-A) -m str -- '-f' 'it'\\''s'"]),
    ],
)
def test_the_conditions_of_a_route_must_all_match(route, acls):
    condition = " ".join(acl.split()[0] for acl in acls)
    assert view(route) == {"acls": acls, "rules": [{"pool": "a", "condition": condition}]}


def test_rules_are_in_the_order_of_the_routes():
    rules = view(Route("b", path=("/b",)), Route("a", path=("/a",)))["rules"]
    assert rules == [{"pool": "b", "condition": "route1_path"}, {"pool": "a", "condition": "route2_path"}]


@pytest.mark.parametrize("many", [1, WORDS, WORDS + 1, 300])
def test_no_line_has_more_words_than_haproxy_reads(many):
    hosts = [f"h{index}.example.org" for index in range(many)]
    networks = [f"10.0.{index % 256}.{index // 256}/32" for index in range(many)]
    acls = view(Route("a", host=tuple(hosts)), trusted=tuple(networks))["acls"]
    assert all(len(f"acl {acl}".split()) <= 64 for acl in acls)
    assert [word for acl in acls for word in acl.removeprefix("trusted src ").removeprefix(HOST).split()] == [
        *networks,
        *hosts,
    ]


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

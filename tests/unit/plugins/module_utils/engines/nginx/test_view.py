# SPDX-License-Identifier: GPL-3.0-or-later
"""What the maps choose, read as nginx reads them: quotes taken away, and the first pattern that matches wins."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.engines.nginx.view import maps_of, quoted, view_of_pool
from module_utils.traffic.model import Check, Pool, Route, Server, Service

ROUTES = (
    Route("a", host=("A.example.org", "b.example.org"), path_prefix=("/v1", "/a.b(c)")),
    Route("b", method=("GET", "PUT"), path=("/x",)),
    Route("c", header=("X-Canary", ("1", 'say "b c" \\ $x'))),
    Route("d", path=("/both",), path_prefix=("/bo",), header=("X-Canary", ("2",))),
)


def unquoted(text):
    """Take quotes away as nginx does: a backslash before another character than these stays."""
    assert (text[0], text[-1]) == ('"', '"')
    assert re.fullmatch(r'(?:[^"\\]|\\.)*', text[1:-1], re.DOTALL), "the string ends too early"
    special = {"t": "\t", "r": "\r", "n": "\n"}
    return re.sub(r"""\\([\\"'trn])""", lambda found: special.get(found[1], found[1]), text[1:-1])


def chosen(routes, default="rest", **request):
    """Return the pool for a request: what the chain of maps comes to."""
    values = {"$host": "", "$request_method": "GET", "$ha_lb_path": "/", "$http_x_canary": "", **request}
    maps = {each.variable: each for each in maps_of(Service("shop", ("web",), 80, "http", routes, default), 7)}
    result = next(iter(maps))
    while result in maps:
        source = re.sub(r"\$\w+", lambda name: values[name[0]], unquoted(maps[result].source))
        patterns = [(unquoted(pattern).removeprefix("~"), pool) for pattern, pool in maps[result].choices]
        result = next((pool for pattern, pool in patterns if re.search(pattern, source)), maps[result].default)
    return result


@pytest.mark.parametrize(
    ("request_", "pool"),
    [
        ({"$host": "a.example.org", "$ha_lb_path": "/v1"}, "a"),
        ({"$host": "b.example.org", "$ha_lb_path": "/v1/x"}, "a"),
        ({"$host": "b.example.org", "$ha_lb_path": "/a.b(c)d"}, "a"),
        ({"$host": "b.example.org", "$ha_lb_path": "/aXb(c)d"}, "rest"),
        ({"$host": "b.example.org", "$ha_lb_path": "/V1"}, "rest"),
        ({"$host": "b.example.orgs", "$ha_lb_path": "/v1"}, "rest"),
        ({"$host": "b-example.org", "$ha_lb_path": "/v1"}, "rest"),
        ({"$host": "xb.example.org", "$ha_lb_path": "/v1"}, "rest"),
        ({"$ha_lb_path": "/x"}, "b"),
        ({"$ha_lb_path": "/x", "$request_method": "PUT"}, "b"),
        ({"$ha_lb_path": "/x", "$request_method": "POST"}, "rest"),
        ({"$ha_lb_path": "/x/"}, "rest"),
        ({"$ha_lb_path": "/X"}, "rest"),
        ({"$http_x_canary": "1"}, "c"),
        ({"$http_x_canary": 'say "b c" \\ $x'}, "c"),
        ({"$http_x_canary": "11"}, "rest"),
        ({"$http_x_canary": "2", "$ha_lb_path": "/both"}, "d"),
        ({"$http_x_canary": "2", "$ha_lb_path": "/bo"}, "rest"),
        ({"$host": "a.example.org", "$ha_lb_path": "/v1", "$http_x_canary": "1"}, "a"),
    ],
)
def test_the_first_route_that_matches_wins(request_, pool):
    assert chosen(ROUTES, **request_) == pool


def test_without_a_default_nothing_is_chosen():
    assert chosen(ROUTES, default=None) == ""


def test_a_service_without_routes_has_no_maps():
    assert maps_of(Service("shop", ("web",), 80, "http", (), "shop"), 1) == ()


def test_services_do_not_share_variables():
    both = [maps_of(Service("shop", ("web",), 80, "http", ROUTES, "rest"), number) for number in (1, 2)]
    variables = [each.variable for maps in both for each in maps]
    assert len(set(variables)) == len(variables)


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1))
def test_a_header_is_compared_to_the_letter(value):
    routes = (Route("a", header=("X-Canary", (value,))),)
    assert chosen(routes, **{"$http_x_canary": value}) == "a"
    assert chosen(routes, **{"$http_x_canary": value + "."}) == "rest"


@given(st.text())
def test_a_string_is_read_as_it_was_meant(text):
    assert unquoted(quoted(text)) == text


@pytest.mark.parametrize(
    ("algorithm", "balance"),
    [("roundrobin", ""), ("static-rr", ""), ("leastconn", "least_conn"), ("uri", "hash $ha_lb_path consistent")],
)
def test_view_of_pool(algorithm, balance):
    servers = (Server("web1", "192.0.2.21", 80, weight=3), Server("web2", "192.0.2.22", 80, weight=0))
    view = view_of_pool(Pool("pool", servers, algorithm, Check("http")))
    assert view == {"balance": balance, "weights": {"web1": "weight=3", "web2": "down"}}

# SPDX-License-Identifier: GPL-3.0-or-later
"""Which routes no request reaches."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.traffic.model import Route
from module_utils.traffic.routes import covers, unreachable

ALL = "routes[0] takes all of its requests"


def route(**conditions):
    return Route("pool", **conditions)


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        ({"path_prefix": ("/",)}, {"path_prefix": ("/api",)}, True),
        ({"path_prefix": ("/",)}, {"host": ("a",)}, True),
        ({"path_prefix": ("/api",)}, {"path": ("/api/v1", "/api")}, True),
        ({"path_prefix": ("/api",)}, {"path_prefix": ("/api/v1",)}, True),
        ({"path_prefix": ("/api/v1",)}, {"path_prefix": ("/api",)}, False),
        ({"path_prefix": ("/api",)}, {"path": ("/api/v1", "/b")}, False),
        ({"path_prefix": ("/api",)}, {"host": ("a",)}, False),
        ({"host": ("A.example.org", "b")}, {"host": ("a.example.org",)}, True),
        ({"host": ("a",)}, {"host": ("a", "b")}, False),
        ({"host": ("a",)}, {"host": ("a",), "path": ("/x",)}, True),
        ({"host": ("a",), "path": ("/x",)}, {"host": ("a",)}, False),
        ({"method": ("GET", "PUT")}, {"method": ("GET",)}, True),
        ({"method": ("GET",)}, {}, False),
        ({"path": ("/x",)}, {"path_prefix": ("/x",)}, False),
        ({"header": ("X-A", ("1", "2"))}, {"header": ("x-a", ("2",))}, True),
        ({"header": ("X-A", ("1",))}, {"header": ("X-A", ("1", "2"))}, False),
        ({"header": ("X-A", ("1",))}, {"header": ("X-B", ("1",))}, False),
        ({"header": ("X-A", ("1",))}, {"host": ("a",)}, False),
    ],
)
def test_a_route_takes_all_that_another_would(wide, narrow, covered):
    assert covers(route(**wide), route(**narrow)) == covered
    assert list(unreachable([route(**wide), route(**narrow)])) == ([(1, ALL)] if covered else [])


def test_a_route_that_contradicts_itself():
    wrong = route(path=("/a", "/b"), path_prefix=("/v1",))
    assert list(unreachable([wrong])) == [(0, "no path of it begins with a path_prefix of it")]
    assert list(unreachable([route(path=("/a", "/v1/x"), path_prefix=("/v1",))])) == []


PATHS = ["/", "/a", "/a/b", "/b"]
some = {
    "host": st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple),
    "path": st.lists(st.sampled_from(PATHS), max_size=2).map(tuple),
    "path_prefix": st.lists(st.sampled_from(PATHS), max_size=2).map(tuple),
    "method": st.lists(st.sampled_from(["GET", "PUT"]), max_size=2).map(tuple),
}
routes = st.builds(Route, st.just("pool"), **some)
REQUESTS = list(itertools.product(["a", "b", "c"], ["/", "/a", "/a/b", "/a/b/c", "/b", "/c"], ["GET", "PUT", "POST"]))


def matches(one: Route, request) -> bool:
    host, path, method = request
    return (
        (not one.host or host in one.host)
        and (not one.method or method in one.method)
        and (not one.path or path in one.path)
        and (not one.path_prefix or path.startswith(one.path_prefix))
    )


@given(st.lists(routes, min_size=2, max_size=4))
def test_what_is_called_unreachable_no_request_reaches(given_routes):
    called = {index for index, why in unreachable(given_routes)}
    reached = {
        next((index for index, each in enumerate(given_routes) if matches(each, request)), None) for request in REQUESTS
    }
    assert not called & reached

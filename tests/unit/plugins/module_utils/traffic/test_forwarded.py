# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a service believes who the client is."""

from __future__ import annotations

import pytest
from module_utils.traffic.read import read_traffic
from samples import SHOP, refused


def read(services):
    return read_traffic(services, (), ["web", "api"])


def found(services):
    return refused(read, services)


def shop(**changes):
    return [{**SHOP, **changes}]


def test_the_proxies_in_front_are_named():
    (service,) = read(shop(forwarded={"trust": ["198.51.100.0/24", "2001:db8:1::/48"]})).services
    assert service.trusted == ("198.51.100.0/24", "2001:db8:1::/48")


@pytest.mark.parametrize(
    ("forwarded", "path", "message"),
    [
        ({"trust": ["0.0.0.0/0"]}, ".trust[0]", "0.0.0.0/0 is everybody: name the networks of the proxies in front"),
        ({"trust": ["::/0"]}, ".trust[0]", "::/0 is everybody"),
        ({"trust": ["192.0.2.7/24"]}, ".trust[0]", "did you mean 192.0.2.0/24?"),
        ({"trust": []}, ".trust", "needs at least 1 item"),
        ({"trust": "198.51.100.0/24"}, ".trust", "is not a list"),
        ({}, ".trust", "is missing"),
        ({"trusted": []}, ".trusted", "did you mean trust?"),
        (True, "", "True is not a mapping"),
    ],
)
def test_who_is_believed_without_being_named_is_refused(forwarded, path, message):
    where, said = found(shop(forwarded=forwarded))[0]
    assert where == f"ha_lb_services[0].forwarded{path}"
    assert message in said


def test_headers_of_a_tcp_service_are_refused():
    where = ("ha_lb_services[0].forwarded", "needs mode http: a TCP connection has no headers")
    assert found(shop(mode="tcp", forwarded={"trust": ["198.51.100.0/24"]})) == [where]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual servers and their real servers."""

from __future__ import annotations

import pytest
from configurations import node
from module_utils.keepalived.config.virtual_servers import virtual_servers, whole


def only(text):
    (found,) = virtual_servers(node("lb1", text))
    return found


@pytest.mark.parametrize(
    ("head", "name", "ip", "port"),
    [
        ("192.0.2.10 443", "192.0.2.10 port 443", "192.0.2.10", 443),
        ("192.0.2.10", "192.0.2.10", "192.0.2.10", None),
        ("fwmark 7", "fwmark 7", "", None),
        ("group web", "group web", "", None),
        ("192.0.2.10 https", "192.0.2.10 port https", "192.0.2.10", None),
    ],
)
def test_name_address_and_port(head, name, ip, port):
    found = only(f"virtual_server {head} {{\n}}\n")
    assert (found.name, found.ip, found.port) == (name, ip, port)


@pytest.mark.parametrize(
    ("line", "method", "rewrites"),
    [("", "NAT", True), ("lvs_method DR", "DR", False), ("lb_kind TUN", "TUN", False), ("lb_kind NAT", "NAT", True)],
)
def test_forwarding_method(line, method, rewrites):
    found = only(f"virtual_server 192.0.2.10 443 {{\n{line}\n}}\n")
    assert (found.method, found.rewrites) == (method, rewrites)


def test_real_servers():
    text = "real_server 192.0.2.21 80 {\nweight 3\nTCP_CHECK {\n}\n}\nreal_server 192.0.2.22 {\nweight x\n}\n"
    one, other = only(f"virtual_server 192.0.2.10 443 {{\nquorum 2\n{text}}}\n").reals
    assert (one.name, one.weight, len(one.checkers)) == ("192.0.2.21 port 80", 3, 1)
    assert (other.name, other.port, other.weight, other.checkers) == ("192.0.2.22", None, 1, ())


@pytest.mark.parametrize(
    ("said", "number"), [("5", 5), ("", None), ("-1", None), ("x", None), ("٣", None), ("9" * 12, None)]
)
def test_whole_numbers(said, number):
    assert whole(said) == number

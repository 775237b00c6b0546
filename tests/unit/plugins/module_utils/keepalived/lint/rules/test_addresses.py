# SPDX-License-Identifier: GPL-3.0-or-later
"""The VIPs of an instance on all of its nodes."""

from __future__ import annotations

import pytest
from configurations import findings, instance, places
from module_utils.lint.finding import Severity

OLD, NEW = {"keepalived_version": "2.2.7"}, {"keepalived_version": "2.3.3"}


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({}, Severity.ERROR),
        ({"lb1": NEW}, Severity.ERROR),
        ({"lb1": NEW, "lb2": OLD}, Severity.ERROR),
        ({"lb1": NEW, "lb2": NEW}, Severity.WARNING),
    ],
)
def test_different_lists_of_vips_are_an_error_before_2_3_3(facts, severity):
    texts = instance(vips=("192.0.2.10", "192.0.2.11")), instance(vips=("192.0.2.10",))
    assert [each.severity for each in findings("KA112", *texts, **facts)] == [severity]


def test_every_node_that_lacks_a_vip_is_named():
    found = findings("KA112", instance(vips=("192.0.2.1", "192.0.2.2")), instance(vips=("192.0.2.2", "192.0.2.3")))
    assert [each.message for each in found] == [
        "lb1 does not list 192.0.2.3 in VI_1, and lb2 does",
        "lb2 does not list 192.0.2.1 in VI_1, and lb1 does",
    ]
    assert not findings(
        "KA112", instance(vips=("192.0.2.1", "192.0.2.2")), instance(vips=("192.0.2.2", "192.0.2.1/24"))
    )


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("192.0.2.10/24", "192.0.2.10/25", 1),
        ("192.0.2.10", "192.0.2.10/32", 0),
        ("2001:db8::1", "2001:db8::1/128", 0),
        ("192.0.2.10/24 scope link", "192.0.2.10/24", 1),
        ("192.0.2.10/24 label eth0:1 scope link", "192.0.2.10/24 scope link label eth0:1", 0),
        ("192.0.2.10/24 dev eth0", "192.0.2.10/24", 0),  # the default is the instance's interface
        ("192.0.2.10/24 dev eth1", "192.0.2.10/24", 1),
        ("192.0.2.10/24 dev", "192.0.2.10/24", 1),
    ],
)
def test_prefix_and_options_of_an_address_must_match(first, second, count):
    assert len(findings("KA113", instance(vips=(first,)), instance(vips=(second,)))) == count


EXCLUDED = "virtual_ipaddress_excluded {{ {} }}"
ROUTES = "virtual_routes {{ {} }}"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (EXCLUDED.format("192.0.2.20"), "", ["lb2: vrrp_instance VI_1 {"]),
        (
            EXCLUDED.format("192.0.2.20"),
            EXCLUDED.format("192.0.2.21; 192.0.2.20"),
            ["lb1: virtual_ipaddress_excluded {"],
        ),
        (EXCLUDED.format("192.0.2.10"), "", []),  # a VIP of both
        (
            ROUTES.format("10.0.0.0/8 via 192.0.2.1"),
            ROUTES.format("10.0.0.0/8 via 192.0.2.2"),
            ["lb2: virtual_routes {"],
        ),
        (
            ROUTES.format("10.0.0.0/8 dev a ; 11.0.0.0/8 dev b"),
            ROUTES.format("11.0.0.0/8 dev b ; 10.0.0.0/8 dev a"),
            [],
        ),
        ("virtual_rules { from 192.0.2.10 table 5 }", "", ["lb2: vrrp_instance VI_1 {"]),
    ],
)
def test_excluded_vips_routes_and_rules_must_match(first, second, expected):
    assert places("KA114", instance(first), instance(second)) == expected

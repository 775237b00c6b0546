# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual router ids."""

from __future__ import annotations

import pytest
from configurations import findings, instance, places
from module_utils.lint.finding import Severity

OLD, NEW = {"keepalived_version": "2.2.7"}, {"keepalived_version": "2.3.3"}


def segment(*addresses):
    return {"interfaces": [{"name": "eth0", "addresses": list(addresses), "own": []}]}


def test_virtual_router_ids_are_compared_within_an_instance():
    assert places("KA101", instance(vrid=1), instance(vrid=2), instance(vrid=1)) == ["lb2: virtual_router_id 2"]
    assert not places("KA101", instance(vrid=1), instance(vrid=2, name="VI_2", vips=("192.0.2.20/24",)))
    missing = instance().replace("virtual_router_id 10", "")
    assert [each.message for each in findings("KA101", instance(), missing)] == [
        "lb1 has virtual_router_id 10 and lb2 has none in VI_1, which holds 192.0.2.10"
    ]


def clusters(first="", second="", vips=("192.0.2.30/24",), **facts):
    return findings("KA102", instance(first), instance(second, name="VI_2", vips=vips), **facts)


def test_two_clusters_with_one_virtual_router_id():
    (found,) = clusters()
    assert found.message == (
        "VI_2, which holds 192.0.2.30 has the virtual_router_id 10 of VI_1, which holds 192.0.2.10 on lb1,"
        " on the same network"
    )
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("arguments", "severity"),
    [
        ({"lb1": OLD, "lb2": OLD}, Severity.WARNING),
        ({"lb1": OLD, "lb2": NEW}, Severity.ERROR),
        ({"first": "authentication { auth_type PASS ; auth_pass one }"}, Severity.WARNING),
        ({"first": "version 3"}, Severity.WARNING),
        ({"vips": ("192.0.2.30",)}, Severity.ERROR),  # without a prefix length, /24 is assumed
        ({"vips": ("198.51.100.30/24",)}, None),
        ({"vips": ("192.0.2.130/25",)}, None),
        ({"vips": ("2001:db8::30/64",)}, None),
        ({"first": "mcast_dst_ip 224.0.0.19"}, None),
        ({"first": "unicast_peer { 192.0.2.12 }"}, None),
        ({"lb1": segment("10.0.0.1/8"), "lb2": segment("192.168.0.1/16")}, None),
        ({"lb1": segment("10.0.0.1/8"), "lb2": segment("10.0.0.2/8"), "vips": ("198.51.100.30/32",)}, Severity.ERROR),
        ({"lb1": segment("nonsense"), "lb2": segment("fe80::1/64")}, None),
    ],
)
def test_severity_of_a_shared_virtual_router_id(arguments, severity):
    assert [each.severity for each in clusters(**arguments)] == [severity] * (severity is not None)


@pytest.mark.parametrize(("vrid", "count"), [(1, 1), (50, 1), (51, 1), (52, 0), (255, 0)])
def test_virtual_router_ids_of_samples(vrid, count):
    assert len(findings("KA103", instance(vrid=vrid))) == count
    assert not findings("KA103", instance("unicast_peer { 192.0.2.12 }", vrid=vrid))


@pytest.mark.parametrize(
    ("first", "second", "others", "count"),
    [
        ("", "", {}, 1),
        ("", "", {"vrid": 11}, 0),
        ("", "", {"interface": "eth1"}, 0),
        ("", "", {"vips": ("2001:db8::1",)}, 0),
        ("unicast_peer { 192.0.2.12 }", "unicast_peer { 192.0.2.13 }", {}, 0),
        ("unicast_peer { 192.0.2.12 }", "unicast_peer { 192.0.2.12 }", {}, 1),
        ("unicast_peer { 192.0.2.12 }", "", {}, 0),
    ],
)
def test_one_virtual_router_id_twice_on_a_node(first, second, others, count):
    other = {"vips": ("192.0.2.20/24",), **others}
    assert len(findings("KA104", instance(first) + instance(second, name="VI_2", **other))) == count


def test_other_peers_make_it_legal_since_2_2_5():
    text = instance("unicast_peer { 192.0.2.12 }") + instance("unicast_peer { 192.0.2.13 }", name="VI_2")
    assert len(findings("KA104", text, lb1={"keepalived_version": "2.2.4"})) == 1
    assert not findings("KA104", text, lb1={"keepalived_version": "2.2.5"})

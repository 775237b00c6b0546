# SPDX-License-Identifier: GPL-3.0-or-later
"""How adverts reach the other nodes."""

from __future__ import annotations

import pytest
from configurations import findings, instance, places
from module_utils.lint.finding import Severity


def unicast(own, *peers):
    return f"unicast_src_ip 192.0.2.{own} ; unicast_peer {{ {' ; '.join(f'192.0.2.{each}' for each in peers)} }}"


def has(*addresses):
    return {"interfaces": [{"name": "eth0", "addresses": list(addresses), "own": []}]}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("", unicast(12, 11), ["lb2: unicast_peer {"]),
        ("", "mcast_dst_ip 224.0.0.19", ["lb2: mcast_dst_ip 224.0.0.19"]),
        ("", "mcast_dst_ip 224.0.0.18", []),
        (unicast(11, 12), unicast(12, 11), []),
    ],
)
def test_all_nodes_use_the_same_transport(first, second, expected):
    assert places("KA115", instance(first), instance(second)) == expected


@pytest.mark.parametrize(
    ("lines", "facts", "expected"),
    [
        ((unicast(11, 12), unicast(12, 11)), {}, []),
        ((unicast(11, 12, 13), unicast(12, 11, 13), unicast(13, 11)), {}, ["lb3: unicast_peer {"]),
        ((unicast(11, 12), ""), {}, []),  # KA115 reports unicast on one side only
        (("unicast_peer { 192.0.2.12 }", unicast(12, 19)), {}, []),  # without facts, 192.0.2.19 may be lb1
        (("unicast_peer { 192.0.2.12 }", unicast(12, 19)), {"lb1": has("192.0.2.19/24")}, []),
        (
            ("unicast_peer { 192.0.2.12 }", unicast(12, 19)),
            {"lb1": has("192.0.2.11/24")},
            ["lb2: unicast_peer {", "lb2: 192.0.2.19"],
        ),
        ((unicast(11, 12, 11), unicast(12, 11)), {}, []),  # KA117 reports the own address
        ((unicast(11, 12, 13), unicast(12, 11, 13)), {}, ["lb1: 192.0.2.13", "lb2: 192.0.2.13"]),
    ],
)
def test_every_node_has_all_others_as_peers(lines, facts, expected):
    assert places("KA116", *map(instance, lines), **facts) == expected


def test_a_missing_peer_is_an_error_and_an_unknown_one_a_warning():
    found = findings("KA116", instance(unicast(11, 13)), instance(unicast(12, 11)))
    assert [(each.severity, each.node) for each in found] == [(Severity.ERROR, "lb1"), (Severity.WARNING, "lb1")]
    assert found[0].effect == "lb2 hears nothing from lb1, and both are active for 192.0.2.10 at the same time"


@pytest.mark.parametrize(
    ("lines", "facts", "expected"),
    [
        (unicast(11, 11, 12), {}, ["lb1: 192.0.2.11"]),
        (unicast(11, 12), {}, []),
        ("unicast_peer { 192.0.2.11 }", {}, []),
        ("unicast_peer { 192.0.2.11 }", has("192.0.2.11/24"), ["lb1: 192.0.2.11"]),
    ],
)
def test_no_node_is_its_own_peer(lines, facts, expected):
    assert places("KA117", instance(lines), lb1=facts) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("unicast_src_ip 192.0.2.11", ["lb1: unicast_src_ip 192.0.2.11"]),
        ("unicast_peer { }", ["lb1: unicast_peer {"]),
        ("mcast_src_ip 192.0.2.11", []),
        (unicast(11, 12), []),
        ("", []),
    ],
)
def test_unicast_has_a_peer(lines, expected):
    assert places("KA118", instance(lines)) == expected


def test_unicast_without_a_peer_is_multicast_or_fault():
    silent = "unicast_fault_no_peer ; unicast_src_ip 192.0.2.11"
    assert "FAULT" in findings("KA118", instance(silent))[0].effect
    assert "multicast to 224.0.0.18" in findings("KA118", instance("unicast_src_ip 192.0.2.11"))[0].effect


@pytest.mark.parametrize(
    ("facts", "count"), [({}, 0), (has("192.0.2.11/24"), 0), (has("192.0.2.12/24"), 1), ({"interfaces": []}, 1)]
)
def test_the_source_must_be_an_address_of_the_node(facts, count):
    assert len(findings("KA119", instance(unicast(11, 12)), lb1=facts)) == count


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (unicast(11, 12), 1),
        (unicast(11, 12) + "check_unicast_src", 0),
        ("unicast_peer { 192.0.2.12 max_ttl 255 }", 0),
        ("", 0),
    ],
)
def test_the_source_of_unicast_adverts_is_checked(lines, count):
    assert len(findings("KA120", instance(lines))) == count


@pytest.mark.parametrize(
    ("lines", "version", "count"),
    [
        ("skip_check_adv_addr ; check_unicast_src ; " + unicast(11, 12), "2.2.7", 1),
        ("skip_check_adv_addr ; check_unicast_src ; " + unicast(11, 12), "2.3.3", 0),
        ("skip_check_adv_addr ; check_unicast_src ; " + unicast(11, 12), "", 0),
        ("skip_check_adv_addr ; " + unicast(11, 12), "2.2.7", 0),
        ("check_unicast_src ; " + unicast(11, 12), "2.2.7", 0),
        ("skip_check_adv_addr ; check_unicast_src", "2.2.7", 0),
    ],
)
def test_skip_check_adv_addr_bypasses_the_source_check(lines, version, count):
    assert len(findings("KA121", instance(lines), lb1={"keepalived_version": version})) == count

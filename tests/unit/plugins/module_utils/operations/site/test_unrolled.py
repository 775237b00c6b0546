# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes cannot be rolled, and which can."""

from __future__ import annotations

from dataclasses import replace

import pytest
from module_utils.operations.site.unrolled import unrolled
from module_utils.vrrp.simulation.routers import Generation, Router

OLD, NEW = Generation.BEFORE_2_3_3, Generation.SINCE_2_3_3
NODES = ("lb1", "lb2", "lb3")
ADDRESSES = dict(zip(NODES, ("192.0.2.11", "192.0.2.12", "192.0.2.13"), strict=True))
VIP, OTHER = frozenset({"192.0.2.10"}), frozenset({"192.0.2.10", "192.0.2.20"})
V2 = {"version": 2, "interval": 1.0}
MULTICAST = {"peers": None, "group": "224.0.0.18"}


def cluster(*nodes, **fields):
    return [
        replace(
            Router(
                node, "web", 10, "ipv4", 254 - 4 * rank, VIP, ADDRESSES[node],
                frozenset(ADDRESSES[each] for each in nodes if each != node), generation=OLD,
            ),
            **fields,
        )
        for rank, node in enumerate(nodes)
    ]  # fmt: skip


def pair(**fields):
    return cluster("lb1", "lb2", **fields)


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ({}, V2, "VRRP version 3 becomes 2"),
        (V2, {}, "VRRP version 2 becomes 3"),
        (V2, {**V2, "interval": 2.0}, "advert interval 1 s becomes 2 s"),
        (V2, {**V2, "auth": "PASS secret"}, "the authentication changes"),
        ({**V2, "auth": "PASS one"}, {**V2, "auth": "PASS two"}, "the authentication changes"),
        ({}, {"vrid": 77}, "VRID 10 becomes 77"),
        ({}, MULTICAST, "unicast becomes multicast to 224.0.0.18"),
        (MULTICAST, {}, "multicast to 224.0.0.18 becomes unicast"),
        (MULTICAST, {"peers": None, "group": "224.0.0.19"}, "multicast to 224.0.0.18 becomes 224.0.0.19"),
        ({}, {"addresses": OTHER}, "VIPs 192.0.2.10 becomes 192.0.2.10, 192.0.2.20"),
        ({}, {"vrid": 77, "addresses": OTHER}, "VRID 10 becomes 77, VIPs 192.0.2.10 becomes 192.0.2.10, 192.0.2.20"),
    ],
)
def test_cannot_be_rolled(before, after, what):
    (change,) = unrolled(pair(**before), pair(**after), NODES)
    assert (change.instance, change.what, change.left_out) == ("web", what, ())
    assert [part.after.node for part in change.parts] == ["lb1", "lb2"]
    assert "secret" not in change.what


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({}, {"priority": 100, "preempt": False, "preempt_delay": 9.0, "down_timer_adverts": 5}),
        ({}, {"interval": 1.0}),  # a backup of version 3 learns it from the adverts (RFC 9568 §6.4.2)
        ({"generation": NEW}, {"generation": NEW, "addresses": OTHER}),
        ({"auth": "PASS one"}, {"auth": "PASS two"}),  # version 3 has no authentication
    ],
)
def test_can_be_rolled(before, after):
    assert unrolled(pair(**before), pair(**after), NODES) == ()


def test_added_and_removed_nodes_and_instances_can_be_rolled():
    three = cluster(*NODES)
    assert unrolled(pair(), three, NODES) == unrolled(three, pair(), NODES) == ()
    assert unrolled([], pair(), NODES) == unrolled(pair(), [], NODES) == ()
    assert unrolled(pair(), [*pair(), *pair(instance="api", vrid=11, addresses=frozenset({"192.0.2.30"}))], NODES) == ()
    assert unrolled(cluster("lb1", **MULTICAST), pair(), NODES) == ()


def test_a_new_node_is_not_part_of_the_change():
    (change,) = unrolled(pair(), cluster(*NODES, **V2), NODES)
    assert [part.after.node for part in change.parts] == ["lb1", "lb2"]


def test_one_node_before_keepalived_2_3_3_and_one_since():
    """The older one discards adverts with another list of VIPs."""
    before = [pair()[0], replace(pair()[1], generation=NEW)]
    after = [replace(each, addresses=OTHER) for each in before]
    assert [change.what for change in unrolled(before, after, NODES)] == [
        "VIPs 192.0.2.10 becomes 192.0.2.10, 192.0.2.20"
    ]


def test_nodes_that_reject_each_other_now_can_be_rolled():
    assert unrolled([pair()[0], pair(**V2)[1]], pair(**V2), NODES) == ()


def test_a_node_that_is_changed_already_is_no_part_of_the_change():
    before = [cluster(*NODES, **V2)[0], *cluster(*NODES)[1:]]
    (change,) = unrolled(before, cluster(*NODES, **V2), NODES)
    assert [part.after.node for part in change.parts] == ["lb2", "lb3"]


def test_another_address_of_a_node():
    before = pair()
    after = [
        replace(before[0], address="192.0.2.99"),
        replace(before[1], peers=frozenset({"192.0.2.99"})),
    ]
    (change,) = unrolled(before, after, NODES)
    assert change.what == "source 192.0.2.11 becomes 192.0.2.99"


def test_an_instance_with_another_name_is_matched_by_its_vip():
    (change,) = unrolled(pair(instance="VI_1"), pair(vrid=77), NODES)
    assert change.instance == "web"


@pytest.mark.parametrize("fields", [V2, {"vrid": 77}, MULTICAST, {"addresses": OTHER}])
def test_a_node_outside_the_limit_is_left_out(fields):
    (change,) = unrolled(pair()[:1], pair(**fields), ["lb1"])
    assert change.left_out == ("lb2",)
    assert [part.after.node for part in change.parts] == ["lb1"]


def test_a_limit_with_a_change_that_can_be_rolled():
    assert unrolled(pair()[:1], pair(priority=90), ["lb1"]) == ()

# SPDX-License-Identifier: GPL-3.0-or-later
"""The routers that the role configures, and which adverts reach which router."""

from __future__ import annotations

from dataclasses import replace

import pytest
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster
from module_utils.vrrp.simulation.routers import Generation, reaches, routers_of
from samples import DUAL, LB1, LB2, LB3, VERSION_2, WEB


def routers(nodes=(LB1, LB2, LB3), vips=(WEB,), **options):
    cluster = read_cluster(nodes, vips, **options)
    return routers_of(cluster, lay_out(cluster))


def test_routers_of_a_cluster():
    first, second, last = routers()
    assert first.priority > second.priority > last.priority
    assert {first.node, second.node, last.node} == {"lb1", "lb2", "lb3"}
    assert first.peers == {second.address, last.address}
    assert first.addresses == {"192.0.2.10"}
    assert [each.preempt_delay for each in (first, second, last)] == [5.0, 0.0, 0.0]


def test_routers_of_without_preempting():
    assert {(each.preempt, each.preempt_delay) for each in routers(settings=Settings(preempt=False))} == {(False, 0.0)}


def test_routers_of_with_settings_and_generation():
    cluster = read_cluster([LB1, LB2], [WEB], settings=replace(VERSION_2, auth_pass="pass", transport="multicast"))
    one = routers_of(cluster, lay_out(cluster), Generation.BEFORE_2_3_3)[0]
    assert (one.version, one.interval, one.auth, one.peers) == (2, 1.0, "pass", None)
    assert one.generation is Generation.BEFORE_2_3_3


def test_routers_of_a_dual_stack_vip():
    assert {(each.family, each.sync_group) for each in routers(vips=[DUAL])} == {("ipv4", "dual"), ("ipv6", "dual")}


ONE, OTHER = routers([LB1, LB2])


@pytest.mark.parametrize(
    ("sender", "receiver", "heard"),
    [
        (ONE, OTHER, True),
        (ONE, ONE, False),
        (replace(ONE, vrid=99), OTHER, False),
        (replace(ONE, family="ipv6"), OTHER, False),
        (replace(ONE, peers=frozenset({"192.0.2.99"})), OTHER, False),
        (replace(ONE, peers=None), replace(OTHER, peers=None), True),
        (replace(ONE, peers=None), OTHER, False),
        (ONE, replace(OTHER, peers=None), False),
    ],
)
def test_reaches(sender, receiver, heard):
    assert reaches(sender, receiver) is heard

# SPDX-License-Identifier: GPL-3.0-or-later
"""Which checks of a configuration the model checker gets, and how a failure is put into words."""

from __future__ import annotations

import pytest
from configurations import instance, nodes, spread
from module_utils.keepalived.lint.model_checker.checker import FailurePoint
from module_utils.keepalived.lint.model_checker.contests import contests
from module_utils.vrrp.weights import FAULT_WEIGHT

FAULT = (0, FAULT_WEIGHT)
DEFINED = spread("vrrp_script s { weight -5 } vrrp_script t { } track_file f { file /f } track_process p { process x }")


def checks(lines, before=DEFINED, members=""):
    text = before + instance(lines) + members
    (contest,) = contests(nodes(text, instance(priority=250)))
    return {(check.track.kind, check.track.name): check.adds for check in contest.checks[0]}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", {}),
        ("track_script { s ; t }", {("script", "s"): (0, -5), ("script", "t"): FAULT}),
        ("track_script { s weight 9 }", {("script", "s"): (9, 0)}),
        ("track_script { s weight 9 reverse }", {("script", "s"): (0, -9)}),
        ("track_script { unknown }", {}),  # keepalived ignores it; KA133 reports it
        ("track_interface { eth1 }", {("interface", "eth1"): FAULT}),
        ("track_process { p weight 3 }", {("process", "p"): (3, 0)}),
        ("track_file { f }", {}),  # weight 1: its effect depends on the number in the file
        ("track_file { f weight 0 }", {("file", "f"): FAULT}),
        ("track_interface { eth1 weight 4 ; eth1 weight -3 }", {("interface", "eth1"): (4, -3)}),
        ("track_interface { eth1 weight -200 ; eth1 weight -200 }", {("interface", "eth1"): (0, -253)}),
        ("track_interface { eth1 weight 4 ; eth1 }", {("interface", "eth1"): (4, FAULT_WEIGHT)}),
    ],
)
def test_checks_of_an_instance(lines, expected):
    assert checks(lines) == expected


GROUP = "vrrp_sync_group G { group { VI_1 ; VI_2 } %s }"


@pytest.mark.parametrize(
    ("group", "own", "other", "expected"),
    [
        ("", "track_script { s }", "", {}),  # keepalived removes a member's weighted scripts
        ("", "track_script { t }", "", {("script", "t"): FAULT}),
        ("", "track_interface { eth1 weight -9 }", "", {("interface", "eth1"): FAULT}),
        ("", "track_file { f }", "", {("file", "f"): FAULT}),
        ("", "track_file { f weight 2 }", "", {}),
        ("sync_group_tracking_weight", "track_script { s }", "", {("script", "s"): (0, -5)}),
        ("track_script { s }", "", "", {("script", "s"): (0, -5)}),  # the group's track counts for all members
        ("", "", "track_script { t }", {("script", "t"): FAULT}),  # FAULT of one member is FAULT of all
        ("sync_group_tracking_weight", "", "track_script { s }", {}),
    ],
)
def test_checks_of_a_member_of_a_sync_group(group, own, other, expected):
    members = instance(other, name="VI_2", vrid=20, vips=())
    assert checks(own, DEFINED + spread(GROUP % group), members) == expected


def test_an_instance_with_an_owner_or_one_node_is_no_contest():
    assert not contests(nodes(instance(priority=255), instance(priority=250)))
    assert not contests(nodes(instance()))


def test_the_form_of_a_contest():
    texts = (
        instance("nopreempt ; unicast_src_ip 192.0.2.12"),
        instance("unicast_src_ip 192.0.2.9", priority=250),
        instance(priority=245),
    )
    (contest,) = contests(nodes(*texts))
    assert [(side.priority, side.preempts, side.rank) for side in contest.form] == [
        (254, False, 2),
        (250, True, 1),
        (245, True, 0),  # unknown address
    ]


@pytest.mark.parametrize(
    ("lines", "part", "expected"),
    [
        ("track_script { s }", FailurePoint(0, 0), "the script s fails on lb1"),
        ("track_script { s weight 2 reverse }", FailurePoint(0, 0), "the script s succeeds on lb1"),
        ("track_interface { eth1 }", FailurePoint(0, 0), "the interface eth1 is down on lb1"),
        ("track_process { p }", FailurePoint(0, 0), "the process p is gone on lb1"),
        ("track_file { f weight 0 }", FailurePoint(0, 0), "the file f is not 0 on lb1"),
        ("", FailurePoint(1), "lb2 is down"),
    ],
)
def test_a_failure_in_words(lines, part, expected):
    (contest,) = contests(nodes(DEFINED + instance(lines), instance(priority=250)))
    assert contest.says(frozenset([part])) == expected

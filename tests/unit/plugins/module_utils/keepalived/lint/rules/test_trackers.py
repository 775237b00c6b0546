# SPDX-License-Identifier: GPL-3.0-or-later
"""What instances track, and what only one node has."""

from __future__ import annotations

import pytest
from configurations import findings, instance, places, spread
from module_utils.lint.finding import Severity


def script(lines=""):
    return spread(f"vrrp_script chk {{ script /bin/true {lines} }}")


GROUP = spread("vrrp_sync_group G { group { VI_1 } track_script { chk } }")
TRACKED = "track_script { chk }"


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        (script() + instance(TRACKED), instance(), 1),
        (script() + instance(TRACKED), script("; interval 1 ; rise 1") + instance(TRACKED), 0),
        (script("; fall 3") + instance(TRACKED), script() + instance(TRACKED), 1),
        (script() + instance(TRACKED), script("; weight -5") + instance(TRACKED), 1),
        (script("; weight -5") + instance(TRACKED), script() + instance("track_script { chk weight -5 }"), 0),
        (script() + GROUP + instance(), script() + instance(TRACKED), 0),  # tracked by the group or by the instance
        (instance("track_interface { eth1 }"), instance("track_interface { ens3 }"), 0),
        (instance("track_interface { eth1 }"), instance("track_interface { ens3 weight -5 }"), 1),
    ],
)
def test_the_nodes_track_the_same(first, second, count):
    assert len(findings("KA131", first, second)) == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (instance("track_script { chk }"), ["lb1: chk"]),
        (instance("track_process { haproxy }"), ["lb1: haproxy"]),
        (instance("track_interface { eth9 }"), []),
        (script() + instance(TRACKED), []),
        (script() + instance("track_file { chk }"), ["lb1: chk"]),  # a script, but tracked as a file
        (GROUP + instance(), ["lb1: chk"]),
    ],
)
def test_what_is_tracked_is_defined(text, expected):
    assert places("KA133", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (script() + instance(), ["lb1: vrrp_script chk {"]),
        (script() + instance(TRACKED), []),
        (script() + GROUP + instance(), []),
        (spread("track_process p { process x }") + instance(), ["lb1: track_process p {"]),
        (spread("track_file f { file /f }") + instance(), []),  # FILE_CHECK of a real server may use it
    ],
)
def test_what_is_defined_is_tracked(text, expected):
    assert places("KA134", text) == expected


WEB, API = instance(), instance(name="VI_2", vrid=20, vips=("192.0.2.20/24",))


def test_an_instance_on_one_node_only():
    assert places("KA171", WEB + API, WEB) == ["lb1: vrrp_instance VI_2 {"]
    assert not places("KA171", WEB + API, API + WEB)
    assert not places("KA171", WEB)  # with one configuration, the others are unknown


def test_two_instances_with_swapped_names():
    crossed = WEB.replace("VI_1", "VI_2") + API.replace("VI_2", "VI_1")
    found = findings("KA171", WEB + API, crossed)
    assert {each.severity for each in found} == {Severity.INFO}
    assert found[0].message == ("lb2 has 192.0.2.10 in VI_2, and lb1 has it in VI_1, and something else in VI_2")
    assert not findings("KA171", WEB + API, WEB.replace("VI_1", "web") + API)


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("notify_master /a", "notify_master /a", 0),
        ("notify_master /a", "notify_master /b", 1),
        ("notify_master /a", "", 1),
        ("", "", 0),
    ],
)
def test_notify_scripts_must_match(first, second, count):
    assert len(findings("KA172", instance(first), instance(second))) == count


def settings(router_id):
    return spread(f"global_defs {{ router_id {router_id} }}")


@pytest.mark.parametrize(
    ("ids", "versions", "expected"),
    [
        (("a", "a"), ("2.4.3", "2.4.3"), ["lb2"]),
        (("a", "b"), ("2.4.3", "2.4.3"), []),
        (("a", "b"), ("2.4.3", "2.2.7"), ["lb2"]),
        (("a", "b"), ("2.3.3", "2.4.3"), []),
        (("a", "b"), ("2.3.2", ""), []),
    ],
)
def test_router_ids_and_versions(ids, versions, expected):
    texts = [settings(each) + WEB for each in ids]
    facts = {f"lb{number}": {"keepalived_version": each} for number, each in enumerate(versions, 1)}
    assert [each.node for each in findings("KA173", *texts, **facts)] == expected


def test_router_ids_are_compared_within_a_cluster():
    assert not findings("KA173", settings("a") + WEB, settings("a") + API)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Uplinks: what is read, what is refused, and that a node that is cut off is below all that are not."""

from __future__ import annotations

import pytest
from module_utils.vrrp.host import read_hosts
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Settings, Uplink
from module_utils.vrrp.read import read_cluster, warnings_of
from module_utils.vrrp.simulation.election import effective_priority
from module_utils.vrrp.uplinks import longest_notice, own_addresses, uplinks_config
from module_utils.vrrp.weights import DRAIN_WEIGHT, LEAST_WITH_UPLINKS, UPLINK_WEIGHT
from samples import DUAL, LB1, LB2, NODES, SURPRISES, VIPS, WEB, many_nodes, many_vips, refused, web

NO_HOST = "is not an address that a host can have: it "
NAME = "is a name, and what resolves names may be out of reach: give the address"
INTERVAL = "is not a number of seconds from 0.2 to 60"
GATEWAY = "192.0.2.1"


def found(uplinks, nodes=NODES, vips=VIPS, **options):
    return refused(read_cluster, nodes, vips, uplinks=uplinks, **options)


def test_read_an_address_and_a_mapping():
    cluster = read_cluster(
        NODES, VIPS, uplinks=[GATEWAY, {"address": "2001:DB8::1", "port": 443, "interval_seconds": 2, "fall": 1}]
    )
    assert cluster.uplinks == (Uplink(GATEWAY), Uplink("2001:db8::1", 443, 2.0, 1, 2))
    assert [each.path for each in cluster.uplinks] == ["ha_lb_uplinks[0]", "ha_lb_uplinks[1]"]
    assert read_cluster(NODES, VIPS).uplinks == ()


@pytest.mark.parametrize(
    ("uplink", "path", "message"),
    [
        ("gw", "", f"gw {NAME}"),
        ("gw.example.org", "", f"gw.example.org {NAME}"),
        ({"address": "gw"}, ".address", f"gw {NAME}"),
        ("192.0.2.1/24", "", "192.0.2.1/24 is not an address"),
        ("192.0.2.256", "", "192.0.2.256 is not an address"),
        ("", "", "'' is not an address"),
        (1, "", "1 is not an address"),
        (None, "", "None is not an address"),
        ([GATEWAY], "", f"['{GATEWAY}'] is not an address"),
        ("127.0.0.1", "", f"127.0.0.1 {NO_HOST}is the loopback of every host"),
        ("::1", "", f"::1 {NO_HOST}is the loopback of every host"),
        ("0.0.0.0", "", f"0.0.0.0 {NO_HOST}is of 0.0.0.0/8, which means this network and no host (RFC 1122)"),
        ("::", "", f":: {NO_HOST}means any address, and no host"),
        ("224.0.0.18", "", f"224.0.0.18 {NO_HOST}is a multicast address"),
        ("ff02::12", "", f"ff02::12 {NO_HOST}is a multicast address"),
        ("255.255.255.255", "", f"255.255.255.255 {NO_HOST}is the broadcast address of every network"),
        ("fe80::1", "", f"fe80::1 {NO_HOST}is valid on one interface only"),
        ("192.0.2.255", "", f"192.0.2.255 {NO_HOST}is the broadcast address of 192.0.2.0/24"),
        ({"address": "192.0.2.0"}, "", f"192.0.2.0 {NO_HOST}is the network address of 192.0.2.0/24"),
        ("192.0.2.12", "", "192.0.2.12 is the own address of lb2: name one beyond the cluster"),
        ("2001:db8:0::11", "", "2001:db8::11 is the own address of lb1: name one beyond the cluster"),
        ("192.0.2.20", "", "192.0.2.20 is an address of VIP api, which moves: name one beyond the cluster"),
        ({}, ".address", "is missing"),
        ({"address": GATEWAY, "ports": 1}, ".ports", "unknown key; did you mean port?"),
        ({"address": GATEWAY, "port": 0}, ".port", "0 is not a whole number from 1 to 65535"),
        ({"address": GATEWAY, "interval_seconds": 0.1}, ".interval_seconds", f"0.1 {INTERVAL}"),
        ({"address": GATEWAY, "interval_seconds": 61}, ".interval_seconds", f"61 {INTERVAL}"),
        ({"address": GATEWAY, "fall": 0}, ".fall", "0 is not a whole number from 1 to 60"),
        ({"address": GATEWAY, "rise": 61}, ".rise", "61 is not a whole number from 1 to 60"),
    ],
)
def test_an_uplink_that_is_refused(uplink, path, message):
    assert found([uplink]) == [(f"ha_lb_uplinks[0]{path}", message)]


def test_what_is_wrong_is_reported_at_once():
    wrong = found(["gw", GATEWAY, "127.0.0.1", {"address": GATEWAY}, {"address": GATEWAY, "port": 443}])
    assert [path for path, message in wrong] == ["ha_lb_uplinks[0]", "ha_lb_uplinks[2]", "ha_lb_uplinks[3]"]
    assert wrong[2] == ("ha_lb_uplinks[3]", f"{GATEWAY} is already ha_lb_uplinks[1]")


@pytest.mark.parametrize("value", [None, True, GATEWAY, {"address": GATEWAY}, 1])
def test_what_is_no_list(value):
    [(path, message)] = found(value)
    assert (path, message.rpartition(" is ")[2]) == ("ha_lb_uplinks", "not a list")


def test_more_than_a_handful():
    uplinks = [f"192.0.2.{number}" for number in range(101, 110)]
    assert found(uplinks) == [
        ("ha_lb_uplinks", "has 9 addresses, and 8 are the most: each is asked by every node"),
    ]
    assert found(uplinks[:8]) == []


def test_uplinks_where_nobody_preempts():
    assert found([GATEWAY], settings=Settings(preempt=False)) == [
        (
            "ha_lb_uplinks",
            "needs keepalived_preempt: true, because a node that is cut off lowers its priority, "
            "and peers that do not preempt take no VIP from it",
        )
    ]
    assert found([], settings=Settings(preempt=False)) == []


@pytest.mark.parametrize("surprise", SURPRISES, ids=str)
def test_surprises_are_refused_with_their_path(surprise):
    for value in (surprise, [surprise], [{"address": surprise}], [{"address": GATEWAY, "fall": surprise}]):
        assert all(path.startswith("ha_lb_uplinks") for path, message in found(value))


def test_priorities_that_leave_no_room():
    given = web(priorities={"lb1": 200, "lb2": 100})
    assert found([GATEWAY], vips=given) == [
        (
            "ha_lb_vips[0].priorities",
            "lb2 has 100, and with ha_lb_uplinks 129 is the least: a node that reaches no uplink gives up 126, and "
            "must be below all others",
        )
    ]
    assert found([], vips=given) == []
    assert found([GATEWAY], vips=web(priorities={"lb1": 130, "lb2": 129})) == []
    assert found([GATEWAY], vips=web(priorities={"lb1": 7}, pin="lb1")) == []


def test_more_nodes_than_there_is_room_for():
    uplinks = ["10.0.2.1"]
    assert found(uplinks, many_nodes(9), many_vips(1)) == [
        (
            "ha_lb_uplinks",
            "VIP vip1 may be on 9 nodes, and 8 are the most: a node that reaches no uplink gives up 126, and must be "
            "below all others; pin it to 8",
        )
    ]
    pinned = [{**many_vips(1)[0], "pin": [f"lb{number}" for number in range(1, 9)]}]
    assert found(uplinks, many_nodes(9), pinned) == []


@pytest.mark.parametrize("nodes", range(2, 9))
def test_who_is_cut_off_is_below_the_fit_and_above_the_drained_and_keeps_its_place(nodes):
    cluster = read_cluster(many_nodes(nodes), many_vips(1), uplinks=["10.0.2.1"])
    priorities = lay_out(cluster).instances[0].priorities.values()
    cut_off = [effective_priority(each, [UPLINK_WEIGHT]) for each in priorities]
    drained = [effective_priority(each, [DRAIN_WEIGHT]) for each in priorities]
    assert max(cut_off) < min(priorities)
    assert min(cut_off) > max(drained)
    assert len(set(cut_off)) == nodes
    assert sorted(cut_off) == sorted(each + UPLINK_WEIGHT for each in priorities)
    assert min(priorities) >= LEAST_WITH_UPLINKS


def test_an_address_of_a_host_that_the_input_does_not_name():
    eth1 = {"name": "eth1", "addresses": ["198.51.100.7/24", "192.0.2.10/24"], "own": ["198.51.100.7"]}
    cluster = read_cluster(NODES, VIPS, uplinks=[GATEWAY, "198.51.100.7"])
    assert [(each.path, each.message) for each in own_addresses(cluster, read_hosts({"lb2": [eth1]}))] == [
        ("ha_lb_uplinks[1]", "198.51.100.7 is the own address of lb2 (eth1): name one beyond the cluster")
    ]
    assert list(own_addresses(cluster, {})) == []


def test_a_witness_without_a_second_is_a_warning():
    assert warnings_of(read_cluster(NODES, VIPS, uplinks=[GATEWAY])) == [
        f"ha_lb_uplinks: {GATEWAY} is the only one, and if it fails itself, every node takes itself for cut off"
    ]
    assert warnings_of(read_cluster(NODES, VIPS, uplinks=[GATEWAY, "192.0.2.2"])) == []


def test_what_a_node_reads():
    assert uplinks_config([GATEWAY, {"address": "192.0.2.2", "port": 53}]) == [
        {"address": GATEWAY, "port": None, "interval_seconds": 1.0, "fall": 3, "rise": 2},
        {"address": "192.0.2.2", "port": 53, "interval_seconds": 1.0, "fall": 3, "rise": 2},
    ]
    assert uplinks_config([]) == []
    assert refused(uplinks_config, ["gw"]) != []


def test_how_long_a_loss_goes_unnoticed():
    assert longest_notice(()) == 0
    assert longest_notice([Uplink(GATEWAY)]) == 4 * 1.0 + 0.5 + 2.0
    assert longest_notice([Uplink(GATEWAY), Uplink("192.0.2.2", interval_seconds=5.0, fall=1)]) == 10 + 0.5 + 6.0


def test_the_uplinks_do_not_change_the_layout():
    without = lay_out(read_cluster([LB1, LB2], [WEB, DUAL]))
    assert lay_out(read_cluster([LB1, LB2], [WEB, DUAL], uplinks=[GATEWAY])) == without

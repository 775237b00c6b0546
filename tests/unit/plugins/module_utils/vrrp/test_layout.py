# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.vrrp.layout import HIGHEST_PRIORITY, lay_out, priorities_of
from module_utils.vrrp.read import read_cluster
from samples import API, DUAL, LB1, LB2, LB3, NODES, WEB, laid_out, many_nodes, many_vips

node_counts = st.integers(1, 12)
vip_counts = st.integers(1, 30)


def orders(layout):
    return {instance.name: instance.order for instance in layout.instances}


def vrids(layout):
    return {instance.name: instance.vrid for instance in layout.instances}


@given(node_counts, vip_counts)
def test_lay_out_gives_every_node_another_priority(nodes, vips):
    for instance in laid_out(many_nodes(nodes), many_vips(vips)).instances:
        priorities = list(instance.priorities.values())
        assert len(set(priorities)) == len(priorities) == nodes
        assert min(priorities) >= 1
        assert max(priorities) <= 254


@given(node_counts, vip_counts)
def test_lay_out_keeps_vrids_with_an_additional_vip_or_node(nodes, vips):
    before = vrids(laid_out(many_nodes(nodes), many_vips(vips)))
    assert vrids(laid_out(many_nodes(nodes + 1), many_vips(vips))) == before
    assert {**vrids(laid_out(many_nodes(nodes), many_vips(vips + 1))), **before} == vrids(
        laid_out(many_nodes(nodes), many_vips(vips + 1))
    )


octets = st.lists(st.integers(1, 254), min_size=1, max_size=60, unique=True)


@given(octets, st.integers(1, 255))
def test_lay_out_of_colliding_last_bytes(last_octets, wish):
    """VIPs of two /24 have equal last bytes; their VRIDs differ all the same."""
    addresses = [f"10.0.{third}.{last}/16" for third in (2, 3) for last in last_octets]
    vips = [{"name": f"vip{index}", "addresses": [address]} for index, address in enumerate(addresses)]
    vips[0]["vrid"] = wish
    layout = laid_out(many_nodes(1), vips)
    assert len(set(vrids(layout).values())) == len(vips)
    assert vrids(layout)["vip0"] == wish


def test_lay_out_of_255_vips():
    vips = [{"name": f"vip{index}", "addresses": [f"10.0.{index}.7/8"]} for index in range(255)]
    assert sorted(vrids(laid_out(many_nodes(1), vips)).values()) == list(range(1, 256))


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (["192.0.2.10/24"], [10]),
        (["192.0.2.10/24", "198.51.100.10/24"], [10, 9]),
        (["192.0.2.10/24", "2001:db8::a/64"], [10, 9]),
        (["192.0.2.1/24", "198.51.100.1/24"], [1, 255]),
        (["10.0.1.0/16"], [255]),  # 0 is no VRID
        (["2001:db8::1:20/64"], [0x20]),
    ],
)
def test_lay_out_derives_the_vrid_from_the_last_byte(addresses, expected):
    vips = [{"name": f"vip{index}", "addresses": [each]} for index, each in enumerate(addresses)]
    assert list(vrids(laid_out([LB1], vips)).values()) == expected


def test_lay_out_of_one_vip():
    assert orders(laid_out([LB1, LB2, LB3], [WEB])) == {"web": ("lb1", "lb2", "lb3")}


def test_lay_out_of_two_vips_on_two_nodes():
    assert orders(laid_out([LB1, LB2], [WEB, API])) == {"web": ("lb1", "lb2"), "api": ("lb2", "lb1")}


def test_lay_out_of_a_single_node():
    layout = laid_out([LB1], [WEB, API])
    assert orders(layout) == {"web": ("lb1",), "api": ("lb1",)}
    assert [instance.priorities for instance in layout.instances] == [{"lb1": HIGHEST_PRIORITY}] * 2


def test_lay_out_with_explicit_values():
    layout = laid_out(
        [LB1, LB2, LB3],
        [
            {**WEB, "vrid": 77, "priorities": {"lb1": 100, "lb2": 120, "lb3": 110}},
            {**API, "prefer": ["lb3"]},
        ],
    )
    web, api = layout.instances
    assert (web.vrid, web.order) == (77, ("lb2", "lb3", "lb1"))
    assert dict(web.priorities) == {"lb1": 100, "lb2": 120, "lb3": 110}
    assert api.order[0] == "lb3"


def test_lay_out_of_a_dual_stack_vip():
    layout = laid_out(NODES, [WEB, DUAL])
    web, ipv4, ipv6 = layout.instances
    assert [instance.name for instance in layout.instances] == ["web", "dual_ipv4", "dual_ipv6"]
    assert (ipv4.addresses, ipv6.addresses) == (("192.0.2.30/24",), ("2001:db8::30/64",))
    assert ipv4.vrid == ipv6.vrid == 30
    assert ipv4.priorities == ipv6.priorities
    assert (web.sync_group, ipv4.sync_group, ipv6.sync_group) == (None, "dual", "dual")
    assert layout.sync_groups == {"dual": ("dual_ipv4", "dual_ipv6")}
    assert (dict(ipv4.peers), dict(ipv6.peers)) == (
        {"lb1": "192.0.2.11", "lb2": "192.0.2.12"},
        {"lb1": "2001:db8::11", "lb2": "2001:db8::12"},
    )


def test_lay_out_of_a_configured_sync_group():
    vips = [{**WEB, "prefer": "lb1"}, {**DUAL, "prefer": "lb1"}]
    layout = laid_out(NODES, vips, sync_groups=[{"name": "both", "vips": ["web", "dual"]}])
    assert layout.sync_groups == {"both": ("web", "dual_ipv4", "dual_ipv6")}
    assert {instance.sync_group for instance in layout.instances} == {"both"}


def test_lay_out_of_39_dual_stack_vips():
    vips = [{"name": f"vip{i}", "addresses": [f"10.0.{i}.9/8", f"fd00::{i}:9/64"]} for i in range(1, 40)]
    layout = laid_out(many_nodes(2), vips)
    for family in ("ipv4", "ipv6"):
        used = [instance.vrid for instance in layout.instances if instance.family == family]
        assert len(set(used)) == len(used) == 39


@pytest.mark.parametrize(
    ("count", "steps", "lowest"),
    [
        (1, set(), 254),
        (2, {4}, 250),
        (3, {4, 20}, 230),
        (13, {4, 20}, 30),
        (14, {4, 19}, 22),
        (64, {4}, 2),
        (254, {1}, 1),
    ],
)
def test_priorities_of(count, steps, lowest):
    values = list(priorities_of([f"lb{index}" for index in range(count)]).values())
    assert (values[0], values[-1]) == (254, lowest)
    assert {high - low for high, low in pairwise(values)} == steps


def test_lay_out_avoids_taken_vrids():
    assert vrids(laid_out(NODES, [WEB, API], taken_vrids=[10, 9])) == {"web": 8, "api": 20}


def test_lay_out_shares_a_vrid_between_families_last():
    vips = [{"name": f"four{i}", "addresses": [f"10.0.{i}.1/8"]} for i in range(254)]
    vips += [{"name": "six1", "addresses": ["fd00::1/64"]}, {"name": "six2", "addresses": ["fd00::2/64"]}]
    found = vrids(laid_out([LB1], vips))
    assert len(set(found.values())) == 255
    assert (found["six1"], found["six2"]) == (2, 1)


def test_lay_out_prefers_the_explicit_vrid_and_then_the_one_in_use():
    in_use = [{"vip": "web", "vrid": 99}, {"vip": "api", "vrid": 98}]
    assert vrids(laid_out(NODES, [{**WEB, "vrid": 77}, API, DUAL], in_use=in_use)) == {
        "web": 77,
        "api": 98,
        "dual_ipv4": 30,
        "dual_ipv6": 30,
    }


def test_lay_out_avoids_vrids_in_use():
    in_use = [{"vip": "api", "vrid": 10}]
    assert vrids(laid_out(NODES, [WEB, API], in_use=in_use)) == {"web": 9, "api": 10}


def test_lay_out_of_pinned_vips():
    web, api = laid_out([LB1, LB2, LB3], [{**WEB, "pin": ["lb3", "lb2"]}, {**API, "pin": "lb1"}]).instances
    assert set(web.order) == {"lb2", "lb3"}
    assert set(web.peers) == {"lb2", "lb3"}
    assert dict(api.priorities) == {"lb1": 254}


def test_lay_out_of_a_sync_group_with_one_preference():
    group = [{"name": "both", "vips": ["web", "api"]}]
    web, api = laid_out([LB1, LB2, LB3], [WEB, {**API, "prefer": "lb3"}], sync_groups=group).instances
    assert web.order == api.order
    assert web.order[0] == "lb3"


def test_lay_out_of_200_vips_on_64_nodes_is_fast():
    """It takes less than a second on an idle machine; the limit is for a busy one."""
    cluster = read_cluster(many_nodes(64), many_vips(200))
    begin = time.process_time()
    assert len(lay_out(cluster).instances) == 200
    assert time.process_time() - begin < 5

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from module_utils.cluster.inventory import clusters_of, inventory_conflicts, right_addresses, vip_addresses
from samples import WEB, refused

VIPS = [{"name": "web", "addresses": ["192.0.2.10/24"], "vrid": 51}]
OTHER_VIPS = [{"name": "mail", "addresses": ["192.0.2.99/24"], "vrid": 51}]
MULTICAST = {"keepalived_transport": "multicast"}


def cluster(name: str, vips: Any, first: int = 11, net: str = "192.0.2", **variables: Any) -> dict[str, Any]:
    nodes = [{"name": f"{name}{each}", "address": [f"{net}.{each}"]} for each in (first, first + 1)]
    return {"name": name, "nodes": nodes, "variables": {"ha_lb_vips": vips, **variables}}


def names(*clusters: dict[str, Any]) -> list[str]:
    return [each["name"] for each in inventory_conflicts(clusters)["conflicts"]]


def ours(**variables: Any) -> dict[str, Any]:
    return cluster("ours", VIPS, **variables)


def test_one_vrid_by_multicast_is_a_conflict_that_says_what_to_do() -> None:
    result = inventory_conflicts([ours(**MULTICAST), cluster("edge", OTHER_VIPS, 31, **MULTICAST)])
    assert result["conflicts"] == [
        {
            "name": "vrid 51 ipv4 edge",
            "kind": "inventory",
            "vrid": 51,
            "family": "ipv4",
            "interface": "",
            "source": "edge",
            "mac": "",
            "message": "ha_lb_vips[0]: VIP web (192.0.2.10/24) has VRID 51, and so has VIP mail (192.0.2.99/24) of"
            " cluster edge on the same segment.",
            "advice": "Set ha_lb_vips[0].vrid to another one, such as 1.",
        }
    ]
    assert result["vrids"] == [51]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [({}, MULTICAST), (MULTICAST, {}), ({"keepalived_vmac": True}, {}), ({}, {"keepalived_vmac": True})],
)
def test_unicast_keeps_them_apart_only_if_both_have_it_and_no_virtual_mac(mine: Any, theirs: Any) -> None:
    assert names(ours(**mine), cluster("edge", OTHER_VIPS, 31, **theirs)) == ["vrid 51 ipv4 edge"]
    assert names(ours(), cluster("edge", OTHER_VIPS, 31)) == []


def test_a_node_in_both_clusters_is_a_peer_of_both() -> None:
    assert names(ours(), cluster("edge", OTHER_VIPS, 12)) == ["vrid 51 ipv4 edge"]


@pytest.mark.parametrize(
    "vips",
    [
        pytest.param([{"name": "mail", "addresses": ["192.0.2.99/24"], "vrid": 52}], id="another VRID"),
        pytest.param([{"name": "mail", "addresses": ["2001:db8::99/64"], "vrid": 51}], id="the other family"),
    ],
)
def test_what_is_legal_is_not_flagged(vips: Any) -> None:
    other = cluster("edge", vips, 31, **MULTICAST)
    other["nodes"] = [
        {**each, "address": [*each["address"], f"2001:db8::{each['name'][-2:]}"]} for each in other["nodes"]
    ]
    assert names(ours(**MULTICAST), other) == []


def test_another_segment_is_no_conflict() -> None:
    vips = [{"name": "mail", "addresses": ["198.51.100.99/24"], "vrid": 51}]
    assert names(ours(**MULTICAST), cluster("edge", vips, 31, net="198.51.100", **MULTICAST)) == []


def test_one_address_in_two_clusters_is_a_conflict_whatever_the_transport() -> None:
    vips = [{"name": "copy", "addresses": ["192.0.2.10/24"], "vrid": 7}]
    assert names(ours(), cluster("edge", vips, 31)) == ["address 192.0.2.10 edge"]


def test_a_neighbour_that_is_wrong_in_itself_is_said_and_not_compared() -> None:
    result = inventory_conflicts([ours(), cluster("edge", [{"name": "mail", "addresses": ["nonsense"]}])])
    assert result["conflicts"] == []
    assert result["unseen"] == ["cluster edge: its own variables are wrong, so it was not compared"]


def test_clusters_are_hosts_with_one_list_of_vips_named_like_their_group() -> None:
    hostvars: dict[str, dict[str, Any]] = {
        "lb1": {"ha_lb_vips": VIPS, "ansible_host": "192.0.2.11"},
        "lb2": {"ha_lb_vips": VIPS, "ansible_host": "192.0.2.12"},
        "edge1": {"ha_lb_vips": OTHER_VIPS, "keepalived_auth_pass": "secret"},
        "edge2": {"ha_lb_vips": OTHER_VIPS},
        "lone": {"ha_lb_vips": [{"name": "x"}]},
        "web1": {},
    }
    groups = {
        "all": list(hostvars),
        "ungrouped": [],
        "lb": ["lb1", "lb2"],
        "both": ["lb1", "lb2", "edge1", "edge2"],
        "edge": ["edge1", "edge2"],
    }
    clusters = clusters_of(groups, hostvars, "lb")
    assert [(each["name"], [node["name"] for node in each["nodes"]]) for each in clusters] == [
        ("lb", ["lb1", "lb2"]),
        ("edge", ["edge1", "edge2"]),
        ("lone", ["lone"]),
    ]
    assert "secret" not in str(clusters)


def test_a_part_of_a_cluster_is_no_neighbour_of_the_rest() -> None:
    hostvars = {host: {"ha_lb_vips": VIPS} for host in ("lb1", "lb2", "copy")}
    groups = {"all": list(hostvars), "lb": ["lb1", "lb2"], "solo": ["lb1"], "copies": ["copy"]}
    assert [each["name"] for each in clusters_of(groups, hostvars, "solo")] == ["solo", "copies"]


@pytest.mark.parametrize(
    ("vips", "addresses"),
    [
        (
            [{"addresses": ["192.0.2.10/24", "2001:db8::10/64"]}, {"addresses": ["x"]}],
            ["192.0.2.10/24", "2001:db8::10/64", "x"],
        ),
        ([{"addresses": "192.0.2.10/24"}, {"name": "web"}, {"addresses": None}, "web"], ["192.0.2.10/24"]),
        ({"addresses": ["192.0.2.10/24", None]}, ["192.0.2.10/24"]),
        (None, []),
    ],
)
def test_vip_addresses_of_input_that_nobody_has_checked(vips: Any, addresses: Any) -> None:
    assert vip_addresses(vips) == addresses


def test_addresses_of_right_vips_are_as_they_are_written():
    assert right_addresses([WEB, {**WEB, "name": "six", "addresses": ["2001:DB8::10/64"]}]) == [
        *WEB["addresses"],
        "2001:DB8::10/64",
    ]


def test_addresses_of_wrong_vips_are_refused():
    vips = [WEB, {"name": "six", "addresses": ["2001:DB8::10"]}]
    vips.append(vips)
    assert [path for path, _message in refused(right_addresses, vips)] == [
        "ha_lb_vips[1].addresses[0]",
        "ha_lb_vips[2]",
    ]

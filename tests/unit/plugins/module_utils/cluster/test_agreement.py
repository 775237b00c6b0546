# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.cluster.agreement import disagreements

VIPS = [{"name": "web", "addresses": ["192.0.2.10/24"]}]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"keepalived_vrrp_version": "3", "keepalived_garp_repeat": 9, "ha_lb_address": "192.0.2.12"}, []),
        (
            {"keepalived_vrrp_version": 2},
            [
                "hostvars[lb2].keepalived_vrrp_version: is 2, and is 3 on lb1: the nodes of a cluster must agree",
            ],
        ),
        (
            {"ha_lb_engine": "nginx", "ha_lb_vips": []},
            [
                "hostvars[lb2].ha_lb_engine: is nginx, and is not set on lb1: the nodes of a cluster must agree",
                "hostvars[lb2].ha_lb_vips: is another list than on lb1: the nodes of a cluster must agree",
            ],
        ),
        (
            {"ha_lb_uplinks": ["192.0.2.1"]},
            ["hostvars[lb2].ha_lb_uplinks: is a list, and is not set on lb1: the nodes of a cluster must agree"],
        ),
        (
            {"keepalived_auth_pass": "xxxxxxx0"},
            ["hostvars[lb2].keepalived_auth_pass: is another one than on lb1: the nodes of a cluster must agree"],
        ),
        (
            {"ha_lb_engine": "x" * 1000},
            [
                f"hostvars[lb2].ha_lb_engine: is {'x' * 59}…, and is not set on lb1: the nodes of a cluster must agree",
            ],
        ),
        (
            {"ha_lb_engine": 10**5000},
            [
                "hostvars[lb2].ha_lb_engine: is a number of more than 18 digits, and is not set on lb1: "
                "the nodes of a cluster must agree"
            ],
        ),
        (
            {"ha_lb_vips": None},
            ["hostvars[lb2].ha_lb_vips: is not set, and is a list on lb1: the nodes of a cluster must agree"],
        ),
    ],
)
def test_nodes_that_disagree(changes, expected):
    common = {"ha_lb_vips": VIPS, "keepalived_vrrp_version": 3}
    assert list(map(str, disagreements({"lb1": common, "lb2": {**common, **changes}}))) == expected


def test_one_node_agrees_with_itself():
    assert list(disagreements({"lb1": {"ha_lb_vips": VIPS}})) == []
    assert list(disagreements({})) == []

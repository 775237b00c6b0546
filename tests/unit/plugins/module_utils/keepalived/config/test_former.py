# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.keepalived.config.former import former_peers, moved_addresses

CONFIG = """
vrrp_instance web {{
    virtual_router_id 10
    {peers}
    virtual_ipaddress {{
        192.0.2.10/24
    }}
}}
vrrp_instance api {{
    virtual_router_id 20
    virtual_ipaddress {{
        192.0.2.20/24
        192.0.2.30/24
    }}
}}
"""
NODES = [
    {"name": "lb2", "address": ["192.0.2.12", "2001:db8::12"], "ansible_host": "lb2"},
    {"name": "lb3", "address": [], "ansible_host": "192.0.2.13"},
]


def config(*peers, node="lb2"):
    text = "unicast_peer {\n" + "\n".join(f"{each} min_ttl 255 max_ttl 255" for each in peers) + "\n}" if peers else ""
    return {"node": node, "path": "/etc/keepalived/keepalived.conf", "content": CONFIG.format(peers=text)}


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ([config("192.0.2.11", "192.0.2.13")], ["192.0.2.11"]),
        ([config("192.0.2.11"), config("192.0.2.11", "192.0.2.12", node="lb3")], ["192.0.2.11"]),
        ([config("192.0.2.12", "192.0.2.13")], []),
        ([config()], []),
        ([], []),
        ([{"node": "lb2", "content": 7}], []),
    ],
)
def test_peers_that_left_the_inventory(configs, expected):
    assert former_peers(configs, NODES, {}) == expected


def test_any_address_of_a_node_makes_a_peer_a_node():
    interfaces = {"lb3": [{"name": "eth0", "addresses": ["198.51.100.13/24", "192.0.2.77/24"], "own": []}]}
    assert former_peers([config("192.0.2.77", "192.0.2.78")], NODES, interfaces) == ["192.0.2.78"]
    assert former_peers([config("192.0.2.77", "192.0.2.78")], NODES, interfaces, ["192.0.2.78"]) == []


@pytest.mark.parametrize(
    ("web", "api", "moved"),
    [
        (["192.0.2.10/24"], ["192.0.2.20/24", "192.0.2.30/24"], []),
        (["192.0.2.10/24"], ["192.0.2.20/24"], []),
        (["192.0.2.10/24"], None, []),
        (["192.0.2.10/24", "192.0.2.30/24"], None, ["ha_lb_vips[0].addresses[1]: 192.0.2.30 runs in api, and"]),
        (
            ["192.0.2.10/24", "192.0.2.30/24"],
            ["192.0.2.20/24"],
            ["ha_lb_vips[0].addresses[1]: 192.0.2.30 runs in api, and"],
        ),
    ],
)
def test_an_address_cannot_move_between_running_instances(web, api, moved):
    vips = [{"name": "web", "addresses": web}, *([{"name": "api", "addresses": api}] if api else [])]
    said = moved_addresses([config("192.0.2.12")], vips)
    assert [each[: len(words)] for each, words in zip(said, moved, strict=True)] == moved
    assert moved_addresses([], vips) == []


def test_an_address_may_move_to_a_new_instance():
    vips = [{"name": "web", "addresses": ["192.0.2.10/24"]}, {"name": "new", "addresses": ["192.0.2.30/24"]}]
    assert moved_addresses([config("192.0.2.12")], vips) == []

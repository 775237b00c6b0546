# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.keepalived.former import former_peers

CONFIG = """
vrrp_instance web {{
    virtual_router_id 10
    {peers}
    virtual_ipaddress {{
        192.0.2.10/24
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
def test_peers_that_are_nodes_no_more(configs, expected):
    assert former_peers(configs, NODES) == expected

# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are refused because of where they and the nodes are."""

from __future__ import annotations

import pytest
from inputs import LVS, R5_POOL
from module_utils.cluster.check import check
from samples import DUAL, NODES, WEB, refused

ETH0 = {"name": "eth0", "addresses": ["192.0.2.11/24", "192.0.2.10/24", "2001:db8::11/64"], "own": ["192.0.2.11"]}
INTERFACES = {"lb1": [ETH0]}
INSIDE = {"name": "inside", "addresses": ["10.0.0.1/24"]}
CARD = {"name": "eth1", "addresses": ["10.0.0.11/24"], "own": ["10.0.0.11"]}
WEB1, WEB2 = R5_POOL["servers"]


def found(pool=(), interfaces=(), lacking=None, **variables):
    given = {**LVS["r5"], "ha_lb_pools": [{**R5_POOL, **dict(pool)}], **variables}
    del given["ha_lb_nodes"]
    return refused(
        lambda: check(given, NODES, dict(interfaces), {}, lambda spec, values: [], lacking=lacking),
    )


def servers(*addresses):
    return {"servers": [{**WEB1, "name": f"web{each}", "address": address} for each, address in enumerate(addresses)]}


def test_what_works():
    assert found() == []
    assert found(interfaces=INTERFACES, lacking={"lb1": []}) == []
    assert found({"forwarding": "nat"}, interfaces=INTERFACES) == []
    assert found({**servers("10.9.9.9"), "forwarding": "tunnel"}, interfaces=INTERFACES) == []


@pytest.mark.parametrize(
    ("names", "said"), [(["ip_vs"], "no module ip_vs"), (["ip_vs", "ip_vs_mh"], "no modules ip_vs and")]
)
def test_a_kernel_without_the_modules(names, said):
    ((path, message),) = found(lacking={"lb1": [], "lb2": names})
    assert path == "hostvars[lb2].ha_lb_engine"
    assert message.startswith(f"is lvs, and the kernel of lb2 has {said}")
    assert "linux-image" in message


def test_a_node_that_is_its_own_server():
    why = "which cannot be a server of its own cluster: its packets would go round"
    wanted = [("ha_lb_pools[0].servers[1].address", f"192.0.2.12 is the node lb2, {why}")]
    assert found(servers("192.0.2.21", "192.0.2.12")) == wanted
    assert found(servers("192.0.2.21", "10.0.0.11"), {"lb1": [ETH0, CARD]}) == [
        ("ha_lb_pools[0].servers[1].address", f"10.0.0.11 is the node lb1, {why}")
    ]


def test_a_server_beyond_a_router():
    assert found(servers("10.0.0.21"), {"lb1": [ETH0, CARD]}) == []
    assert found(
        servers("10.0.0.21"), {"lb1": [ETH0, CARD], "lb2": [{**ETH0, "addresses": ["192.0.2.12/24"], "own": []}]}
    ) == [
        (
            "ha_lb_pools[0].servers[0].address",
            "10.0.0.21 is in no subnet of lb2: a packet of forwarding direct goes no further than its segment; tunnel "
            "and nat do",
        )
    ]


def test_replies_that_would_not_come_back():
    nat = {**servers("10.0.0.21"), "forwarding": "nat"}
    assert found(nat) == [
        (
            "ha_lb_pools[0].servers[0].address",
            "10.0.0.21 is in no subnet of a VIP, and with forwarding nat a VIP must be its gateway, or no reply comes "
            "back",
        )
    ]
    both = {"ha_lb_vips": [WEB, INSIDE]}
    nodes = "10.0.0.21 has its gateway on another node than web now and then: "
    findings = found(nat, **both)
    assert ("ha_lb_pools[0].servers[0].address", f"{nodes}put web and inside in one keepalived_sync_groups") in findings
    group = {"keepalived_sync_groups": [{"name": "both", "vips": ["web", "inside"]}]}
    assert [path for path, _message in found(nat, **both, **group) if "servers" in path] == []


def test_families():
    dual = {"ha_lb_vips": [WEB, DUAL], "ha_lb_services": [{**LVS["r5"]["ha_lb_services"][0], "vip": "dual"}]}
    assert found(**dual) == [
        (
            "ha_lb_pools[0].servers",
            "none is of IPv6, and the VIP dual has 2001:db8::30: only forwarding tunnel leads from one family to the "
            "other",
        )
    ]
    assert found({"forwarding": "tunnel"}, **dual) == []
    assert found(servers("192.0.2.21", "2001:db8::21"), **dual) == []
    mask = {"persistence": {"seconds": 1, "netmask": 64}}
    assert found({**servers("192.0.2.21", "2001:db8::21"), **mask}, **dual) == [
        ("ha_lb_pools[0].persistence.netmask", "is of one family, and the VIPs have both: use a pool for each")
    ]
    assert found(mask) == [("ha_lb_pools[0].persistence.netmask", "is 64, and an address of IPv4 has 32 bits")]


def test_all_findings_come_at_once():
    wrong = {**servers("192.0.2.11", "10.0.0.21"), "algorithm": "uri"}
    paths = [path for path, _message in found(wrong, INTERFACES, {"lb1": ["ip_vs"]})]
    assert paths == [
        "ha_lb_pools[0].algorithm",
        "hostvars[lb1].ha_lb_engine",
        "ha_lb_pools[0].servers[0].address",
        "ha_lb_pools[0].servers[1].address",
    ]

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ipaddress

import pytest
from module_utils.vrrp.model import Node, Vip

VIP = Vip("dual", tuple(map(ipaddress.ip_interface, ["2001:db8::10/64", "192.0.2.10/24"])))


def test_families_ipv4_first():
    assert VIP.families == ("ipv4", "ipv6")
    assert [str(each) for each in VIP.addresses_of("ipv6")] == ["2001:db8::10/64"]


@pytest.mark.parametrize(
    ("node", "ipv4", "ipv6"),
    [
        (Node("lb1", ("192.0.2.11", "2001:db8::11")), "192.0.2.11", "2001:db8::11"),
        (Node("lb1", ("198.51.100.11",)), "198.51.100.11", None),  # an explicit address may be in another subnet
        (Node("lb1", (), "192.0.2.11"), "192.0.2.11", None),
        (Node("lb1", (), "198.51.100.11"), None, None),
        (Node("lb1", ("2001:db8::11",), "192.0.2.11"), "192.0.2.11", "2001:db8::11"),
        (Node("lb1"), None, None),
    ],
)
def test_peer_address(node, ipv4, ipv6):
    assert (node.peer_address(VIP, "ipv4"), node.peer_address(VIP, "ipv6")) == (ipv4, ipv6)

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.agent.ear.netlink import Interface, interfaces

ETH0 = Interface(
    **{"name": "eth0", "number": 2, "mac": "02:00:00:00:00:11", "is_up": True, "is_ethernet": True},
    addresses=(("192.0.2.11", 24), ("2001:db8::11", 64), ("fe80::11", 64)),
)


def test_the_loopback_of_this_host():
    (lo,) = [each for each in interfaces() if each.name == "lo"]
    assert (lo.number, lo.is_ethernet, lo.is_hearable()) == (1, False, False)
    assert lo.reaches("127.0.0.2") is bool(lo.addresses)


@pytest.mark.parametrize(
    ("address", "reached"),
    [("192.0.2.200", True), ("192.0.3.1", False), ("2001:db8::5:1", True), ("2001:db8:1::1", False), ("fe80::9", True)],
)
def test_reaches(address, reached):
    assert ETH0.reaches(address) is reached


def test_link_local():
    assert ETH0.link_local() == "fe80::11"
    assert ETH0._replace(addresses=()).link_local() is None


@pytest.mark.parametrize(
    ("more", "hearable"),
    [
        ({}, True),
        ({"has_master": True, "member_of": "bond"}, False),
        ({"has_master": True, "member_of": "bridge"}, False),
        ({"has_master": True, "member_of": "vrf"}, True),
        ({"kind": "vrf"}, False),
        ({"is_ethernet": False}, False),
    ],
)
def test_is_hearable(more, hearable):
    assert ETH0._replace(**more).is_hearable() is hearable

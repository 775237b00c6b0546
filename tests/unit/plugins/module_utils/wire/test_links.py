# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from module_utils.basics.errors import HaLbError, Refused
from module_utils.wire.links import choose, links_of


def link(name, index, flags=("BROADCAST", "UP"), **more):
    return {"ifname": name, "ifindex": index, "flags": flags, "link_type": "ether", "address": f"02::{index}", **more}


LO = link("lo", 1, ("LOOPBACK", "UP"), link_type="loopback")
ETH0 = link("eth0", 2, addr_info=[{"family": "inet6", "local": "fe80::2", "prefixlen": 64}, {"local": "192.0.2.11"}])
DOWN = link("eth1", 3, ("BROADCAST",))
BOND = link("bond0", 4, linkinfo={"info_kind": "bond"})
SLAVE = link("eth2", 5, master="bond0", linkinfo={"info_slave_kind": "bond"})
PORT = link("eth3", 6, master="br0", linkinfo={"info_slave_kind": "bridge"})
VRF = link("red", 7, linkinfo={"info_kind": "vrf"})
MEMBER = link("eth4", 8, master="red", linkinfo={"info_slave_kind": "vrf"})
TUNNEL = link("wg0", 9, link_type="none")
ALL = [LO, ETH0, DOWN, BOND, SLAVE, PORT, VRF, MEMBER, TUNNEL]


def links(*raw):
    return links_of(lambda command: (0, json.dumps(raw or ALL), ""))


def names(chosen):
    return [each.name for each in chosen]


def test_choose_without_names():
    assert names(choose(links(), [])) == ["eth0", "bond0", "eth4"]


def test_links_of():
    eth0 = links(ETH0)[0]
    assert (eth0.name, eth0.number, eth0.mac, eth0.link_local()) == ("eth0", 2, "02::2", "fe80::2")
    assert links(DOWN)[0].link_local() is None


def test_choose_by_name():
    assert names(choose(links(), ["eth3", "eth0", "eth3"])) == ["eth3", "eth0"]


def test_choose_reports_every_wrong_name():
    with pytest.raises(Refused) as refused:
        choose(links(), ["eth9", "eth0", "eth1", "eth2", "lo"])
    assert [str(each) for each in refused.value.findings] == [
        "interfaces[0]: this host has no interface eth9 (it has lo, eth0, eth1, bond0, eth2, eth3, red, eth4, wg0)",
        "interfaces[2]: eth1 is down",
        "interfaces[3]: eth2 is a part of the bond bond0; listen on bond0",
        "interfaces[4]: lo is not an Ethernet interface",
    ]


def test_choose_without_any_usable_link():
    with pytest.raises(Refused, match="none of this host's Ethernet interfaces is up"):
        choose(links(LO, DOWN), [])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((1, "", "Object\nunknown"), "ip does not list the interfaces: Object unknown"),
        ((0, "nonsense", ""), "in a form that cannot be read"),
        ((0, "[5]", ""), "in a form that cannot be read"),
        ((0, '[{"ifname": "eth0"}]', ""), "in a form that cannot be read"),
    ],
)
def test_links_of_a_failing_ip(answer, message):
    with pytest.raises(HaLbError, match=message):
        links_of(lambda command: answer)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody is said to be all that send who may not be."""

from __future__ import annotations

import pytest
from module_utils.keepalived.senders import unlike_senders, vrrp_senders
from module_utils.vrrp.host import Interface
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster

IPV4 = "VRRP over ipv4 comes from these alone: "
INTERFACES = [{"name": "eth0", "addresses": ["192.0.2.11/24"], "own": ["192.0.2.11"]}]


def instance(**changes):
    usual = {"family": "ipv4", "interface": "eth0", "source": "192.0.2.11", "peers": ["192.0.2.12"]}
    return {**usual, "knows_peers": True, **changes}


def test_unicast_comes_from_the_peers_of_all_instances():
    instances = [instance(), instance(peers=["192.0.2.13"]), instance(family="ipv6", peers=["2001:db8::12"])]
    assert vrrp_senders(instances, "unicast", INTERFACES) == [
        f"{IPV4}192.0.2.12, 192.0.2.13",
        "VRRP over ipv6 comes from these alone: 2001:db8::12",
    ]


def test_a_node_without_peers_hears_nobody():
    assert vrrp_senders([instance(peers=[])], "unicast", INTERFACES) == [IPV4.rstrip()]


@pytest.mark.parametrize(
    ("instances", "transport"),
    [
        ([], "unicast"),
        ([instance(knows_peers=False)], "unicast"),
        ([instance(), instance(knows_peers=False)], "unicast"),
        ([instance(source="198.51.100.11")], "multicast"),
        ([instance(interface="eth1")], "multicast"),
        ([instance(interface=None)], "multicast"),
        ([instance(source=None)], "multicast"),
        ([instance(), instance(interface="eth1")], "multicast"),
        ([instance(family="ipv6", source="2001:db8::11", peers=["2001:db8::12"])], "multicast"),
    ],
)
def test_where_a_sender_may_be_unknown_nothing_is_said(instances, transport):
    assert vrrp_senders(instances, transport, INTERFACES) == []


def test_multicast_comes_from_the_peers_where_they_send_from_their_first_address():
    assert vrrp_senders([instance()], "multicast", INTERFACES) == [f"{IPV4}192.0.2.12"]
    assert vrrp_senders([instance()], "multicast", INTERFACES, wanted=False) == []


def eth0(*own):
    return (Interface("eth0", (), frozenset(own)),)


@pytest.mark.parametrize(
    ("transport", "hosts", "found"),
    [
        ("multicast", {"lb1": eth0("192.0.2.11"), "lb2": eth0("192.0.2.12")}, []),
        ("multicast", {"lb1": eth0("192.0.2.1"), "lb2": eth0("192.0.2.2")}, []),
        ("multicast", {"lb1": eth0("192.0.2.11"), "lb2": eth0("192.0.2.2")}, ["lb2"]),
        ("multicast", {"lb1": eth0("192.0.2.11")}, []),
        ("unicast", {"lb1": eth0("192.0.2.11"), "lb2": eth0("192.0.2.2")}, []),
    ],
)
def test_a_node_whose_multicast_its_peers_would_drop_is_refused(transport, hosts, found):
    nodes = [{"name": "lb1", "address": "192.0.2.11"}, {"name": "lb2", "address": "192.0.2.12"}]
    vips = [{"name": "web", "addresses": ["192.0.2.10/24"], "interface": "eth0"}]
    cluster = read_cluster(nodes, vips, Settings(transport=transport))
    findings = list(unlike_senders(cluster, hosts))
    assert [each.path for each in findings] == [f"hostvars[{node}].ha_lb_address" for node in found]
    for each in findings:
        assert each.message == (
            "is 192.0.2.12, and the multicast adverts of lb2 for web come from 192.0.2.2: its peers would drop them; "
            "give that address, or set keepalived_drop_strangers to false"
        )

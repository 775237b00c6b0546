# SPDX-License-Identifier: GPL-3.0-or-later
"""What two configurations differ in, as a sentence with both values and their places."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torn
from hypothesis import given
from hypothesis import strategies as st
from module_utils.operations.split_brain.configuration import configured_apart
from module_utils.operations.split_brain.evidence import part_of, witness_of
from module_utils.vrrp.simulation.routers import Generation, Router, accepts, reaches
from torn import ADDRESSES, VERSION_2, VIP, edit, load


def parts(hostvars):
    return [part_of(witness_of(name, [ADDRESSES[name]], each), VIP) for name, each in hostvars.items()]


def apart(hostvars):
    return [(each.kind.value, each.message) for each in configured_apart(*parts(hostvars))]


def version_2():
    hostvars = torn.torn(VERSION_2)
    for name in hostvars:
        load(hostvars, name, protocol="vrrp2", interval_seconds=1, auth="PASS", destination="224.0.0.18")
    return hostvars


@pytest.mark.parametrize("hostvars", [torn.torn(), version_2()], ids=["unicast", "version 2"])
def test_configurations_that_agree(hostvars):
    assert apart(hostvars) == []


def test_vrids():
    hostvars = torn.torn()
    edit(hostvars, "lb2", "virtual_router_id 51", "virtual_router_id 52")
    load(hostvars, "lb2", vrid=52)
    assert apart(hostvars) == [
        (
            "vrid",
            "lb1 has virtual_router_id 51 (keepalived.conf:6) and lb2 has virtual_router_id 52 (keepalived.conf:6)",
        )
    ]


def test_a_vrid_that_was_changed_back_and_not_loaded():
    hostvars = torn.torn()
    load(hostvars, "lb2", vrid=52)
    ((kind, message),) = apart(hostvars)
    assert kind == "vrid"
    assert message.endswith(
        "lb2 has virtual_router_id 52 in force (though keepalived.conf:6 says virtual_router_id 51)"
    )


def test_versions():
    hostvars = torn.torn()
    edit(hostvars, "lb2", "vrrp_version 3", "vrrp_version 2")
    load(hostvars, "lb2", protocol="vrrp2", interval_seconds=1)
    ((kind, message),) = apart(hostvars)
    assert kind == "version"
    assert message == "lb1 has VRRP version 3 (keepalived.conf:2) and lb2 has VRRP version 2 (keepalived.conf:2)"
    edit(hostvars, "lb2", "interface eth0", "version 2\n    interface eth0")
    assert apart(hostvars)[0][1].endswith("lb2 has VRRP version 2 (keepalived.conf:5)")


def test_intervals_matter_in_version_2():
    hostvars = version_2()
    edit(hostvars, "lb1", "advert_int 1", "advert_int 3")
    load(hostvars, "lb1", interval_seconds=3)
    assert apart(hostvars) == [
        ("interval", "lb1 has advert_int 3 (keepalived.conf:5) and lb2 has advert_int 1 (keepalived.conf:5)")
    ]
    hostvars = torn.torn()
    edit(hostvars, "lb1", "advert_int 0.1", "advert_int 0.5")
    load(hostvars, "lb1", interval_seconds=0.5)
    assert apart(hostvars) == []


def test_passwords_differ_and_are_not_said():
    hostvars = version_2()
    edit(hostvars, "lb2", "secret12", "geheim34")
    ((kind, message),) = apart(hostvars)
    assert kind == "auth"
    assert message == "the auth_pass of lb1 and that of lb2 differ (keepalived.conf:6)"


def test_authentication_on_one_side():
    hostvars = version_2()
    edit(hostvars, "lb2", "authentication {", "nothing {")
    ((kind, message),) = apart(hostvars)
    assert kind == "auth"
    assert message == "lb1 has auth_type PASS (keepalived.conf:6) and lb2 has no authentication (keepalived.conf:1)"


def test_a_peer_that_is_missing():
    hostvars = torn.torn()
    edit(hostvars, "lb2", "192.0.2.11 min_ttl", "192.0.2.99 min_ttl")
    assert apart(hostvars) == [
        ("peers", "lb2 does not have 192.0.2.11 of lb1 among its unicast peers (keepalived.conf:10)")
    ]


def test_no_peers_at_all_is_multicast():
    hostvars = torn.torn()
    edit(hostvars, "lb2", "192.0.2.11 min_ttl 255 max_ttl 255", "")
    ((kind, message),) = apart(hostvars)
    assert kind == "transport"
    assert message.startswith("lb1 has unicast peers (keepalived.conf:10) and lb2 has the multicast group 224.0.0.18")


def test_multicast_groups():
    hostvars = version_2()
    edit(hostvars, "lb2", "interface eth0", "interface eth0\n    mcast_dst_ip 224.0.0.19")
    assert apart(hostvars) == [
        (
            "transport",
            "lb1 has the multicast group 224.0.0.18 and no unicast_peer (keepalived.conf:1) and "
            "lb2 has the multicast group 224.0.0.19 and no unicast_peer (keepalived.conf:1)",
        )
    ]


def test_lists_of_vips_matter_to_an_old_keepalived():
    hostvars = torn.torn()
    edit(hostvars, "lb2", "192.0.2.10/24", "192.0.2.10/24\n192.0.2.13/24")
    load(hostvars, "lb2", addresses=[VIP, "192.0.2.13"])
    assert apart(hostvars) == []
    hostvars["lb1"]["config"]["config"]["facts"]["keepalived_version"] = "2.2.7"
    ((kind, message),) = apart(hostvars)
    assert kind == "addresses"
    assert "lb1 has the VIPs 192.0.2.10 (" in message
    assert "lb2 has the VIPs 192.0.2.10, 192.0.2.13 (" in message
    assert message.endswith("; keepalived before 2.3.3, as on lb1, discards adverts with another list")


def test_a_configuration_that_could_not_be_read_differs_from_none():
    hostvars = torn.torn()
    edit(hostvars, "lb2", "virtual_router_id 51", "virtual_router_id 52")
    hostvars["lb1"]["config"] = {"failed": True}
    assert apart(hostvars) == []


def routers(node, address):
    peers = st.sampled_from([None, frozenset(ADDRESSES.values()), frozenset({"192.0.2.99"}), frozenset({"192.0.2.11"})])
    return st.builds(
        Router,
        node=st.just(node),
        instance=st.just("web"),
        vrid=st.sampled_from([51, 52]),
        family=st.just("ipv4"),
        priority=st.just(250),
        addresses=st.sampled_from([frozenset({VIP}), frozenset({VIP, "192.0.2.13"})]),
        address=st.just(address),
        peers=peers,
        version=st.sampled_from([2, 3]),
        interval=st.sampled_from([1.0, 2.0]),
        auth=st.sampled_from(["", "PASS a", "PASS b", "AH a"]),
        generation=st.sampled_from(Generation),
    )


@given(routers("lb1", "192.0.2.11"), routers("lb2", "192.0.2.12"))
def test_a_difference_is_named_exactly_when_one_does_not_take_the_others_adverts(one, other):
    whole = parts(torn.torn())
    pair = [replace(part, router=router, written=router) for part, router in zip(whole, (one, other), strict=True)]
    silent = not all(reaches(a, b) and accepts(b, a) for a, b in ((one, other), (other, one)))
    assert bool(configured_apart(*pair)) is silent
    assert bool(configured_apart(*reversed(pair))) is silent

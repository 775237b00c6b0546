# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of a configuration: defaults, inheritance and rounding as in keepalived."""

from __future__ import annotations

import pytest
from configurations import node

VIP = "virtual_ipaddress {\n 192.0.2.10/24\n}\n"


def instance(lines="", before="", vip=VIP):
    return node("lb1", f"{before}\nvrrp_instance web {{\n{lines}\n{vip}}}\n").instances[0]


@pytest.mark.parametrize(
    ("attribute", "lines", "expected"),
    [
        ("vrid", "virtual_router_id 51", 51),
        ("vrid", "", None),
        ("vrid", "virtual_router_id 0", None),
        ("vrid", "virtual_router_id 256", None),
        ("vrid", "virtual_router_id x", None),
        ("priority", "", 100),
        ("priority", "state MASTER", 255),
        ("priority", "state MASTER\npriority 90", 90),
        ("priority", "priority 0", 100),
        ("priority", "priority 256", 100),
        ("priority", "priority 90\npriority 91", 91),  # the last one counts
        ("version", "", 2),
        ("version", "version 3", 3),
        ("version", "version 4", 2),
        ("version", "native_ipv6", 3),
        ("advert_interval", "", 1.0),
        ("advert_interval", "advert_int 0.5", 1.0),
        ("advert_interval", "advert_int 0.1", 1.0),
        ("advert_interval", "advert_int 2.4", 2.0),
        ("advert_interval", "version 3\nadvert_int 0.25", 0.25),
        ("down_timer_adverts", "", 3),
        ("down_timer_adverts", "down_timer_adverts 2", 2),
        ("nopreempt", "nopreempt", True),
        ("nopreempt", "", False),
        ("nopreempt", "nopreempt\npreempt", False),
        ("nopreempt", "nopreempt\nstate MASTER", False),
        ("nopreempt", "nopreempt\npriority 255", False),
        ("preempt_delay", "preempt_delay 5", 5.0),
        ("preempt_delay", "preempt_delay 5\nstate MASTER", 0.0),
        ("source", "mcast_src_ip 192.0.2.11", "192.0.2.11"),
        ("source", "unicast_src_ip none", ""),
        ("peers", "", None),
        ("peers", "unicast_peer {\n}", None),
        ("peers", "unicast_peer {\n x\n}", None),
        ("group_address", "", "224.0.0.18"),
        ("group_address", "mcast_dst_ip 224.0.0.19", "224.0.0.19"),
        ("group_address", "native_ipv6", "ff02::12"),
        ("auth_pass", "authentication {\n auth_type PASS\n auth_pass 123456789\n}", "12345678"),
        ("auth_type", "version 3\nauthentication {\n auth_type PASS\n auth_pass 1\n}", ""),
        ("interface", "interface eth1", "eth1"),
    ],
)
def test_settings_of_an_instance(attribute, lines, expected):
    assert getattr(instance(lines), attribute) == expected


@pytest.mark.parametrize(
    ("attribute", "settings", "expected"),
    [
        ("version", "vrrp_version 3", 3),
        ("version", "vrrp_version 9", 2),
        ("down_timer_adverts", "vrrp_down_timer_adverts 4", 4),
        ("interface", "default_interface eth7", "eth7"),
        ("group_address", "vrrp_mcast_group4 224.0.0.20", "224.0.0.20"),
    ],
)
def test_settings_inherited_from_global_defs(attribute, settings, expected):
    assert getattr(instance(before=f"global_defs {{\n{settings}\n}}"), attribute) == expected


def test_invalid_addresses_are_left_out():
    vip = "virtual_ipaddress {\n 2001:DB8::0:10/64 dev eth0\n 300.0.0.1\n 192.0.2.10 label x:1\n}\n"
    found = instance(vip=vip)
    assert [(each.ip, each.prefix, each.options) for each in found.addresses] == [
        ("2001:db8::10", 64, ("dev", "eth0")),
        ("192.0.2.10", None, ("label", "x:1")),
    ]
    assert (found.family, found.version) == ("ipv6", 3)


def test_peers_with_ttl_limits():
    (peer,) = instance("unicast_peer {\n 192.0.2.12 min_ttl 254 max_ttl 255\n}").peers
    assert (peer.ip, peer.min_ttl, peer.max_ttl, peer.place.line) == ("192.0.2.12", 254, 255, 4)


TRACKING = """
vrrp_script a {
 weight -5
}
vrrp_track_file f {
 file /f
}
track_process p {
 process x
 weight 3 reverse
}
vrrp_sync_group G {
 group {
  web other
 }
 track_script {
  a weight 7
 }
}
vrrp_instance web {
 track_script {
  a
  b
 }
 track_file {
  f weight 0
 }
 track_process {
  p
 }
 track_interface {
  eth1 weight -2
 }
}
"""


def test_trackers_and_tracks_with_their_weights():
    found = node("lb1", TRACKING)
    assert [(each.kind, each.name, each.weight, each.reverse) for each in found.trackers] == [
        ("script", "a", -5, False),
        ("file", "f", 1, False),
        ("process", "p", 3, True),
    ]
    assert [(each.kind, each.name, each.weight, each.reverse, each.defined) for each in found.instances[0].tracks] == [
        ("script", "a", -5, False, True),
        ("script", "b", 0, False, False),
        ("file", "f", 0, False, True),
        ("process", "p", 3, True, True),
        ("interface", "eth1", -2, False, True),
    ]
    group = found.group_of(found.instances[0])
    assert group.members == ("web", "other")
    assert [(each.name, each.weight) for each in group.tracks] == [("a", 7)]
    assert not group.weighs


@pytest.mark.parametrize("keyword", ["sync_group_tracking_weight", "global_tracking"])
def test_sync_group_tracking_weight_keeps_weights_of_members(keyword):
    assert node("lb1", f"vrrp_sync_group G {{\n {keyword}\n}}\n").groups[0].weighs


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"keepalived_version": "2.2.7"}, (2, 2, 7)),
        ({"keepalived_version": "v2"}, None),
        ({"keepalived_version": ""}, None),
        ({}, None),
    ],
)
def test_keepalived_version_of_a_node(facts, expected):
    assert node("lb1", "", facts).version == expected


def test_settings_have_a_place_without_global_defs():
    assert node("lb1", "").settings.place == ("keepalived.conf", 1, 1)
    assert node("lb1", "\nvrrp_instance web {\n}\n").settings.place == ("lb1.conf", 1, 1)
    assert node("lb1", "\nglobal_defs {\n}\n").settings.place == ("lb1.conf", 2, 1)


def test_the_place_of_a_setting():
    text = "global_defs {\n vrrp_version 3\n}\nvrrp_instance web {\n priority 9\n}\n"
    found = node("lb1", text)
    web = found.instances[0]
    assert web.at("priority").line == 5
    assert web.at("state").line == 4
    assert found.where(web, "priority").line == 5
    assert found.where(web, "version").line == 2
    assert found.where(web, "advert_int").line == 4

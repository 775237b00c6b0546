# SPDX-License-Identifier: GPL-3.0-or-later
"""Where on its way an advert is lost: on its sender, between the two, or on its receiver."""

from __future__ import annotations

import pytest
import torn
from module_utils.agent.drop_strangers import rules_of, table_of
from module_utils.operations.split_brain.advert_path import lost_on_the_way
from module_utils.operations.split_brain.evidence import part_of, witness_of
from torn import ADDRESSES, VERSION_2, VIP, edit

CHAIN = "table inet cut {{\n\tchain here {{\n\t\ttype filter hook {} priority 0; policy accept;\n\t\t{}\n\t}}\n}}\n"


def lost(hostvars, sender="lb1", receiver="lb2"):
    parts = {name: part_of(witness_of(name, [ADDRESSES[name]], each), VIP) for name, each in hostvars.items()}
    return lost_on_the_way(parts[sender], parts[receiver])


def drop(hostvars, node, hook, rule="ip protocol vrrp drop"):
    hostvars[node]["config"]["config"]["facts"]["firewall"] = CHAIN.format(hook, rule)


def unheard(hostvars, at, sender):
    wire = hostvars[at]["wire"]
    wire["heard"] = [each for each in wire["heard"] if each["source"] != ADDRESSES[sender]]


def uncounted(hostvars, node):
    hostvars[node]["now"] = torn.info(node, 1000)


def multicast():
    hostvars = torn.torn(VERSION_2)
    for each in hostvars.values():
        for heard in each["wire"]["heard"]:
            heard.update(protocol="vrrp2", interval_seconds=1, destination="224.0.0.18", adverts=4)
    return hostvars


@pytest.mark.parametrize("hostvars", [torn.torn(), multicast()], ids=["unicast", "multicast"])
def test_adverts_that_come(hostvars):
    assert lost(hostvars) is None


@pytest.mark.parametrize("hook", ["output", "postrouting", "egress"])
def test_dropped_before_they_leave(hook):
    hostvars = torn.torn()
    unheard(hostvars, "lb1", "lb1")
    unheard(hostvars, "lb2", "lb1")
    drop(hostvars, "lb1", hook)
    cause = lost(hostvars)
    assert (cause.kind.value, cause.message) == (
        "not_sent",
        "the adverts of lb1 for VRID 51 do not leave it: "
        "the rule `ip protocol vrrp drop` in chain here of table inet cut drops them",
    )
    assert lost(hostvars, "lb2", "lb1") is None


def test_a_rule_for_another_peer_is_not_named():
    hostvars = torn.torn()
    unheard(hostvars, "lb1", "lb1")
    drop(hostvars, "lb1", "output", "ip daddr 192.0.2.99 drop")
    assert "a firewall, though no rule is seen to do it, drops them" in lost(hostvars).message


def test_a_rule_for_this_peer_alone():
    hostvars = torn.torn()
    hostvars["lb1"]["wire"]["heard"][0]["destination"] = "192.0.2.13"
    unheard(hostvars, "lb2", "lb1")
    drop(hostvars, "lb1", "output", "ip daddr 192.0.2.12 ip protocol vrrp drop")
    assert lost(hostvars).message.startswith(
        "the adverts of lb1 for VRID 51 for lb2 do not leave it: the rule `ip daddr"
    )


def test_what_might_be_dropped_and_left_is_not_said_to_be_dropped():
    hostvars = torn.torn()
    unheard(hostvars, "lb2", "lb1")
    drop(hostvars, "lb1", "output", "ct state invalid drop")
    assert lost(hostvars).kind.value == "not_come"


def test_lost_between_the_two():
    hostvars = torn.torn()
    unheard(hostvars, "lb2", "lb1")
    drop(hostvars, "lb2", "input")
    cause = lost(hostvars)
    assert cause.kind.value == "not_come"
    assert "leave it and do not come to lb2" in cause.message
    assert cause.cure.endswith("pass protocol 112 from 192.0.2.11 to 192.0.2.12.")


def test_to_the_group_when_by_multicast():
    hostvars = multicast()
    unheard(hostvars, "lb2", "lb1")
    assert "from 192.0.2.11 to 224.0.0.18" in lost(hostvars).message


def test_dropped_where_they_came():
    hostvars = torn.torn()
    uncounted(hostvars, "lb2")
    drop(hostvars, "lb2", "input")
    cause = lost(hostvars)
    assert (cause.kind.value, cause.message) == (
        "not_taken",
        "the adverts of lb1 for VRID 51 come to lb2, and its keepalived does not get them: "
        "the rule `ip protocol vrrp drop` in chain here of table inet cut drops them",
    )
    assert "192.0.2.11" in cause.cure


def test_our_own_table_that_does_not_know_the_peer_is_named():
    hostvars = torn.torn()
    uncounted(hostvars, "lb2")
    hostvars["lb2"]["config"]["config"]["facts"]["firewall"] = table_of(rules_of({"ipv4": {"192.0.2.13"}}))
    cause = lost(hostvars)
    assert (cause.kind.value, "of table inet ha_lb_vrrp drops them" in cause.message) == ("not_taken", True)
    assert cause.cure == "lb2 takes 192.0.2.11 for a stranger: run site, which tells it the addresses of its peers."


def test_our_own_table_that_knows_the_peer_is_not_the_cause():
    hostvars = torn.torn()
    uncounted(hostvars, "lb2")
    ours = table_of(rules_of({"ipv4": {"192.0.2.11"}, "ipv6": set()}))
    drop(hostvars, "lb2", "input", "meta mark 7 drop")
    hostvars["lb2"]["config"]["config"]["facts"]["firewall"] += ours
    assert "the rule `meta mark 7 drop` in chain here of table inet cut drops them" in lost(hostvars).message
    hostvars["lb2"]["config"]["config"]["facts"]["firewall"] = ours
    assert "a firewall, though no rule is seen to do it," in lost(hostvars).message


def test_another_node_whose_adverts_are_counted_does_not_hide_it():
    hostvars = torn.torn()
    third = torn.advert("lb1", "lb2", source="192.0.2.13")
    hostvars["lb2"]["wire"]["heard"].append(third)
    assert lost(hostvars).kind.value == "not_taken"
    hostvars["lb2"]["now"] = torn.info("lb2", 1085)
    assert lost(hostvars) is None


@pytest.mark.parametrize(
    "changes", [{"protocol": "vrrp2"}, {"destination": "224.0.0.18"}, {"auth": "PASS"}, {"protocol": "carp"}]
)
def test_a_stranger_whose_adverts_are_not_counted_is_not_missed(changes):
    hostvars = torn.torn()
    hostvars["lb2"]["wire"]["heard"].append(torn.advert("lb1", "lb2", source="192.0.2.99", **changes))
    assert lost(hostvars) is None


def test_an_advert_that_comes_on_two_interfaces_is_one():
    hostvars = torn.torn()
    hostvars["lb2"]["wire"]["heard"].append(torn.advert("lb1", "lb2", interface="vrrp.51"))
    assert lost(hostvars) is None


def test_the_source_is_the_one_that_is_seen():
    hostvars = torn.torn()
    for each in hostvars.values():
        for heard in each["wire"]["heard"]:
            heard["source"] = heard["source"].replace("192.0.2.11", "192.0.2.111")
    assert lost(hostvars) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda lb2: lb2.update({"now": torn.info("lb2", 3)}),  # keepalived was started again
        lambda lb2: lb2.update({"earlier": {"failed": True}}),
        lambda lb2: lb2.pop("earlier"),
    ],
)
def test_nothing_is_said_where_counts_cannot_be_compared(change):
    hostvars = torn.torn()
    uncounted(hostvars, "lb2")
    change(hostvars["lb2"])
    assert lost(hostvars) is None


@pytest.mark.parametrize("deaf", ["lb1", "lb2"])
def test_nothing_is_said_of_a_node_that_could_not_listen(deaf):
    hostvars = torn.torn()
    hostvars[deaf]["wire"] = {"failed": True}
    assert lost(hostvars) is None


def test_a_wrong_checksum():
    hostvars = torn.torn()
    uncounted(hostvars, "lb2")
    hostvars["lb2"]["wire"]["heard"][1]["checksum"] = "wrong"
    assert lost(hostvars).kind.value == "checksum"


@pytest.mark.parametrize(
    ("peer", "ttl", "wanted"),
    [
        ("192.0.2.11 min_ttl 255 max_ttl 255", 254, "255"),
        ("192.0.2.11 min_ttl 250", 64, "250 to 255"),
        ("192.0.2.11 max_ttl 10", 64, "0 to 10"),
        ("192.0.2.11", 64, None),
        ("192.0.2.11 min_ttl 250", 250, None),
    ],
)
def test_a_hop_limit_that_is_refused(peer, ttl, wanted):
    hostvars = torn.torn()
    edit(hostvars, "lb2", "192.0.2.11 min_ttl 255 max_ttl 255", peer)
    hostvars["lb2"]["wire"]["heard"][1]["ttl"] = ttl
    cause = lost(hostvars)
    assert (cause is None) is (wanted is None)
    if cause:
        assert cause.message.endswith(f"come to lb2 with TTL {ttl}, which takes {wanted} alone (keepalived.conf:11)")


def test_a_hop_limit_by_multicast():
    hostvars = multicast()
    hostvars["lb2"]["wire"]["heard"][1]["ttl"] = 254
    assert lost(hostvars).kind.value == "ttl"


def test_without_configurations_the_way_is_still_looked_at():
    hostvars = torn.torn()
    for each in hostvars.values():
        each["config"] = {"failed": True}
    assert lost(hostvars) is None
    unheard(hostvars, "lb2", "lb1")
    assert lost(hostvars).kind.value == "not_come"

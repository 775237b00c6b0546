# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.wire.conflicts import conflicts
from module_utils.wire.frame import Damaged, Envelope
from module_utils.wire.packet import Advert, decode
from module_utils.wire.survey import MOST_ADDRESSES, MOST_DAMAGED, Ours, Survey, configured_vrids

from lab.adverts import ethernet, ipv4, vrrp2, vrrp3

BOUND = 256 * 1024  # octets of JSON
INSTANCE = {
    "name": "web",
    "vrid": 51,
    "family": "ipv4",
    "addresses": ["192.0.2.10"],
    "sources": ["192.0.2.11", "192.0.2.12"],
}


def folded(*frames, own=False):
    survey = Survey()
    for at, frame in enumerate(frames):
        survey.add("eth0", decode(frame), 100.0 + at / 2, own)
    return survey


def v3(ttl=255, mac="02:00:00:00:00:99", ends=("192.0.2.99", "224.0.0.18"), **more):
    return ethernet(ipv4(vrrp3(**more), ends, ttl), mac)


def test_heard():
    (record,) = folded(v3(priority=100), v3(priority=90, ttl=64), v3(priority=100, mac="02:00:00:00:00:98")).heard()
    assert record == {
        "interface": "eth0",
        "vlan": None,
        "inner_vlan": None,
        "family": "ipv4",
        "vrid": 51,
        "source": "192.0.2.99",
        "mac": "02:00:00:00:00:98",
        "macs": ["02:00:00:00:00:98", "02:00:00:00:00:99"],
        "protocol": "vrrp3",
        "destination": "224.0.0.18",
        "priority": 100,
        "priorities": [90, 100],
        "interval_seconds": 1.0,
        "addresses": ["192.0.2.10"],
        "addresses_left_out": 0,
        "auth": "none",
        "ttl": 64,
        "checksum": "pseudo_header",
        "adverts": 3,
        "first": 100.0,
        "last": 101.0,
        "seconds": 1.0,
        "own": False,
        "goodbye": False,
    }
    json.dumps(record)


@pytest.mark.parametrize(
    "other",
    [v3(vrid=52), v3(ends=("192.0.2.98", "224.0.0.18")), ethernet(ipv4(vrrp2())), ethernet(ipv4(vrrp3()), tags=(7,))],
)
def test_heard_two_records(other):
    assert len(folded(v3(), other).heard()) == 2


def test_heard_goodbye_of_the_last_advert():
    assert folded(v3(), v3(priority=0)).heard()[0]["goodbye"]
    assert not folded(v3(priority=0), v3()).heard()[0]["goodbye"]


def test_heard_own_adverts():
    survey = folded(v3(), own=True)
    survey.add("eth0", decode(v3()), 200.0)
    assert survey.heard()[0]["own"]


def test_damaged_by_sender_and_reason():
    survey = folded(ethernet(ipv4(bytes(3))), ethernet(ipv4(bytes(3))), ethernet(ipv4(bytes(4))))
    assert [(each["source"], each["packets"]) for each in survey.damaged()] == [("192.0.2.99", 2), ("192.0.2.99", 1)]


OURS = Ours(frozenset({51}), frozenset({"192.0.2.10", "2001:db8::10", "192.0.2.11", "192.0.2.12"}))


def surveyed(packets, ours=OURS):
    survey = Survey(ours)
    for at, packet in enumerate(packets):
        survey.add("eth0", packet, 100.0 + at / 100)
    return survey


def test_all_of_a_small_network_is_kept():
    survey = surveyed(decode(v3(vrid=vrid)) for vrid in (51, 52, 53))
    assert [record["vrid"] for record in survey.heard()] == survey.vrids() == [51, 52, 53]
    assert survey.unheard() == []


def flood(family, vrids, sources, addresses):
    """Yield adverts of one router for every source and VRID, each with so many addresses, in VLANs and without."""
    four = family == "ipv4"
    group, prefix = ("224.0.0.18", "203.0.113.") if four else ("ff02::12", "2001:db8:ffff:ffff:ffff:ffff:ffff:")
    listed = tuple(f"{prefix}{number}" for number in range(addresses))
    for source in range(sources):
        own = f"198.51.{source // 256}.{source % 256}" if four else f"2001:db8:f::{source:x}"
        envelope = Envelope(f"02:00:00:00:{source // 256:02x}:{source % 256:02x}", (), family, own, group, 255)
        for vrid in vrids:
            yield Advert(envelope, "vrrp3", vrid, source % 256, 1.0, listed, "none", "pseudo_header", False)
            yield Advert(envelope._replace(vlans=(source,)), "vrrp2", vrid, 9, 1.0, listed, "PASS", "wrong", False)


def test_a_flood_of_everything_is_small_and_hides_no_conflict():
    """Every VRID from many routers with 255 addresses each, and only then those who conflict with us."""
    others = [vrid for vrid in range(1, 256) if vrid != 51]
    attackers = [*flood("ipv4", others, 80, 255), *flood("ipv6", others, 80, 255)]
    late = v3(vrid=77, addresses=("192.0.2.10", *(f"203.0.113.{number}" for number in range(200))))
    survey = surveyed([*attackers, decode(late), decode(v3(priority=255))])
    heard = survey.heard()
    found = conflicts({"lb1": heard}, {}, [INSTANCE], survey.vrids())
    assert {each["kind"] for each in found["conflicts"]} == {"stale_peer", "address_in_use"}
    (claiming,) = [each for each in heard if "192.0.2.10" in each["addresses"] and each["vrid"] == 77]
    assert claiming["addresses_left_out"] == 200 - MOST_ADDRESSES
    assert survey.vrids() == list(range(1, 256))
    assert found["free_vrids"] == []
    assert len(json.dumps({"heard": heard, **found})) < BOUND
    (sentence,) = survey.unheard()
    listed = sum(each["adverts"] for each in heard)
    assert sentence.startswith(f"{len(attackers) + 2 - listed} adverts more, of further strangers: ")


def test_a_flood_on_our_own_vrid_is_small_and_is_a_conflict():
    attackers = [*flood("ipv4", [51], 3000, 255), *flood("ipv6", [51], 3000, 255)]
    survey = surveyed([*attackers, decode(v3(addresses=("192.0.2.10",), vrid=9))])
    found = conflicts({"lb1": survey.heard()}, {}, [INSTANCE], survey.vrids())
    assert {"foreign_cluster", "address_in_use"} == {each["kind"] for each in found["conflicts"]}
    assert len(json.dumps({"heard": survey.heard(), **found})) < BOUND


def test_what_this_host_sends_is_kept_beside_a_flood():
    survey = surveyed(flood("ipv4", [51, 52], 100, 20))
    survey.add("eth0", decode(v3(ends=("192.0.2.11", "224.0.0.18"), addresses=("192.0.2.10",))), 200.0, own=True)
    assert [each["source"] for each in survey.heard() if each["own"]] == ["192.0.2.11"]


def test_damaged_packets_of_a_flood_are_counted():
    survey = surveyed(Damaged("02:00:00:00:00:01", (), f"192.0.2.{number}", "short") for number in range(256))
    assert len(survey.damaged()) == MOST_DAMAGED
    assert survey.unheard() == [f"{256 - MOST_DAMAGED} damaged packets more, of further senders."]


@given(st.lists(st.tuples(st.integers(1, 255), st.integers(0, 30), st.booleans()), max_size=200))
def test_a_conflict_that_comes_among_a_few_is_always_found(senders):
    """Whatever strangers with other VRIDs sent before, the one with ours is in the result."""
    before = [
        decode(v3(vrid=vrid, ends=(f"198.51.100.{source}", "224.0.0.18"), addresses=("203.0.113.1",)))
        for vrid, source, _own in senders
        if vrid != 51
    ]
    heard = surveyed([*before, decode(v3())]).heard()
    assert [each["source"] for each in heard if each["vrid"] == 51] == ["192.0.2.99"]
    assert {each.vrid for each in before} <= set(surveyed(before).vrids())


@pytest.mark.parametrize(
    ("text", "vrids"),
    [
        ("vrrp_instance a {\n    virtual_router_id 51\n}\n  virtual_router_id 7 ! ours\n", {51, 7}),
        ("! virtual_router_id 51\nvirtual_router_ident 9\nvirtual_router_id 5100\n", set()),
        ("", set()),
    ],
)
def test_vrids_of_a_configuration(text, vrids):
    assert configured_vrids(text) == vrids

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.agent.ear.routers import KEPT, Router, Routers
from module_utils.wire.packet import decode
from module_utils.wire.survey import Key, Ours

from lab.adverts import V4, ethernet, ipv4, vrrp3


def advert(ends=V4, ttl=255, mac="02:00:00:00:00:99", **more):
    return decode(ethernet(ipv4(vrrp3(pseudo=ends, **more), ends, ttl), mac))


def heard(*steps):
    """Return the router of these adverts: pairs of a time and an advert."""
    key = Key("eth0", (), "ipv4", 51, V4[0], "vrrp3")
    router = Router(key, steps[0][1], False, steps[0][0])
    for now, each in steps:
        router.add(each, now)
    return router


def test_a_router_that_goes_on():
    same = advert()
    router = heard(*((second, same) for second in range(10)))
    assert (router.adverts, router.first, router.last) == (10, 0, 9)
    assert router.is_active(9 + 4.5)
    assert not router.is_active(9 + 4.7)


def test_who_was_silent_for_longer_than_an_active_one_begins_anew():
    router = heard((0.0, advert()), (3.0, advert(priority=7)), (6.2, advert(mac="02:00:00:00:00:98")))
    assert (router.adverts, router.first, router.macs()) == (3, 6.2, ["02:00:00:00:00:98"])


def test_a_goodbye_ends_it_at_once():
    router = heard((0.0, advert()), (1.0, advert(priority=0)))
    assert not router.is_active(1.0)
    router.add(advert(), 1.5)
    assert (router.first, router.is_active(1.5)) == (1.5, True)


def test_macs_and_priorities_of_now():
    one, other = advert(), advert(mac="02:00:00:00:00:98", priority=90)
    router = heard((0.0, one), (0.5, other), (1.0, one))
    assert (router.macs(), router.priorities()) == (["02:00:00:00:00:98", "02:00:00:00:00:99"], [90, 100])
    for second in range(2, 9):
        router.add(one, float(second))
    assert (router.macs(), router.priorities()) == (["02:00:00:00:00:99"], [100])


def test_a_sender_that_always_changes_is_kept_small():
    router = heard(
        *((0.0, advert(priority=number % 254 + 1, mac=f"02:00:00:00:00:{number:02x}")) for number in range(250))
    )
    assert len(router.macs()) < 30


def test_what_was_routed_or_forged_is_kept_apart():
    routers = Routers()
    for ttl in (255, 254):
        routers.of("eth0", advert(ttl=ttl), False, 0.0)
    assert sorted(each.ttl for each in routers) == [254, 255]


def test_old_ones_are_forgotten_and_leave_room():
    routers = Routers()
    for number in range(200):
        routers.of("eth0", advert((f"198.51.100.{number}", V4[1]), vrid=77), False, 0.0)
    before = routers.left_out
    assert before > 0
    assert routers.forget(KEPT, {"eth0"}) is False
    assert routers.forget(KEPT + 1, {"eth0"}) is True
    assert routers.of("eth0", advert(vrid=77), False, KEPT + 1)
    assert list(routers) != []
    assert routers.forget(KEPT + 1, {"eth1"}) is True
    assert list(routers) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [({}, True), ({"ttl": 254}, False), ({"vrid": 52}, False), ({"ends": ("192.0.2.98", V4[1])}, False)],
)
def test_room_for_peers_is_for_peers(given, kept):
    routers = Routers()
    routers.belong(Ours(frozenset({51, 52}), frozenset()), {(51, "ipv4", V4[0])})
    for vrid in (51, 52):
        for number in range(10):
            routers.of("eth0", advert((f"198.51.100.{number}", V4[1]), vrid=vrid), False, 0.0)
    assert bool(routers.of("eth0", advert(**given), False, 0.0)) is kept

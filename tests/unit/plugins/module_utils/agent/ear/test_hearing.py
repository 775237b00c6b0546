# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.agent.ear import hearing
from module_utils.agent.ear.claims import KEPT, Claims, Question
from module_utils.agent.ear.hearing import MOST_DECODED, Hearing
from module_utils.agent.ear.routers import Routers
from module_utils.wire.survey import MOST_ROUTERS, Ours

from lab.adverts import V4, ethernet, ipv4, ipv6, vrrp3

PEER, VIP, MAC = "192.0.2.99", "192.0.2.10", "02:00:00:00:00:99"


def advert(number=1, ends=V4, **more):
    """Return an advert whose IP packet has this identification."""
    packet = ipv4(vrrp3(pseudo=ends, **more), ends)
    return ethernet(packet[:4] + number.to_bytes(2, "big") + packet[6:])


def arp(sender=VIP, mac=MAC):
    octets = bytes.fromhex(mac.replace(":", ""))
    return b"\xff" * 6 + octets + bytes.fromhex("08060001080006040002") + octets + socket.inet_aton(sender) + bytes(10)


@pytest.fixture
def ear():
    made = Hearing(Routers(), Claims(lambda: 0.5))
    made.names = {2: "eth0"}
    made.claims.want([Question(VIP, "eth0")], 0.0)
    return made


def hear(ear, *frames, now=1.0, own=False, tag=None, link=2):
    ear.hear([(1000.0 + now, link, own, tag, frame) for frame in frames], now, 1000.0 + now)
    return list(ear.routers)


def test_an_advert_that_repeats_is_decoded_once(ear, monkeypatch):
    decoded, decode = [], hearing.decode
    monkeypatch.setattr(hearing, "decode", lambda *given: decoded.append(given) or decode(*given))
    (router,) = hear(ear, *(advert(number) for number in range(200)))
    assert (router.adverts, len(decoded)) == (200, 1)


@pytest.mark.parametrize(
    ("came", "clock", "expected"),
    [(100.2, 100.25, 9.95), (100.0, 100.25, 9.75), (90.0, 100.0, 9.0), (4000.0, 100.0, 10.0), (0.0, 4000.0, 9.0)],
)
def test_when_a_packet_came(ear, came, clock, expected):
    """It was read at 10 s, and the last ones at 9 s; a clock that jumps moves it within that."""
    ear.hear([], 9.0, clock - 1)
    ear.hear([(came, 2, False, None, advert())], 10.0, clock)
    assert [each.last for each in ear.routers] == [pytest.approx(expected)]


@pytest.mark.parametrize("more", [{"priority": 7}, {"vrid": 52}, {"addresses": ("192.0.2.11",)}, {"centiseconds": 99}])
def test_every_other_difference_is_seen(ear, more):
    hear(ear, advert(1), advert(2), advert(3, **more), advert(4))
    adverts = {router.key.vrid: router for router in ear.routers}
    changed = adverts[more.get("vrid", 51)]
    assert (sum(each.adverts for each in adverts.values()), changed.adverts) == (4, 1 if "vrid" in more else 4)


@pytest.mark.parametrize(
    ("frame", "damaged"),
    [
        (advert()[:-1] + b"\xff", 1),
        (ethernet(ipv4(b"\x99" * 30)), 1),
        (ethernet(ipv4(vrrp3()[:5])), 1),
        (advert()[:40], 1),
        (bytes(60), 0),
        (b"", 0),
        (arp()[:30], 0),
    ],
)
def test_what_is_wrong_is_not_heard(ear, frame, damaged):
    assert hear(ear, frame, frame) == []
    assert ear.damaged == 2 * damaged


def test_own_adverts_and_those_of_a_network_that_is_not_listened_to(ear):
    (router,) = hear(ear, advert(), own=True)
    assert router.own
    assert len(hear(ear, advert(), link=3)) == 1


def test_the_same_packet_of_two_networks_is_two(ear):
    ear.names = {2: "eth0", 3: "eth1"}
    ear.routers.belong(Ours(frozenset({51}), frozenset()), ())
    hear(ear, advert(), tag=10)
    hear(ear, advert())
    hear(ear, advert(), link=3)
    assert sorted((each.key.interface, each.key.vlans) for each in ear.routers) == [
        ("eth0", ()),
        ("eth0", (10,)),
        ("eth1", ()),
    ]


def test_a_claim_and_what_is_none(ear):
    asked = ear.claims.of(VIP, "eth0")
    for elsewhere in ({"own": True}, {"tag": 10}, {"link": 3}):
        hear(ear, arp(), **elsewhere)
    assert asked.current(1.0) == []
    hear(ear, arp(), arp("192.0.2.7"))
    assert asked.current(1.0) == [MAC]
    hear(ear, arp(), now=50.0)
    assert asked.current(50.0 + KEPT) == [MAC]


def test_a_neighbour_advertisement(ear):
    ear.claims.want([Question("2001:db8::10", "eth0")], 0.0)
    target = socket.inet_pton(socket.AF_INET6, "2001:db8::10")
    frame = ethernet(ipv6(bytes([136, 0, 0, 0]) + bytes(4) + target, header=58))
    hear(ear, frame)
    assert ear.claims.of("2001:db8::10", "eth0").current(1.0) == [MAC]


def test_a_flood_is_counted_and_what_is_known_is_heard(ear):
    ear.routers.belong(Ours(frozenset({51}), frozenset({VIP})), {(51, "ipv4", PEER)})
    flood = [advert(ends=(f"198.51.100.{number}", V4[1])) for number in range(200)]
    flood += [advert(vrid=vrid, ends=(f"198.51.101.{vrid}", V4[1])) for vrid in range(60, 255)]
    hear(ear, advert())
    hear(ear, *flood, advert(2))
    assert ear.missed == len(flood) - MOST_DECODED
    of_ours = [each for each in ear.routers if each.key.vrid == 51]
    assert len(of_ours) == MOST_ROUTERS + 1
    assert next(each.adverts for each in of_ours if each.key.source == PEER) == 2
    assert ear.routers.left_out > 0


def test_a_peer_is_heard_although_strangers_took_the_room(ear):
    ear.routers.belong(Ours(frozenset({51}), frozenset({VIP})), {(51, "ipv4", PEER)})
    hear(ear, *(advert(ends=(f"198.51.100.{number}", V4[1])) for number in range(200)))
    assert [each.adverts for each in hear(ear, advert()) if each.key.source == PEER] == [1]


def of_a_kind(kind, rest):
    return bytes(12) + kind + rest


def almost_right(at, octet):
    return advert()[:at] + bytes([octet]) + advert()[at + 1 :]


@given(
    st.binary(max_size=120)
    | st.builds(of_a_kind, st.sampled_from([b"\x08\x00", b"\x08\x06", b"\x86\xdd"]), st.binary())
    | st.builds(almost_right, st.integers(0, 53), st.integers(0, 255)),
    st.none() | st.integers(0, 0xFFFF),
)
def test_no_packet_is_a_traceback(frame, tag):
    made = Hearing(Routers(), Claims(lambda: 0.5))
    made.names = {2: "eth0"}
    for number in range(2):
        made.hear([(float(number), 2, False, tag, frame)], float(number), float(number))

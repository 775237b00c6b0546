# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.agent.ear.claims import Claims, Question
from module_utils.agent.ear.config import Instance
from module_utils.agent.ear.findings import PEER_UNHEARD, found, scene_of
from module_utils.agent.ear.netlink import Interface
from module_utils.agent.ear.routers import Routers
from module_utils.agent.ear.told import MOST, Finding, Told
from module_utils.wire.packet import decode
from module_utils.wire.survey import Ours

from lab.adverts import carp, ethernet, ipv4, vrrp3

OURS, PEER, THIRD, VIP = "192.0.2.11", "192.0.2.12", "192.0.2.13", "192.0.2.10"
MACS = {OURS: "02:00:00:00:00:11", PEER: "02:00:00:00:00:12", THIRD: "02:00:00:00:00:13"}
STRANGER = "02:00:00:00:00:66"
WEB = Instance("web", 51, "ipv4", "eth0", 1.0, 3.0, OURS, frozenset({PEER, THIRD}), frozenset({VIP}))
ETH0 = Interface("eth0", 2, MACS[OURS], True, True)


class Segment:
    """A node on a segment, with a clock of its own."""

    def __init__(self, *instances):
        self.instances = instances or (WEB,)
        self.routers, self.claims = Routers(), Claims(lambda: 0.5)
        vips = [Question(each, "eth0") for instance in self.instances for each in instance.addresses]
        self.claims.want([*vips, Question(PEER, "eth0", True), Question(THIRD, "eth0", True)], 0.0)
        self.routers.belong(Ours(frozenset({51}), frozenset({VIP})), {(51, "ipv4", PEER), (51, "ipv4", THIRD)})
        self.interface, self.since = ETH0, 0.0

    def advertise(self, source, begin, end, own=None, mac="", ttl=255, message=None, **more):
        """Have a router advertise each second from `begin` to `end`."""
        said = vrrp3(pseudo=None, **more) if message is None else message
        frame = ethernet(ipv4(said, (source, "224.0.0.18"), ttl), mac or MACS.get(source, STRANGER))
        advert = decode(frame)
        for second in range(int(begin), int(end) + 1):
            self.routers.of("eth0", advert, source == OURS if own is None else own, second).add(advert, second)
        return self

    def claim(self, mac, now, address=VIP):
        self.claims.add(self.claims.wanted(address, "eth0"), mac, now)
        return self

    def found(self, now):
        interfaces, since = {"eth0": self.interface}, {"eth0": self.since} if self.since is not None else {}
        return list(found(scene_of(now, self.instances, self.routers, self.claims, interfaces, since)))

    def names(self, now):
        return [each.name for each in self.found(now)]


def test_all_is_well():
    segment = Segment().advertise(OURS, 0, 30).claim(MACS[PEER], 29, PEER)
    assert segment.found(30) == []


def test_a_backup_hears_its_peer():
    assert Segment().advertise(PEER, 0, 30).claim(MACS[PEER], 29).found(30) == []


@pytest.mark.parametrize(
    ("given", "name", "says"),
    [
        ({"source": "192.0.2.66"}, "vrid 51 ipv4 192.0.2.66", "192.0.2.66 (02:00:00:00:00:66) uses the VRID of web"),
        ({"source": OURS, "own": False}, f"vrid 51 ipv4 {OURS}", "uses the VRID of web on eth0"),
        ({"source": PEER, "ttl": 64}, f"vrid 51 ipv4 {PEER}", "with TTL 64 and not 255, so it was routed or forged"),
        (
            {"source": "192.0.2.66", "message": carp()},
            "carp 51 ipv4 192.0.2.66",
            "speaks CARP with the number 51 of web",
        ),
    ],
)
def test_strangers(given, name, says):
    segment = Segment().advertise(OURS, 0, 30).advertise(begin=20, end=25, **given)
    (finding,) = segment.found(30)
    assert (finding.name, finding.kind) == (name, "stranger")
    assert says in finding.message
    assert segment.names(25 + 29) == [name, "unheard 51 ipv4"]
    assert segment.names(25 + 31) == ["unheard 51 ipv4"]


def test_one_packet_is_no_stranger_yet():
    assert Segment().advertise(OURS, 0, 30).advertise("192.0.2.66", 30, 30).found(30) == []


@pytest.mark.parametrize("interface", ["eth1", "eth0"])
def test_a_stranger_elsewhere_is_none(interface):
    instance = WEB._replace(interface=interface, vrid=52 if interface == "eth0" else 51)
    assert [
        each.kind for each in Segment(instance).advertise("192.0.2.66", 0, 9, addresses=("192.0.2.77",)).found(9)
    ] == []


def test_a_second_mac_of_a_peer():
    segment = Segment()
    for second in range(20):
        segment.advertise(PEER, second, second).advertise(PEER, second, second, mac=STRANGER)
    (finding,) = segment.found(20)
    assert finding.name == f"spoof 51 ipv4 {PEER}"
    assert "02:00:00:00:00:12 and 02:00:00:00:00:66 both advertise" in finding.message


def test_without_known_peers_an_address_of_ours_tells():
    unknown = WEB._replace(peers=frozenset())
    assert Segment(unknown).advertise(PEER, 0, 20).found(20) == []
    (finding,) = (
        Segment(unknown).advertise(PEER, 0, 20).advertise("192.0.2.66", 0, 20, addresses=("192.0.2.77",)).found(20)
    )
    assert finding.kind == "stranger"


@pytest.mark.parametrize(("one", "other"), [(OURS, PEER), (PEER, THIRD)])
def test_two_holders(one, other):
    segment = Segment().advertise(one, 0, 30, priority=254).advertise(other, 20, 30)
    (finding,) = segment.found(30)
    assert (finding.name, finding.kind) == ("split_brain 51 ipv4", "second_holder")
    assert finding.message == (
        f"{one} (priority 254) and {other} (priority 100) keep advertising web (VRID 51) side by side, so each holds "
        "192.0.2.10."
    )


@pytest.mark.parametrize("overlap", [0, 1])
@pytest.mark.parametrize("lasts", range(1, 20))
def test_a_takeover_and_back_is_no_second_holder(overlap, lasts):
    segment = Segment()
    for second in range(60):
        if second <= 20 or second >= 20 + lasts:
            segment.advertise(OURS, second, second)
        if 20 - overlap <= second <= 20 + lasts:
            segment.advertise(PEER, second, second)
        assert segment.names(second) == []


def test_what_was_heard_before_a_gap_is_no_second_holder():
    segment = Segment().advertise(OURS, 0, 30).advertise(PEER, 0, 30)
    segment.since = 28.0
    assert segment.found(30) == []


def test_a_foreign_owner():
    segment = Segment().advertise(OURS, 0, 30).claim(STRANGER, 29)
    (finding,) = segment.found(30)
    assert (finding.name, finding.kind) == ("address 192.0.2.10", "foreign_owner")
    assert finding.message == (
        "02:00:00:00:00:66, which is none of our nodes, answers for 192.0.2.10 (web) on eth0: clients may reach it."
    )


@pytest.mark.parametrize("mac", [MACS[OURS], "00:00:5e:00:01:33"])
def test_an_owner_of_ours(mac):
    assert Segment().advertise(OURS, 0, 30).claim(mac, 29).found(30) == []


def test_a_peer_with_another_mac_is_known_by_its_answer_or_its_adverts():
    segment = Segment().advertise(OURS, 0, 30).claim(STRANGER, 29)
    assert segment.claim(STRANGER, 29, PEER).found(30)[0].name == "address 192.0.2.10 twice"
    assert Segment().advertise(PEER, 0, 30, mac=STRANGER).claim(STRANGER, 29).found(30) == []


def test_a_peer_that_owns_what_it_does_not_advertise():
    segment = Segment().advertise(OURS, 0, 30).claim(MACS[PEER], 9, PEER).claim(MACS[PEER], 20)
    (finding,) = segment.found(30)
    assert finding.name == "address 192.0.2.10 twice"
    assert (
        f"{PEER} ({MACS[PEER]}) answers for 192.0.2.10 (web) on eth0 although it does not advertise it"
        in finding.message
    )


def test_just_after_a_takeover_nothing_is_said_of_owners():
    segment = Segment().advertise(OURS, 0, 20).claim(MACS[PEER], 9, PEER).claim(MACS[PEER], 4)
    assert segment.found(20) == []


def test_our_address_under_another_vrid():
    segment = Segment().advertise(OURS, 0, 30).advertise("192.0.2.66", 0, 30, vrid=77)
    (finding,) = segment.found(30)
    assert (finding.name, finding.kind) == ("address 192.0.2.10", "foreign_owner")
    assert "advertises 192.0.2.10 of web on eth0, under VRID 77 and not 51" in finding.message
    assert Segment().advertise(OURS, 0, 30).advertise(PEER, 0, 30, vrid=77, addresses=("192.0.2.77",)).found(30) == []


@pytest.mark.parametrize(("now", "expected"), [(13, []), (14, ["unheard 51 ipv4"])])
def test_nobody_advertises(now, expected):
    assert Segment().names(now) == expected


def test_nobody_advertises_any_more():
    segment = Segment().advertise(PEER, 0, 20)
    assert segment.names(33) == []
    assert [each.kind for each in segment.found(35)] == ["peer_unheard"]


@pytest.mark.parametrize("interface", [ETH0._replace(is_up=False), None])
def test_on_an_interface_that_is_down_nothing_is_known(interface):
    segment = Segment()
    segment.interface = interface or ETH0
    segment.since = None if interface is None else 0.0
    assert segment.found(1000) == []


def test_a_peer_that_answers_nothing():
    segment = Segment(WEB._replace(peers=frozenset({PEER}))).advertise(OURS, 0, 300)
    segment.claim(MACS[THIRD], 200, THIRD)
    for second in range(200):
        segment.claims.due(float(second))
        if second == 10:
            segment.claim(MACS[PEER], 10, PEER)
    assert [each for each in segment.names(10 + PEER_UNHEARD) if "peer" in each] == []
    (finding,) = [each for each in segment.found(10 + PEER_UNHEARD + 2) if each.name.startswith("peer")]
    assert (finding.name, finding.kind) == (f"peer {PEER}", "peer_unheard")
    assert finding.message == (
        f"{PEER}, a peer of web, answers no ARP on eth0 and is not heard: that node or its network is down."
    )
    segment.claims.forget_silence()
    assert [each for each in segment.names(10 + PEER_UNHEARD + 2) if "peer" in each] == []


def test_a_peer_that_is_heard_need_not_answer():
    segment = Segment().advertise(PEER, 0, 300)
    for second in range(200):
        segment.claims.due(float(second))
    segment.claim(MACS[THIRD], 200, THIRD)
    assert segment.found(200) == []


def finding(name="a", hold=0.0, keep=5.0):
    return Finding(name, "stranger", f"{name}.", hold, keep)


def test_told_once_until_some_time_after_it_is_gone():
    told = Told()
    assert told.update([finding()], 10.0, 1000.0) is True
    assert told.told() == [{"name": "a", "kind": "stranger", "message": "a.", "since": 1000.0}]
    assert [each.name for each in told.new] == ["a"]
    assert told.update([finding()._replace(message="b.")], 11.0, 1001.0) is False
    assert (told.new, told.told()[0]["message"]) == ([], "a.")
    assert told.update([], 16.0, 1006.0) is False
    assert told.update([], 16.1, 1006.1) is True
    assert told.told() == []


def test_what_does_not_last_is_not_told():
    told = Told()
    for now in (0.0, 1.0, 2.0):
        assert told.update([finding(hold=3.0, keep=1.0)], now, now) is False
    told.update([], 4.0, 4.0)
    assert told.update([finding(hold=3.0, keep=1.0)], 5.0, 5.0) is False
    assert told.update([finding(hold=3.0, keep=4.0)], 8.0, 8.0) is True


def test_while_the_cluster_changes_nothing_is_new():
    told = Told()
    told.update([finding("old")], 0.0, 0.0)
    assert told.update([finding("old"), finding("new")], 1.0, 1.0, changing=True) is False
    assert told.update([finding("old"), finding("new", hold=3.0)], 3.0, 3.0) is False
    assert told.update([finding("old"), finding("new")], 4.0, 4.0) is True


def test_after_a_standstill_what_was_doubted_begins_anew():
    told = Told()
    told.update([finding("told"), finding("doubt", hold=3.0)], 0.0, 0.0)
    told.forget_doubts()
    told.update([finding("told"), finding("doubt", hold=3.0)], 4.0, 4.0)
    assert [each["name"] for each in told.told()] == ["told"]


def test_a_flood_of_findings_is_bounded():
    told = Told()
    told.update([finding(f"{number:03}") for number in range(1000)], 0.0, 0.0)
    assert len(told.told()) == MOST

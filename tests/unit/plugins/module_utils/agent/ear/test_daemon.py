# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop on a clock of its own, with packets that come from no network; and what it writes, read again."""

from __future__ import annotations

import json
import os

import pytest
from module_utils.agent.ear import daemon
from module_utils.agent.ear.netlink import Interface
from module_utils.agent.ear.said import ENOUGH, FRESH, read_heard
from module_utils.wire.packet import decode
from module_utils.wire.survey import Survey

from lab.adverts import V4, ethernet, ipv4, ipv6, vrrp2, vrrp3

PEER, VIP = "192.0.2.99", "192.0.2.10"
ETH0 = Interface("eth0", 2, "02:00:00:00:00:11", True, True, addresses=(("192.0.2.11", 24), ("fe80::11", 64)))
WEB = {
    **{"name": "web", "vrid": 51, "family": "ipv4", "interface": "eth0", "interval_seconds": 1},
    **{"down_timer_adverts": 3, "source": "192.0.2.11", "peers": [PEER], "addresses": [VIP]},
}
ADVERT = ethernet(ipv4(vrrp3()))
EPOCH = 1_000_000.0


class Wire:
    """What the ring would be, and what the kernel says of interfaces."""

    def __init__(self):
        self.links, self.waiting, self.sent, self.joined = (ETH0,), [], [], []
        self.dropped, self.is_broken, self.has_changed = 0, False, False

    def read(self):
        if self.is_broken:
            raise OSError(100, "Network is down")
        waiting, self.waiting = self.waiting, []
        return waiting

    def lost(self):
        dropped, self.dropped = self.dropped, 0
        return dropped

    def send(self, name, frame):
        self.sent.append((name, frame))

    def join(self, numbers):
        self.joined += numbers

    def filter(self, program):
        pass

    def close(self):
        self.is_broken = False

    def news(self):
        changed, self.has_changed = self.has_changed, False
        return changed


@pytest.fixture
def wire(monkeypatch):
    made = Wire()
    monkeypatch.setattr(daemon, "Ring", lambda program: made)
    monkeypatch.setattr(daemon, "Netlink", lambda protocol, groups: made)
    monkeypatch.setattr(daemon, "interfaces", lambda: made.links)
    return made


class Node:
    """An ear, and a clock."""

    def __init__(self, wire, folder):
        self.wire, self.folder, self.now, self.epoch = wire, folder, 0.0, EPOCH
        (folder / "instances").write_text(json.dumps({"instances": [WEB]}))
        self.ear = daemon.Ear(*(str(folder / name) for name in ("instances", "uplinks", "heard", "lock")))
        self.ear._last = self.ear._began = self.ear._complete = 0.0

    def run(self, seconds, *frames, own=False, step=0.25):
        """Have these frames come each second."""
        for tick in range(int(seconds / step)):
            if tick % int(1 / step) == 0:
                self.wire.waiting += [(self.epoch + self.now + step, 2, own, None, frame) for frame in frames]
            self.now += step
            self.ear.step(self.now, self.epoch + self.now)
        return json.loads((self.folder / "heard").read_text())

    def text(self):
        return (self.folder / "heard").read_text()


@pytest.fixture
def node(wire, tmp_path):
    return Node(wire, tmp_path)


def names(report):
    return [each["name"] for each in report["findings"]]


def test_it_writes_twice_a_second_whatever_happens(node):
    seen = set()
    for _second in range(10):
        for _half in range(2):
            seen.add(node.run(0.5)["monotonic"])
    assert len(seen) == 20
    assert os.stat(node.folder / "heard").st_mode & 0o777 == 0o644


def test_all_is_well(node):
    report = node.run(60, ADVERT)
    assert (report["findings"], report["problem"], report["lost"]) == ([], "", 0)
    assert [(each["adverts"], each["last"]) for each in report["routers"]] == [(60, 59.25)]
    assert report["interfaces"] == {"eth0": 0.25}


def test_nobody_advertises(node, capsys):
    report = node.run(20)
    message = "Neither this node nor a peer advertises web (VRID 51) on eth0."
    assert [each["message"] for each in report["findings"] if each["name"] == "unheard 51 ipv4"] == [message]
    assert report["findings"][-1]["since"] > EPOCH
    node.run(60)
    assert capsys.readouterr().out.count(message) == 1
    assert "unheard 51 ipv4" not in names(node.run(5, ADVERT))


def test_a_machine_that_stood_still_finds_nothing_in_the_gap(node):
    assert node.run(60, ADVERT)["began"] < 1
    node.now += 3600
    assert names(node.run(13)) == []
    assert node.run(1, ADVERT)["began"] > 3660
    assert names(node.run(13)) == []
    assert names(node.run(5)) == ["unheard 51 ipv4"]


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_clock_that_jumps_says_nothing(node, seconds):
    node.run(60, ADVERT)
    node.epoch += seconds
    report = node.run(60, ADVERT)
    assert (report["findings"], report["interfaces"]) == ([], {"eth0": 0.25})
    assert report["time"] == EPOCH + 119.75 + seconds


def test_a_flood_is_no_silence_and_nothing_to_rely_on(node):
    node.run(60, ADVERT)
    for _second in range(20):
        node.wire.dropped = 1000
        report = node.run(1)
    assert (names(report), report["lost"], report["began"] > 78) == ([], 20_000, True)
    assert report["interfaces"]["eth0"] > 78


def test_while_a_run_changes_the_cluster_nothing_is_told(node):
    (node.folder / "lock").write_text("")
    assert names(node.run(60)) == []
    (node.folder / "lock").unlink()
    assert "unheard 51 ipv4" in names(node.run(20))


def test_a_run_that_was_killed_does_not_silence_it_for_ever(node):
    (node.folder / "lock").write_text("")
    node.run(daemon.CHANGING - 10, step=1.0)
    assert names(node.run(5, step=1.0)) == []
    assert "unheard 51 ipv4" in names(node.run(40, step=0.5))


def test_an_interface_that_is_made_again_is_listened_to_anew(node):
    node.run(10, ADVERT)
    node.wire.links, node.wire.has_changed = (), True
    assert node.run(10, ADVERT)["interfaces"] == {}
    node.wire.links, node.wire.has_changed = (ETH0._replace(number=7),), True
    node.wire.waiting = [(0.0, 7, False, None, ADVERT)] * 5
    report = node.run(1)
    assert report["interfaces"]["eth0"] == report["began"] > 20
    assert node.wire.joined == [2, 7]
    node.wire.waiting = [(0.0, 7, False, None, ADVERT)] * 5
    assert node.run(1)["routers"][0]["adverts"] > 5
    assert "unheard 51 ipv4" not in names(node.run(8))


def test_who_is_asked(node):
    node.run(10)
    assert {name for name, _frame in node.wire.sent} == {"eth0"}
    asked = {frame[38:42] for _name, frame in node.wire.sent}
    assert asked == {bytes([192, 0, 2, 10]), bytes([192, 0, 2, 99])}
    node.wire.links, node.wire.has_changed = (ETH0._replace(is_up=False),), True
    node.run(1)
    before = len(node.wire.sent)
    node.run(60)
    assert len(node.wire.sent) == before


def test_a_peer_that_a_router_is_between_is_not_asked(node):
    (node.folder / "instances").write_text(json.dumps({"instances": [{**WEB, "peers": ["198.51.100.12"]}]}))
    report = node.run(5)
    assert [each["address"] for each in report["answers"]] == [VIP]


def test_its_own_vip_is_its_own(node):
    addresses = (*ETH0.addresses, (VIP, 32))
    node.wire.links = (ETH0._replace(addresses=addresses),)
    (answer,) = [each for each in node.run(5)["answers"] if each["address"] == VIP]
    assert (answer["own"], answer["macs"]) == (True, [ETH0.mac])


def test_a_socket_that_fails_is_opened_again(node, capsys):
    node.run(5, ADVERT)
    node.wire.is_broken = True
    report = node.run(1)
    assert report["problem"] == "Nothing is heard on the wire: network is down."
    assert (report["interfaces"], report["began"]) == ({}, report["monotonic"])
    report = node.run(30, ADVERT)
    assert (report["problem"], report["routers"][0]["adverts"] > 20) == ("", True)
    assert capsys.readouterr().out.count("Nothing is heard") == 1


def test_what_cannot_be_written_is_said_once(node, tmp_path, capsys):
    node.ear._heard = str(tmp_path / "nowhere/heard")
    for _second in range(10):
        node.now += 0.25
        node.ear.step(node.now, node.now)
    assert capsys.readouterr().out.splitlines() == [
        f"What was heard cannot be written to {tmp_path}/nowhere/heard: No such file or directory."
    ]


def test_what_preflight_reads_is_what_a_survey_would_be(node):
    """Whatever the ear leaves out as usual is there again."""
    group = ("fe80::7", "ff02::12")
    many = tuple(f"203.0.113.{number}" for number in range(30))
    frames = [
        ADVERT,
        ethernet(ipv4(vrrp2(77, auth=1, password=b"secret", addresses=many), ("192.0.2.7", V4[1]))),
        ethernet(ipv6(vrrp3(78, addresses=("fe80::1",), pseudo=group), group)),
        ethernet(ipv4(vrrp3(79, 0), V4), tags=(10, 20)),
    ]
    node.run(90, *frames)
    survey = Survey(node.ear._routers.ours)
    for second in range(90):
        for frame in frames:
            survey.add("eth0", decode(frame), EPOCH + 0.25 + second)
    said = read_heard(node.text(), ["eth0"], node.now, EPOCH + node.now)
    assert said.seconds == 89.5
    assert said.vrids == [51, 77, 78, 79]
    expected = survey.heard()
    for each in expected:  # a router that says goodbye begins anew
        each["first"], each["seconds"] = (each["last"], 0.0) if each["goodbye"] else (each["first"], each["seconds"])
    assert sorted(said.heard, key=lambda each: each["vrid"]) == sorted(expected, key=lambda each: each["vrid"])


def test_own_adverts_are_own_to_preflight(node):
    node.run(90, ADVERT, own=True)
    said = read_heard(node.text(), ["eth0"], node.now, EPOCH + node.now)
    assert [each["own"] for each in said.heard] == [True]


def test_who_is_silent_by_now_is_not_heard_by_preflight(node):
    node.run(90, ADVERT)
    node.run(6)
    said = read_heard(node.text(), ["eth0"], node.now, EPOCH + node.now)
    assert (said.heard, said.vrids) == ([], [51])


@pytest.mark.parametrize(
    ("names", "seconds", "late"),
    [
        (["eth0"], ENOUGH - 1, 0.0),
        (["eth0"], 90, FRESH + 0.1),
        (["eth0"], 90, -1.0),
        (["eth0", "eth1"], 90, 0.0),
        ([], 90, 0.0),
    ],
)
def test_what_cannot_be_relied_on(node, names, seconds, late):
    node.run(seconds, ADVERT)
    assert read_heard(node.text(), names, node.now + late, 0.0) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("problem", "Nothing is heard."),
        ("interfaces", {"eth0": "yes"}),
        ("interfaces", []),
        ("monotonic", "now"),
        ("routers", [5]),
        ("routers", [{}]),
        ("routers", {"a": 1}),
    ],
)
def test_what_is_no_report(node, key, value):
    report = node.run(90, ADVERT)
    assert read_heard(json.dumps(report), ["eth0"], node.now, 0.0)
    assert read_heard(json.dumps({**report, key: value}), ["eth0"], node.now, 0.0) is None


@pytest.mark.parametrize("key", ["vrid", "protocol", "mac", "addresses", "last", "own"])
@pytest.mark.parametrize("value", [None, "x", [[]], 1e400])
def test_a_record_that_is_none(node, key, value):
    report = node.run(90, ADVERT)
    wrong = {**report, "routers": [{**report["routers"][0], key: value}]}
    said = read_heard(json.dumps(wrong), ["eth0"], node.now, 0.0)
    assert said is None or (key, value) == ("mac", "x")


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '{"monotonic": 1e400}'])
def test_a_text_that_is_none(text):
    assert read_heard(text, ["eth0"], 0.0, 0.0) is None

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from module_utils.wire import survey as of_survey
from module_utils.wire.packet import decode
from module_utils.wire.survey import Survey

from lab.adverts import ethernet, ipv4, vrrp2, vrrp3


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


def test_add_a_flood_of_sources(monkeypatch):
    monkeypatch.setattr(of_survey, "MOST_ROUTERS", 2)
    monkeypatch.setattr(of_survey, "MOST_DAMAGED", 2)
    flood = [v3(ends=(f"192.0.2.{number}", "224.0.0.18")) for number in (1, 2, 3, 1)]
    survey = folded(*flood, v3(vrid=52), *(ethernet(ipv4(bytes(size))) for size in (1, 2, 3)))
    heard = [(record["vrid"], record["source"], record["adverts"]) for record in survey.heard()]
    assert heard == [(51, "192.0.2.1", 2), (51, "192.0.2.2", 1), (52, "192.0.2.99", 1)]
    assert (survey.left_out, len(survey.damaged())) == (1, 2)

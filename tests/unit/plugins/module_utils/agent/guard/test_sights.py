# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is read to what the judge is told, and what keepalived has loaded."""

from __future__ import annotations

import socket

import pytest
from module_utils.agent.guard.loaded import loaded
from module_utils.agent.guard.sight import Heard
from module_utils.agent.guard.sights import Link, answers_of, heard_of, is_an_ears, loaded_of, read_mapping, sights_of
from module_utils.agent.netlink import HostAddress

CONFIG = """
global_defs {
    router_id lb1
    vrrp_version 3
}
vrrp_sync_group all {
    group {
        web
    }
}
vrrp_instance web {
    interface eth0
    virtual_router_id 51
    priority 254
    advert_int 0.1
    preempt_delay 5
    authentication {
        auth_type PASS
        auth_pass secret
    }
    unicast_src_ip 192.0.2.1
    unicast_peer {
        192.0.2.2
    }
    virtual_ipaddress {
        192.0.2.10/24
        192.0.2.11/24
    }
}
"""
WEB = loaded(CONFIG)["instances"][0]
NOW = 100.0


def router(**change):
    usual = {"interface": "eth0", "vrid": 51, "family": "ipv4", "source": "192.0.2.2", "own": False, "priority": 253}
    return {**usual, "last": NOW, **change}


def ear(*routers, **change):
    return {"monotonic": NOW, "began": NOW - 60, "routers": list(routers), **change}


def test_what_keepalived_has_loaded_has_no_password():
    found = loaded(CONFIG)
    assert found["node"] == "lb1"
    assert WEB["transport"] == "unicast"
    assert (WEB["peers"], WEB["source"], WEB["addresses"]) == (["192.0.2.2"], "192.0.2.1", ["192.0.2.10", "192.0.2.11"])
    assert WEB["grouped"]
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    ("script", "seconds"), [("", 1.0), ("interval 2\nrise 5", 10.0), ("rise", 1.0), ("rise often", 1.0)]
)
def test_how_long_a_script_may_take_to_succeed(script, seconds):
    assert loaded(f"vrrp_script proxy {{\n{script}\n}}\n{CONFIG}")["rise_seconds"] == seconds


def test_a_torn_configuration_is_no_error():
    for length in range(0, len(CONFIG), 7):
        assert isinstance(loaded(CONFIG[:length])["instances"], list)


def test_an_instance_for_the_judge():
    found = loaded_of(WEB)
    assert (found.name, found.priority, found.preempt_delay, found.grouped) == ("web", 254, 5.0, True)
    assert found.down_seconds == pytest.approx(0.4)
    assert loaded_of({**WEB, "version": 2, "interval_seconds": 1.0}).down_seconds == 4.0


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (None, None),
        (ear(), Heard(0, False)),
        (ear(router()), Heard(253, False)),
        (ear(router(), router(own=True, source="192.0.2.1", priority=254)), Heard(253, True)),
        # Silent for longer than a backup waits
        (ear(router(last=NOW - 1)), Heard(0, False)),
        # A goodbye
        (ear(router(priority=0)), Heard(0, False)),
        # A stranger, another instance
        (ear(router(source="192.0.2.99")), Heard(0, False)),
        (ear(router(vrid=52), router(family="ipv6"), router(interface="eth1")), Heard(0, False)),
        # It has not written for long, or has just begun
        (ear(router(), monotonic=NOW - 3), None),
        (ear(router(), began=NOW - 1), None),
    ],
)  # fmt: skip
def test_what_an_ear_has_heard(heard, expected):
    assert heard_of(WEB, heard, NOW) == expected


def test_by_multicast_everybody_may_be_a_peer():
    assert heard_of({**WEB, "transport": "multicast"}, ear(router(source="192.0.2.99")), NOW) == Heard(253, False)


def test_what_is_seen_of_an_instance():
    here = [HostAddress(each, 24, 3, socket.AF_INET) for each in ("192.0.2.1", "192.0.2.10")]
    state = {"name": "web", "state": "MASTER", "effective_priority": 254, "adverts_received": 1, "adverts_sent": 2}
    answers = answers_of([state], 99.0)
    (found,) = sights_of([WEB], answers, here, {"eth0": Link(3, True)}, {"eth0": 2}, None, NOW)
    assert (found.here, found.missing) == (("192.0.2.10",), ("192.0.2.11",))
    assert (found.ready, found.made_anew, found.answer.sent, found.heard) == (True, True, 2, None)
    (without,) = sights_of([WEB], {}, here[1:], {"eth0": Link(0, False)}, {"eth0": 2}, None, NOW)
    assert (without.ready, without.made_anew, without.answer) == (False, False, None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "[" * 100_000])
def test_a_file_that_is_none_of_ours(tmp_path, text):
    (tmp_path / "file").write_text(text)
    assert read_mapping(str(tmp_path / "file"), "b") is None


UPLINK = {"address": "192.0.2.1", "port": None, "reached": True, "since": 1.0}
WRONG_NUMBERS = [None, "1", [], float("nan"), float("inf"), 10**400]


def test_what_an_ear_writes():
    assert is_an_ears(ear())
    assert is_an_ears(ear(router(), uplinks=[UPLINK]))


@pytest.mark.parametrize("wrong", [
    {},
    *({**ear(), key: value} for key in ("monotonic", "began") for value in WRONG_NUMBERS),
    *(ear(router(**{key: value})) for key in ("vrid", "priority", "last") for value in WRONG_NUMBERS),
    *(ear(router(**{key: value})) for key in ("interface", "family", "source") for value in (None, 1, [])),
    *(ear(router(), uplinks=[{**UPLINK, "since": value}]) for value in WRONG_NUMBERS),
    *({**ear(), key: value} for key in ("routers", "uplinks") for value in (1, {}, ["x"], [[]])),
])  # fmt: skip
def test_what_no_ear_writes(wrong):
    """What has fewer rights could write it: the guard would fall over it."""
    assert not is_an_ears(wrong)

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.keepalived.live.status import read_status


def entry(**data):
    """Make an instance as in a dump of keepalived 2.2.7, without most fields that are not read."""
    return {
        "data": {
            "iname": "web",
            "dont_track_primary": 0,
            "ifp_ifname": "eth0",
            "master_priority": 0,
            "last_transition": 1763712000.123456,
            "vipset": 1,
            "vrid": 10,
            "base_priority": 250,
            "effective_priority": 250,
            "state": 2,
            "wantstate": 2,
            "vips": ["192.0.2.10/24 dev eth0 scope global", "192.0.2.11/24 dev eth0 scope global set"],
            "unicast_peer": ["192.0.2.12"],
            **data,
        },
        "stats": {
            "advert_rcvd": 17,
            "advert_sent": 4711,
            "become_master": 2,
            "release_master": 1,
            "packet_len_err": 0,
        },
    }


WEB = {
    "name": "web",
    "vrid": 10,
    "interface": "eth0",
    "state": "MASTER",
    "priority": 250,
    "effective_priority": 250,
    "since": 1763712000.123456,
    "addresses": ["192.0.2.10/24", "192.0.2.11/24"],
    "became_active": 2,
    "released": 1,
    "preempt": True,
    "preempt_delay": 0.0,
    "advert_interval": 1.0,
    "adverts_received": 17,
    "adverts_sent": 4711,
}


def test_a_dump_of_keepalived_2_2():
    assert read_status(json.dumps([entry(), entry(iname="api", vips=[])])) == [
        WEB,
        {**WEB, "name": "api", "addresses": []},
    ]


def test_a_dump_of_json_version_2():
    assert read_status(json.dumps({"vrrp": [entry()], "track_process": []})) == [WEB]


def test_ipv6():
    vips = ["2001:db8::10/64 dev eth0 scope global"]
    assert read_status(json.dumps([entry(vips=vips)]))[0]["addresses"] == ["2001:db8::10/64"]


def test_no_instances():
    assert read_status("[]") == []


@pytest.mark.parametrize(
    ("number", "state"),
    [(0, "INIT"), (1, "BACKUP"), (2, "MASTER"), (3, "FAULT"), (97, "STOP"), (98, "DELETED"), (5, "unknown (5)")],
)
def test_states(number, state):
    assert read_status(json.dumps([entry(state=number)]))[0]["state"] == state


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "null",
        "5",
        '"text"',
        "{}",
        '{"vrrp": 5}',
        "[5]",
        '[{"data": {}}]',
        json.dumps([{**entry(), "stats": {}}]),
        json.dumps([entry(vips=[""])]),
        json.dumps([entry(vips=[5])]),
        json.dumps([entry(vips=None)]),
        json.dumps([entry(state=[])]),
    ],
)
def test_texts_that_are_no_dump(text):
    with pytest.raises(HaLbError, match=r"^keepalived's status cannot be read: \w+"):
        read_status(text)

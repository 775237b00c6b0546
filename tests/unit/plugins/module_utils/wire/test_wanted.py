# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.errors import Refused
from module_utils.wire.wanted import read_wanted

WEB = {"name": "web", "vrid": 51, "family": "ipv4", "addresses": ["192.0.2.10/24"], "sources": ["192.0.2.11"]}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (4.0, (), ())),
        ({"listen_seconds": 0.5, "interfaces": ["eth0"]}, (0.5, ("eth0",), ())),
        ({"listen_seconds": 0}, (0.0, (), ())),
        ({"instances": [WEB]}, (4.0, (), ("192.0.2.10", "192.0.2.11"))),
        ({"instances": [WEB], "addresses": []}, (4.0, (), ("192.0.2.11",))),
        ({"addresses": ["2001:DB8:0::10/64", "2001:db8::10"]}, (4.0, (), ("2001:db8::10",))),
    ],
)
def test_read_wanted(options, expected):
    assert read_wanted(options) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"listen_seconds": 0.1}, "listen_seconds: 0.1 is not a number of seconds from 0.5 to 600"),
        ({"listen_seconds": 601}, "listen_seconds: 601 is not a number of seconds from 0.5 to 600"),
        ({"listen_seconds": float("nan")}, "listen_seconds: nan is not a number of seconds from 0.5 to 600"),
        ({"interfaces": ["a b"]}, "interfaces[0]: 'a b' is not a word without spaces"),
        ({"addresses": ["lb1"]}, "addresses[0]: lb1 is not an address"),
        ({"addresses": [5]}, "addresses[0]: 5 is not an address"),
        ({"taken_vrids": [256]}, "taken_vrids[0]: 256 is not a whole number from 1 to 255"),
        ({"instances": [{**WEB, "vrid": 0}]}, "instances[0].vrid: 0 is not a whole number from 1 to 255"),
    ],
)
def test_read_wanted_of_wrong_values(options, message):
    with pytest.raises(Refused) as refused:
        read_wanted(options)
    assert str(refused.value) == message

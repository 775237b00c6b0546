# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.errors import Finding
from module_utils.basics.schema import collector
from module_utils.vrrp.model import Settings
from module_utils.vrrp.settings import OPTIONS, read_settings

PASSWORD_RULE = "may have ASCII letters, digits and marks, but neither quotes nor backslashes nor line ends"


def read(**values):
    findings: list[Finding] = []
    settings = read_settings(values, collector(findings), "keepalived_")
    return settings, [(each.path, each.message) for each in findings]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Settings(3, "unicast", 0.1, 3)),
        ({"vrrp_version": 2}, Settings(2, "unicast", 1.0, 3)),
        (
            {"vrrp_version": "2", "advert_interval_seconds": "5", "auth_pass": "secret"},
            Settings(2, "unicast", 5.0, 3, "secret"),
        ),
        ({"advert_interval_seconds": 0.02, "down_timer_adverts": 5}, Settings(3, "unicast", 0.02, 5)),
        ({"transport": "multicast", "vmac": True}, Settings(3, "multicast", 0.1, 3, "", True)),
        *(({"advert_interval_seconds": each}, Settings(advert_interval=each)) for each in (0.29, 0.57, 1.1, 40.95)),
        *(
            ({"vrrp_version": 2, "auth_pass": each}, Settings(2, advert_interval=1.0, auth_pass=each))
            for each in ("", "a b}c#d!", "12345678")
        ),
    ],
)
def test_read_settings(values, expected):
    assert read(**values) == (expected, [])


def test_options_of_a_module_that_are_not_given_are_null():
    assert read_settings(dict.fromkeys(OPTIONS), collector([])) == Settings()


@pytest.mark.parametrize(
    ("values", "option", "message"),
    [
        ({"vrrp_version": 4}, "vrrp_version", "4 is not a whole number from 2 to 3"),
        ({"vrrp_version": [3]}, "vrrp_version", "[3] is not a whole number from 2 to 3"),
        ({"transport": "anycast"}, "transport", "'anycast' is not one of unicast, multicast"),
        ({"transport": ["unicast"]}, "transport", "['unicast'] is not one of unicast, multicast"),
        (
            {"vrrp_version": 2, "advert_interval_seconds": 0.1},
            "advert_interval_seconds",
            "0.1 is not a number of seconds from 1 to 255",
        ),
        (
            {"vrrp_version": 2, "advert_interval_seconds": 1.5},
            "advert_interval_seconds",
            "1.5 is not whole, and VRRP version 2 counts whole seconds",
        ),
        (
            {"advert_interval_seconds": 41},
            "advert_interval_seconds",
            "41 is not a number of seconds from 0.01 to 40.95",
        ),
        (
            {"advert_interval_seconds": 0.105},
            "advert_interval_seconds",
            "0.105 is finer than hundredths of a second, which VRRP version 3 counts",
        ),
        *(
            ({"vrrp_version": 2, "auth_pass": secret}, "auth_pass", message)
            for secret, message in [
                (0, "is no text: put it in quotes"),
                (12345678, "is no text: put it in quotes"),
                (True, "is no text: put it in quotes"),
                (["s3cret"], "is no text: put it in quotes"),
                *(
                    (each, PASSWORD_RULE)
                    for each in ('s3"ret', "s3\\ret", "s3\nret", "s3\tret", "sécret", "x\x00", "密码")
                ),
            ]
        ),
        ({"transport": None}, "transport", "is null: give it a value, or leave it out"),
        ({"advert_interval_seconds": 0}, "advert_interval_seconds", "0 is not a number of seconds from 0.01 to 40.95"),
        (
            {"advert_interval_seconds": {}},
            "advert_interval_seconds",
            "{} is not a number of seconds from 0.01 to 40.95",
        ),
        ({"down_timer_adverts": "three"}, "down_timer_adverts", "'three' is not a whole number from 1 to 100"),
        ({"vmac": "perhaps"}, "vmac", "'perhaps' is neither true nor false"),
        ({"auth_pass": "secret"}, "auth_pass", "VRRP version 3 has no authentication: use version 2, or leave it out"),
        (
            {"vrrp_version": 2, "auth_pass": "ninechars"},
            "auth_pass",
            "has more than 8 characters, and VRRP sends no more",
        ),
    ],
)
def test_read_settings_of_wrong_values(values, option, message):
    assert read(**values)[1] == [(f"keepalived_{option}", message)]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Adverts: version, interval, checksum and authentication."""

from __future__ import annotations

import pytest
from configurations import findings, instance, places

THREE = "version 3 ; "
PASS = "authentication {{ auth_type PASS ; auth_pass {} }}"
KEYS = "key 1 hex:00 ; key 2 hex:11 ; "


@pytest.mark.parametrize(
    ("rule", "first", "second", "expected"),
    [
        ("KA105", "advert_int 2", "", ["lb2: vrrp_instance VI_1 {"]),
        ("KA105", "advert_int 1", "advert_int 1.4", []),  # both are rounded to 1 s
        ("KA105", "advert_int 1", "advert_int 1.5", ["lb2: advert_int 1.5"]),
        ("KA105", THREE + "advert_int 1", THREE + "advert_int 2", []),
        ("KA106", THREE + "advert_int 1", THREE + "advert_int 2", ["lb2: advert_int 2"]),
        ("KA106", "advert_int 1", "advert_int 2", []),
        ("KA106", THREE + "advert_int 1", "version 2 ; advert_int 2", []),  # KA107 reports the versions
        ("KA107", THREE, "", ["lb2: vrrp_instance VI_1 {"]),
        ("KA107", THREE, "version 3", []),
        ("KA151", "down_timer_adverts 2", "down_timer_adverts 4", ["lb2: down_timer_adverts 4"]),
        ("KA151", "down_timer_adverts 3", "", []),
        ("KA161", THREE + "old_unicast_checksum", THREE, ["lb2: vrrp_instance VI_1 {"]),
        (
            "KA161",
            THREE + "old_unicast_checksum",
            THREE + "old_unicast_checksum never",
            ["lb2: old_unicast_checksum never"],
        ),
        ("KA161", THREE + "v3_checksum_as_v2 no", THREE, []),
        ("KA161", "v3_checksum_as_v2", "", []),  # version 2 has no such option
        ("KA108", PASS.format("abcdefgh1"), PASS.format("abcdefgh2"), []),
        ("KA108", PASS.format("abcdefgh1"), PASS.format("abcdefg"), ["lb2: authentication {"]),
        ("KA108", PASS.format("a"), "", ["lb2: vrrp_instance VI_1 {"]),
        ("KA108", PASS.format("a"), "authentication { auth_type AH ; auth_pass a }", ["lb2: authentication {"]),
        ("KA108", THREE + PASS.format("a"), THREE, []),  # version 3 ignores it
    ],
)
def test_settings_that_must_be_the_same(rule, first, second, expected):
    assert places(rule, instance(first), instance(second)) == expected


def test_a_password_is_never_shown():
    texts = instance(PASS.format("s3cr3t-a")), instance(PASS.format("s3cr3t-b"))
    (found,) = findings("KA108", *texts)
    assert "s3cr3t" not in str(found)
    assert "s3cr3t" not in str(findings("KA109", instance(PASS.format("s3cr3t-abc"))))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (PASS.format("a1B2c3D4"), None),
        (PASS.format("a1B2c3D4e"), "9 bytes"),
        (PASS.format("ääääé"), "10 bytes"),
        (PASS.format("1111"), "samples"),
        (THREE + PASS.format("a1B2c3D4"), "VRRPv3"),
        ("strict_mode ; " + PASS.format("a1B2c3D4"), "vrrp_strict"),
        ("", None),
    ],
)
def test_ineffective_authentication(lines, said):
    assert [said in each.message for each in findings("KA109", instance(lines))] == [True] * (said is not None)


def hmac(lines):
    return f"auth_hmac {{ {KEYS}{lines} }}"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (hmac("active_key 1"), hmac("active_key 2"), []),
        (hmac("active_key 1"), "auth_hmac { key 2 hex:11 ; active_key 2 }", ["lb2: auth_hmac {"]),
        (hmac("active_key 1"), "auth_hmac { key 1 hex:22 ; key 2 hex:11 ; active_key 2 }", ["lb2: auth_hmac {"]),
        (hmac("active_key 1"), hmac("active_key 1 ; mode receive-only"), ["lb1: auth_hmac {"]),
        (hmac("active_key 1 ; mode permissive"), hmac("active_key 1 ; mode receive-only"), []),
        (hmac("active_key 1 ; mode permissive"), hmac("active_key 1"), []),
        (hmac("active_key 1"), "", ["lb1: auth_hmac {"]),
        ("", "", []),
    ],
)
def test_a_receiver_must_have_the_sender_s_key(first, second, expected):
    assert places("KA110", instance(first), instance(second)) == expected


def test_a_key_is_never_shown():
    found = findings("KA110", instance(hmac("active_key 1")), instance("auth_hmac { key 1 hex:22 ; active_key 1 }"))
    assert found
    assert "hex:" not in str(found)


def test_auth_hmac_needs_keepalived_2_4():
    facts = {"lb1": {"keepalived_version": "2.3.3"}, "lb2": {"keepalived_version": "2.4.0"}}
    texts = instance(hmac("active_key 1")), instance(hmac("active_key 1"))
    assert [each.node for each in findings("KA110", *texts, **facts)] == ["lb1"]


@pytest.mark.parametrize(
    ("lines", "synchronised", "count"),
    [
        (hmac("active_key 1"), True, 0),
        (hmac("active_key 1"), False, 1),
        (hmac("active_key 1"), None, 0),
        (hmac("active_key 1 ; anti_replay monotonic"), False, 0),
        ("advert_int 10 ; " + hmac("active_key 1 ; time_window 9"), True, 1),
        ("advert_int 10 ; " + hmac("active_key 1 ; time_window 10"), True, 0),
        ("advert_int 10 ; " + hmac("active_key 1 ; time_window x"), True, 0),
        ("", False, 0),
    ],
)
def test_time_window_and_unsynchronised_clocks(lines, synchronised, count):
    facts = {} if synchronised is None else {"time_synchronised": synchronised}
    assert len(findings("KA111", instance(lines), lb1=facts)) == count

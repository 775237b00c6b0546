# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from module_utils.engines.lvs.table import OF_SERVER, OF_SERVICE, Rates, Server, Service, differences, services_data

WEB1, WEB2 = Server("192.0.2.21", 80, weight=3), Server("192.0.2.22", 80)
WEB = Service("tcp", "192.0.2.10", 80, scheduler="wrr", servers=(WEB1, WEB2))
DNS = Service("udp", "2001:db8::10", 53, family="ipv6", netmask=128, one_packet=True)
MARK = Service("mark", mark=7)


def said(wanted, kernel):
    return differences(services_data(wanted), services_data(kernel))


def test_what_is_as_it_is_wanted_differs_in_nothing():
    assert said([WEB, DNS, MARK], [MARK, replace(WEB, servers=(WEB2, WEB1)), DNS]) == []


def test_what_is_counted_is_no_difference():
    busy = replace(WEB1, active=9, inactive=8, persistent=7, rates=Rates(1, 2, 3, 4, 5))
    assert said([WEB], [replace(WEB, servers=(busy, WEB2), rates=Rates(9))]) == []


@pytest.mark.parametrize(
    ("kernel", "sentences"),
    [
        ([], ["tcp 192.0.2.10:80 is not in the kernel's table"]),
        ([WEB, MARK], ["mark 7 (ipv4) is in the kernel's table, and is not wanted"]),
        ([replace(WEB, scheduler="rr")], ["tcp 192.0.2.10:80: the scheduler: rr, and wrr is wanted"]),
        (
            [replace(WEB, flags=("sh-port",), persistence_seconds=60)],
            [
                "tcp 192.0.2.10:80: the flags of the scheduler: sh-port, and none is wanted",
                "tcp 192.0.2.10:80: the seconds of persistence: 60, and 0 is wanted",
            ],
        ),
        ([replace(WEB, one_packet=True)], ["tcp 192.0.2.10:80: one-packet scheduling: on, and off is wanted"]),
        ([replace(WEB, servers=(WEB1,))], ["tcp 192.0.2.10:80: 192.0.2.22:80 is not among its servers"]),
        (
            [replace(WEB, servers=(WEB1, WEB2, Server("2001:db8::9", 80)))],
            ["tcp 192.0.2.10:80: [2001:db8::9]:80 is among its servers, and is not wanted"],
        ),
        (
            [replace(WEB, servers=(replace(WEB1, weight=0), replace(WEB2, forwarding="nat")))],
            [
                "tcp 192.0.2.10:80: of 192.0.2.21:80, the weight: 0, and 3 is wanted",
                "tcp 192.0.2.10:80: of 192.0.2.22:80, the forwarding: nat, and direct is wanted",
            ],
        ),
    ],
)
def test_every_difference_is_one_sentence(kernel, sentences):
    assert said([WEB], kernel) == sentences


def test_every_field_is_compared_counted_or_a_part_of_the_name():
    (service,) = services_data([WEB])
    named = {"name", "protocol", "address", "port", "mark", "family"}
    assert {*service} == {*OF_SERVICE, *named, "servers", "rates"}
    counted = {"active", "inactive", "persistent", "rates"}
    assert {*service["servers"][0]} == {*OF_SERVER, *counted, "name", "address", "port"}


def test_marks_of_both_families_are_two_services():
    both = [MARK, replace(MARK, family="ipv6", netmask=128)]
    assert said(both, both) == []
    assert said(both, both[:1]) == ["mark 7 (ipv6) is not in the kernel's table"]

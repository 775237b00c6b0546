# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.wire.links import Link
from module_utils.wire.probe import Neighbour, advertisement, arp_answer, arp_probe, solicitation
from module_utils.wire.prober import Question, questions_of
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import ARP, Ether

OWN, OTHER = "02:00:00:00:00:11", "02:00:00:00:00:99"


def link(name, *addresses):
    return Link(name, 2, OWN, True, "", addresses=tuple(map(ipaddress.ip_interface, addresses)))


ETH0 = link("eth0", "192.0.2.11/24", "fe80::11/64", "2001:db8::11/64")
ETH1 = link("eth1", "198.51.100.11/24")


def test_arp_probe():
    read = Ether(arp_probe(OWN, "192.0.2.10"))
    assert (read.src, read.dst) == (OWN, "ff:ff:ff:ff:ff:ff")
    asked = read[ARP]
    assert (asked.op, asked.hwsrc, asked.psrc, asked.pdst) == (1, OWN, "0.0.0.0", "192.0.2.10")


def test_solicitation():
    frame = solicitation(OWN, "fe80::11", "2001:db8::12:3456")
    read = Ether(frame)
    assert (read.dst, read[IPv6].dst, read[IPv6].hlim) == ("33:33:ff:12:34:56", "ff02::1:ff12:3456", 255)
    asked = read[ICMPv6ND_NS]
    assert (asked.tgt, asked[ICMPv6NDOptSrcLLAddr].lladdr) == ("2001:db8::12:3456", OWN)
    given_sum = asked.cksum
    del asked.cksum
    assert Ether(bytes(read))[ICMPv6ND_NS].cksum == given_sum


@pytest.mark.parametrize("op", [1, 2])
def test_arp_answer(op):
    frame = bytes(Ether(src=OTHER, dst=OWN) / ARP(op=op, hwsrc=OTHER, psrc="192.0.2.10", pdst="0.0.0.0"))
    assert arp_answer(frame) == Neighbour("192.0.2.10", OTHER)


def test_arp_answer_of_probes_and_other_frames():
    assert arp_answer(arp_probe(OTHER, "192.0.2.10")) is None
    assert arp_answer(arp_probe(OTHER, "192.0.2.10")[:41]) is None
    assert arp_answer(bytes(60)) is None


def neighbour(hop_limit=255, option=True):
    message = (
        Ether(src=OTHER, dst=OWN)
        / IPv6(src="fe80::99", dst="fe80::11", hlim=hop_limit)
        / ICMPv6ND_NA(tgt="2001:db8::10")
    )
    return bytes(message / ICMPv6NDOptDstLLAddr(lladdr="02:00:00:00:00:98") if option else message)


def test_advertisement():
    assert advertisement(neighbour()) == Neighbour("2001:db8::10", "02:00:00:00:00:98")
    assert advertisement(neighbour(option=False)) == Neighbour("2001:db8::10", OTHER)
    assert advertisement(neighbour(hop_limit=254)) is None
    assert advertisement(neighbour()[:77]) is None
    assert advertisement(solicitation(OTHER, "fe80::99", "2001:db8::10")) is None


@given(st.binary(max_size=120), st.sampled_from([b"", neighbour(), arp_probe(OWN, "192.0.2.10")]), st.integers(0, 100))
def test_arp_answer_and_advertisement_of_any_bytes(noise, frame, at):
    for read in (arp_answer, advertisement):
        assert isinstance(read(frame[:at] + noise + frame[at:]), (Neighbour, type(None)))


def test_questions_of():
    questions, problems = questions_of(["192.0.2.10", "203.0.113.9", "2001:db8::10", "192.0.2.10"], [ETH0, ETH1])
    assert questions == [
        Question("192.0.2.10", ETH0, "fe80::11"),
        Question("203.0.113.9", ETH0, "fe80::11"),
        Question("203.0.113.9", ETH1),
        Question("2001:db8::10", ETH0, "fe80::11"),
    ]
    assert problems == []
    assert questions_of(["2001:db8::10"], [ETH1])[1] == [
        "Who has 2001:db8::10: no interface that was listened on has an IPv6 address to ask from."
    ]

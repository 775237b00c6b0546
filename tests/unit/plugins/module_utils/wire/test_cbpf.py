# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters, run by an interpreter of linux/filter.h: they accept every packet that the decoder can read."""

from __future__ import annotations

import struct

import pytest
from module_utils.wire.cbpf import ADVERTS, NEIGHBOUR_ADVERTISEMENTS, NETWORK, Instruction, assemble, from_addresses
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6ND_NS, IPv6
from scapy.layers.l2 import Ether

from lab.adverts import V6, VIP6, ah, carp, ethernet, ipv4, ipv6, vrrp2, vrrp3

HEADER = Ether(src="02:00:00:00:00:99", dst="02:00:00:00:00:11")  # without addresses, scapy would probe for them
PROGRAM = assemble(ADVERTS)
OPTIONS = bytes([112, 0, *bytes(6)])
FRAGMENT = bytes([112, 0, 0, 1, *bytes(4)])


def accepts(program, frame):
    """Return how many octets of a frame the program accepts; 0 for none."""
    instructions = list(struct.iter_unpack("HBBI", program))
    accumulator = index = at = 0
    while True:
        code, then, other, k = instructions[at]
        at += 1
        if code == 0x06:
            return k
        if code == 0x01:
            index = k
        elif code == 0x15:
            at += then if accumulator == k else other
        else:
            size = {0x20: 4, 0x28: 2, 0x48: 2}.get(code, 1)
            place = (k - NETWORK if k >= NETWORK else k) + (index if code in (0x48, 0x50) else 0)
            if place + size > len(frame):
                return 0
            accumulator = int.from_bytes(frame[place : place + size], "big")


@pytest.mark.parametrize("tags", [(), (10,), (10, 20)])
@pytest.mark.parametrize(
    "packet",
    [
        ipv4(vrrp2()),
        ipv4(vrrp3()),
        ipv4(carp()),
        ipv4(ah(vrrp2()), protocol=51),
        ipv4(vrrp3()[:8], part=0x2000),
        ipv6(vrrp3(addresses=VIP6, pseudo=V6)),
        ipv6(OPTIONS + vrrp3(), header=0),
        ipv6(FRAGMENT + vrrp3(), header=44),
    ],
)
def test_adverts_accepts(packet, tags):
    assert accepts(PROGRAM, ethernet(packet, tags=tags))


@pytest.mark.parametrize("tags", [(), (10,), (10, 20)])
@pytest.mark.parametrize(
    "packet",
    [ipv4(bytes(30), protocol=6), ipv4(bytes(30), protocol=17), ipv6(bytes(30), header=6), ipv6(bytes(30), header=44)],
)
def test_adverts_drops_other_protocols(packet, tags):
    assert not accepts(PROGRAM, ethernet(packet, tags=tags))


def test_adverts_drops_short_frames_and_arp():
    assert not accepts(PROGRAM, ethernet(ipv4(b""))[:20])
    assert not accepts(PROGRAM, ethernet(ipv4(vrrp3()))[:12] + b"\x08\x06" + bytes(40))


def test_neighbour_advertisements():
    program = assemble(NEIGHBOUR_ADVERTISEMENTS)
    assert accepts(program, bytes(HEADER / IPv6() / ICMPv6ND_NA()))
    assert not accepts(program, bytes(HEADER / IPv6() / ICMPv6ND_NS()))
    assert not accepts(program, ethernet(ipv4(vrrp3())))
    assert not accepts(program, ethernet(ipv6(bytes(30), header=6)))


@pytest.mark.parametrize(
    "instructions",
    [[Instruction(0x15, 0, "nowhere")], [Instruction(0x06, 0, label="back"), Instruction(0x15, 0, "back")]],
)
def test_assemble_of_a_wrong_jump(instructions):
    with pytest.raises(ValueError, match="which is not ahead"):
        assemble(instructions)


@pytest.mark.parametrize("count", [1, 2, 200])
def test_from_addresses_takes_their_packets_alone(count):
    four = [f"192.0.2.{number}" for number in range(1, count + 1)]
    six = [f"2001:db8::{number:x}" for number in range(1, count + 1)]
    for address in (four[0], four[-1]):
        assert accepts(assemble(from_addresses(four)), ipv4(vrrp3(), ends=(address, "192.0.2.250")))
    for address in (six[0], six[-1]):
        assert accepts(assemble(from_addresses(six)), ipv6(vrrp3(), ends=(address, "2001:db8::fff")))
    assert not accepts(assemble(from_addresses(four)), ipv4(vrrp3(), ends=("192.0.3.1", "192.0.2.250")))
    assert not accepts(assemble(from_addresses(six)), ipv6(vrrp3(), ends=("2001:db9::1", "2001:db8::fff")))

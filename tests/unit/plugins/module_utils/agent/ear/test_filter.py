# SPDX-License-Identifier: GPL-3.0-or-later
"""The program on a small machine of the kernel's classic filter; tests/wire has it in the kernel."""

from __future__ import annotations

import socket
import struct

import pytest
from module_utils.agent.ear.filter import INTERFACE, program_of
from module_utils.wire.cbpf import SNAP, assemble

from lab.adverts import ethernet, ipv4, ipv6, vrrp3


def run(program, frame, link):
    """Return how many octets of a frame the filter takes."""
    code = assemble(program)
    at, a, x = 0, 0, 0
    while True:
        instruction, then, other, k = struct.unpack_from("HBBI", code, at * 8)
        at += 1
        if instruction == 0x06:
            return k
        if instruction == 0x01:
            x = k
        elif instruction == 0x15:
            at += then if a == k else other
        elif k == INTERFACE:
            a = link
        else:
            size = {0x20: 4, 0x28: 2, 0x30: 1, 0x40: 4, 0x48: 2, 0x50: 1}[instruction]
            begin = k + (x if instruction & 0x40 else 0)
            if begin + size > len(frame):
                return 0
            a = int.from_bytes(frame[begin : begin + size], "big")


def arp(sender):
    return (bytes(12) + bytes.fromhex("08060001080006040002") + bytes(6) + socket.inet_aton(sender)).ljust(60, b"\0")


def neighbour(target, kind=136):
    body = bytes([kind, 0, 0, 0]) + bytes(4) + socket.inet_pton(socket.AF_INET6, target)
    return ethernet(ipv6(body, header=58))


MANY = [f"198.51.{number >> 8}.{number & 255}" for number in range(400)]


@pytest.mark.parametrize("others", [[], MANY])
@pytest.mark.parametrize(
    ("frame", "taken"),
    [
        (ethernet(ipv4(vrrp3())), True),
        (ethernet(ipv4(vrrp3()), tags=(10,)), True),
        (ethernet(ipv4(vrrp3(), protocol=6)), False),
        (ethernet(ipv6(vrrp3())), True),
        (ethernet(ipv6(vrrp3(), header=17)), False),
        (arp("192.0.2.10"), True),
        (arp("192.0.2.12"), False),
        (neighbour("2001:db8::10"), True),
        (neighbour("2001:db8::12"), False),
        (neighbour("2001:db8::10", kind=135), False),
        (b"", False),
        (bytes(60), False),
    ],
)
def test_what_is_taken(frame, taken, others):
    program = program_of([2, 7], ["192.0.2.10", "2001:db8::10", *others])
    assert run(program, frame, link=7) == (SNAP if taken else 0)
    assert run(program, frame, link=3) == 0


def test_without_interfaces_nothing_is():
    assert run(program_of([], []), ethernet(ipv4(vrrp3())), link=2) == 0


def test_it_is_small_enough_for_the_kernel():
    """BPF_MAXINSNS is 4096; the memory of a filter, of which an instruction becomes two at most, is 20 KiB."""
    most = [f"10.{a}.{b}.{c}" for a in range(4) for b in range(10) for c in range(100)]
    assert len(assemble(program_of(range(1, 1000), most))) <= 20 * 1024 / 2

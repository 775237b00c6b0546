# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the kernel's classic packet filter (linux/filter.h): only VRRP packets wake the listener."""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple, Sequence

from .frame import TAGS

LOAD_WORD = 0x20
LOAD_HALF = 0x28
LOAD_BYTE = 0x30
LOAD_HALF_INDEXED = 0x48  # at the index register plus k
LOAD_BYTE_INDEXED = 0x50
SET_INDEX = 0x01
IF_EQUAL = 0x15
RETURN = 0x06
NETWORK = 0xFFF00000  # an offset from here counts from the IP header, wherever the packet begins (SKF_NET_OFF)

SNAP = 9216  # octets: the largest frame in use


class Instruction(NamedTuple):
    """One instruction; a comparison jumps to the label `then` or `other`; an empty label is the next instruction."""

    code: int
    k: int
    then: str = ""
    other: str = ""
    label: str = ""


def _if_any(values: tuple[int, ...], then: str) -> list[Instruction]:
    return [Instruction(IF_EQUAL, value, then) for value in values]


# A VLAN tag left in the frame (QinQ, or sent by this host) shifts all offsets by 4 bytes
ADVERTS = [
    Instruction(SET_INDEX, 0),
    Instruction(LOAD_HALF, 12),
    *_if_any(TAGS, "tagged"),
    Instruction(IF_EQUAL, 0x0800, "ipv4"),
    Instruction(IF_EQUAL, 0x86DD, "ipv6", "drop"),
    Instruction(SET_INDEX, 4, label="tagged"),
    Instruction(LOAD_HALF, 16),
    *_if_any(TAGS, "twice"),
    Instruction(IF_EQUAL, 0x0800, "ipv4"),
    Instruction(IF_EQUAL, 0x86DD, "ipv6", "drop"),
    Instruction(SET_INDEX, 8, label="twice"),
    Instruction(LOAD_HALF, 20),
    Instruction(IF_EQUAL, 0x0800, "ipv4"),
    Instruction(IF_EQUAL, 0x86DD, "ipv6", "drop"),
    Instruction(LOAD_BYTE_INDEXED, 23, label="ipv4"),
    *_if_any((112, 51), "take"),
    Instruction(RETURN, 0, label="drop"),
    Instruction(LOAD_BYTE_INDEXED, 20, label="ipv6"),
    *_if_any((112, 51, 0, 43, 60), "take"),
    Instruction(IF_EQUAL, 44, "", "no"),
    Instruction(LOAD_BYTE_INDEXED, 54),
    *_if_any((112, 51, 60), "take"),
    Instruction(RETURN, 0, label="no"),
    Instruction(RETURN, SNAP, label="take"),
]
NEIGHBOUR_ADVERTISEMENTS = [
    Instruction(LOAD_HALF, 12),
    Instruction(IF_EQUAL, 0x86DD, "", "drop"),
    Instruction(LOAD_BYTE, 20),
    Instruction(IF_EQUAL, 58, "", "drop"),
    Instruction(LOAD_BYTE, 54),
    Instruction(IF_EQUAL, 136, "take"),
    Instruction(RETURN, 0, label="drop"),
    Instruction(RETURN, SNAP, label="take"),
]


def packed_address(address: str) -> bytes:
    """Return the octets of an IPv4 or IPv6 address.

    Raises OSError for any other text.
    """
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def from_addresses(addresses: Sequence[str]) -> list[Instruction]:
    """Return the program of a raw socket that takes only what comes from these addresses, which are of one family."""
    program = []
    for number, address in enumerate(addresses):
        packed = packed_address(address)
        source, other = NETWORK + (12 if len(packed) == 4 else 8), f"after {number}"
        for at in range(0, len(packed), 4):
            program.append(Instruction(LOAD_WORD, source + at, label=f"after {number - 1}" if at == 0 else ""))
            program.append(Instruction(IF_EQUAL, int.from_bytes(packed[at : at + 4], "big"), "", other))
        program.append(Instruction(RETURN, SNAP))
    return [*program, Instruction(RETURN, 0, label=f"after {len(addresses) - 1}")]


def assemble(instructions: list[Instruction]) -> bytes:
    """Return the program as an array of `struct sock_filter`.

    Raises ValueError when the label of a jump does not follow it.
    """
    at = {instruction.label: number for number, instruction in enumerate(instructions) if instruction.label}
    program = b""
    for number, instruction in enumerate(instructions):
        jumps = []
        for label in (instruction.then, instruction.other):
            if label and at.get(label, number) <= number:
                raise ValueError(f"instruction {number} jumps to {label}, which is not ahead")
            jumps.append(at[label] - number - 1 if label else 0)
        program += struct.pack("HBBI", instruction.code, jumps[0], jumps[1], instruction.k)
    return program

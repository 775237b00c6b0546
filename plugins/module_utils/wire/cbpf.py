# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs for the kernel's classic packet filter, so that it wakes nobody for what is not VRRP (linux/filter.h)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from .frame import TAGS

LOAD_HALF = 0x28
LOAD_BYTE = 0x30
LOAD_HALF_BEHIND = 0x48  # at the index plus k
LOAD_BYTE_BEHIND = 0x50
SET_INDEX = 0x01
IF_EQUAL = 0x15
RETURN = 0x06

SNAP = 9216  # octets: the largest frame in use


class Step(NamedTuple):
    """One instruction; `then` and `other` name labels, and no label is the next instruction."""

    code: int
    k: int
    then: str = ""
    other: str = ""
    label: str = ""


def _if_any(values: tuple[int, ...], then: str) -> list[Step]:
    return [Step(IF_EQUAL, value, then) for value in values]


# A tag that the kernel did not take off moves everything by four: the inner one of two, or a sender's own
ADVERTS = [
    Step(SET_INDEX, 0),
    Step(LOAD_HALF, 12),
    *_if_any(TAGS, "tagged"),
    Step(IF_EQUAL, 0x0800, "ipv4"),
    Step(IF_EQUAL, 0x86DD, "ipv6", "drop"),
    Step(SET_INDEX, 4, label="tagged"),
    Step(LOAD_HALF, 16),
    *_if_any(TAGS, "twice"),
    Step(IF_EQUAL, 0x0800, "ipv4"),
    Step(IF_EQUAL, 0x86DD, "ipv6", "drop"),
    Step(SET_INDEX, 8, label="twice"),
    Step(LOAD_HALF, 20),
    Step(IF_EQUAL, 0x0800, "ipv4"),
    Step(IF_EQUAL, 0x86DD, "ipv6", "drop"),
    Step(LOAD_BYTE_BEHIND, 23, label="ipv4"),
    *_if_any((112, 51), "take"),
    Step(RETURN, 0, label="drop"),
    Step(LOAD_BYTE_BEHIND, 20, label="ipv6"),
    *_if_any((112, 51, 0, 43, 60), "take"),
    Step(IF_EQUAL, 44, "", "no"),
    Step(LOAD_BYTE_BEHIND, 54),
    *_if_any((112, 51, 60), "take"),
    Step(RETURN, 0, label="no"),
    Step(RETURN, SNAP, label="take"),
]
NEIGHBOUR_ADVERTISEMENTS = [
    Step(LOAD_HALF, 12),
    Step(IF_EQUAL, 0x86DD, "", "drop"),
    Step(LOAD_BYTE, 20),
    Step(IF_EQUAL, 58, "", "drop"),
    Step(LOAD_BYTE, 54),
    Step(IF_EQUAL, 136, "take"),
    Step(RETURN, 0, label="drop"),
    Step(RETURN, SNAP, label="take"),
]


def assemble(steps: list[Step]) -> bytes:
    """Return the program as an array of `struct sock_filter`; raise ValueError when a jump leads nowhere."""
    at = {step.label: number for number, step in enumerate(steps) if step.label}
    program = b""
    for number, step in enumerate(steps):
        jumps = []
        for label in (step.then, step.other):
            if label and at.get(label, number) <= number:
                raise ValueError(f"instruction {number} jumps to {label}, which is not ahead")
            jumps.append(at[label] - number - 1 if label else 0)
        program += struct.pack("HBBI", step.code, jumps[0], jumps[1], step.k)
    return program

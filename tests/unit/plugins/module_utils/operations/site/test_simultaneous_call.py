# SPDX-License-Identifier: GPL-3.0-or-later
"""No packet but one that was made with the word, and has every field in its range, is a call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.operations.site.simultaneous_call import (
    FIELDS,
    HEAD,
    LEAD,
    SIZE,
    Call,
    decode,
    encode,
    proof_of,
)

WORD = "nobody else knows this"
NODES = 3
CALL = Call(0, 1, 7, held=2, left=0.5, last=2)
PACKET = encode(CALL, WORD)


def proved(head=HEAD, sender=0, receiver=1, number=7, left=500_000, held=2, last=2):
    """Return a packet of these fields with the proof of whoever knows the word."""
    fields = FIELDS.pack(head, sender, receiver, number, left, held, last)
    return fields + proof_of(fields, WORD)


calls = st.builds(
    Call,
    sender=st.integers(0, NODES - 1),
    receiver=st.integers(0, NODES - 1),
    number=st.integers(0, 2**64 - 1),
    held=st.integers(0, 65535),
    left=st.none() | st.integers(0, int(LEAD * 1e6)).map(lambda microseconds: microseconds / 1e6),
    last=st.integers(0, NODES - 1),
)


@given(calls)
def test_a_call_is_decoded_as_it_was_encoded(call):
    packet = encode(call, WORD)
    assert len(packet) == SIZE
    assert decode(packet, WORD, NODES) == call


def test_the_layout_is_the_one_that_is_described():
    assert proved() == PACKET
    assert PACKET[:24].hex() == "00000100" + "0000" + "0001" + f"{7:016x}" + f"{500_000:08x}" + "0002" + "0002"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD,
        b"[" * 1478,
        HEAD + b"[" * 1478,
        HEAD + b'{"left": 1e9}',
        PACKET[:-1],
        PACKET + b"\0",
        PACKET * 2,
        HEAD + bytes(SIZE - len(HEAD)),
        b"\xff" * SIZE,
        PACKET[:24] + bytes(32),
    ],
)
def test_what_is_no_call(data):
    assert decode(data, WORD, NODES) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"head": b"\x00\x00\x02\x00"},
        {"head": b"\x31\x01\x01\x00"},
        {"sender": 3},
        {"receiver": 65535},
        {"last": 3},
        {"left": 1_000_001},
        {"left": 0xFFFFFFFE},
    ],
)
def test_fields_beyond_their_range_are_refused_even_with_theproof_of(fields):
    assert decode(proved(), WORD, NODES) == CALL
    assert decode(proved(**fields), WORD, NODES) is None


def test_what_cannot_be_said_is_cut():
    assert decode(encode(CALL._replace(left=-0.2, held=70_000), WORD), WORD, NODES) == CALL._replace(left=0, held=65535)
    assert decode(encode(CALL._replace(left=9.0), WORD), WORD, NODES).left == LEAD


@given(st.binary(max_size=1500))
def test_no_bytes_are_a_call(data):
    assert decode(data, WORD, NODES) is None
    assert decode(HEAD + data, WORD, NODES) is None


@given(calls, st.integers(0, SIZE * 8 - 1))
def test_no_bit_of_a_call_can_be_changed(call, bit):
    packet = bytearray(encode(call, WORD))
    packet[bit // 8] ^= 1 << bit % 8
    assert decode(bytes(packet), WORD, NODES) is None


@given(calls, st.binary(min_size=1, max_size=24), st.integers(0, 23))
def test_no_fields_of_a_call_can_be_overwritten(call, piece, at):
    packet = encode(call, WORD)
    changed = packet[:at] + piece + packet[at + len(piece) :]
    assert decode(changed, WORD, NODES) == (call if changed == packet else None)


@given(calls, st.text(min_size=16))
def test_no_other_word_proves_a_call(call, word):
    assert decode(encode(call, word), WORD, NODES) == (call if word == WORD else None)

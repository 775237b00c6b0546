# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets of a simultaneous reload: a fixed layout, and a proof that their sender knows the word.

A packet has 56 octets, in network byte order:

    octets  field
    0-1     zero: version 0 and VRID 0, which no instance of VRRP has, so that keepalived ignores the packet
    2       version of this layout, 1
    3       zero
    4-5     number of the sender among the nodes, in the order of their names
    6-7     number of the receiver
    8-15    how many packets the sender has sent before: a packet that comes twice is old
    16-19   microseconds until the reload, at most LEAD; all ones while nodes are missing
    20-21   how many VIPs the sender holds; 65535 for more
    22-23   number of the node that holds most
    24-55   HMAC-SHA-256 (RFC 2104) of the octets before it, with the word as its key

The word is never sent: whoever has heard all packets can neither make one nor change one.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import NamedTuple, Optional

HEAD = b"\x00\x00\x01\x00"
FIELDS = struct.Struct("!4sHHQIHH")
SIZE = FIELDS.size + hashlib.sha256().digest_size
LEAD = 1.0  # seconds from the last answer to the reload
MISSING = 0xFFFFFFFF
MOST_HELD = 0xFFFF
MOST_NODES = 0xFFFF
SHORTEST_WORD = 16  # characters


class Call(NamedTuple):
    """What one node sends to another; nodes are numbers.

    `number` grows with every packet of a sender, `left` is the seconds until the reload (None while nodes are missing),
    `held` how many VIPs the sender holds, and `last` the node that holds most.
    """

    sender: int
    receiver: int
    number: int
    held: int = 0
    left: Optional[float] = None
    last: int = 0


def encode(call: Call, word: str) -> bytes:
    """Return the packet of a call, without its IP header."""
    left = MISSING if call.left is None else round(min(max(call.left, 0.0), LEAD) * 1e6)
    held = min(call.held, MOST_HELD)
    fields = FIELDS.pack(HEAD, call.sender, call.receiver, call.number, left, held, call.last)
    return fields + proof_of(fields, word)


def decode(data: bytes, word: str, nodes: int) -> Optional[Call]:
    """Return the call in a packet, or None if it is none of this word, or a field is beyond its range.

    `nodes` is how many nodes there are. No packet raises an exception.
    """
    if len(data) != SIZE or not data.startswith(HEAD):
        return None
    fields = data[: FIELDS.size]
    if not hmac.compare_digest(proof_of(fields, word), data[FIELDS.size :]):
        return None
    _head, sender, receiver, number, left, held, last = FIELDS.unpack(fields)
    if max(sender, receiver, last) >= nodes or (left > LEAD * 1e6 and left != MISSING):
        return None
    return Call(sender, receiver, number, held, None if left == MISSING else left / 1e6, last)


def proof_of(fields: bytes, word: str) -> bytes:
    """Return the last octets of a packet, of which `fields` are the first."""
    return hmac.new(word.encode(), fields, hashlib.sha256).digest()

# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ear hears, as a program of the kernel's packet filter: adverts, and who says that an address is its own."""

from __future__ import annotations

from typing import Iterable, List

from ...wire.cbpf import (
    ADVERTS,
    IF_EQUAL,
    LOAD_BYTE,
    LOAD_HALF,
    LOAD_WORD,
    RETURN,
    SET_INDEX,
    SNAP,
    Instruction,
    packed_address,
)
from ...wire.probe import ADVERTISEMENT, ETH_P_ARP, ETH_P_IPV6, ICMP

LOAD_WORD_INDEXED = 0x40
INTERFACE = 0xFFFFF008  # SKF_AD_OFF + SKF_AD_IFINDEX
ARP_SENDER = 28  # where the sender's address is in an ARP frame
ND_TARGET_END = 74  # where the last four octets of the target are in a neighbour advertisement
MOST_LINKS = 64
MOST_ADDRESSES = 500  # the kernel gives the filter of a socket 20 KiB (net.core.optmem_max)


def program_of(numbers: Iterable[int], addresses: Iterable[str]) -> List[Instruction]:
    """Return the filter for interfaces of these numbers, and for these addresses (without a prefix length).

    Of an IPv6 address, only the last four octets are compared.
    """
    links = sorted(set(numbers))[:MOST_LINKS]
    words = sorted({int.from_bytes(packed_address(each)[-4:], "big") for each in addresses})[:MOST_ADDRESSES]
    first, *rest = ADVERTS
    return [
        Instruction(LOAD_WORD, INTERFACE),
        *(Instruction(IF_EQUAL, number, "here") for number in links),
        Instruction(RETURN, 0),
        Instruction(SET_INDEX, 0, label="here"),
        Instruction(LOAD_HALF, 12),
        Instruction(IF_EQUAL, ETH_P_ARP, "claim"),
        Instruction(IF_EQUAL, ETH_P_IPV6, "", "adverts"),
        Instruction(LOAD_BYTE, 20),
        Instruction(IF_EQUAL, ICMP, "", "adverts"),
        Instruction(LOAD_BYTE, 54),
        Instruction(IF_EQUAL, ADVERTISEMENT, "", "adverts"),
        Instruction(SET_INDEX, ND_TARGET_END - ARP_SENDER),
        Instruction(IF_EQUAL, ADVERTISEMENT, "claim", "claim"),
        first._replace(label="adverts"),
        *rest,
        Instruction(LOAD_WORD_INDEXED, ARP_SENDER, label="claim"),
        *(each for number, word in enumerate(words) for each in _takes(number, word)),
        Instruction(RETURN, 0, label=f"word {len(words)}"),
    ]


def _takes(number: int, word: int) -> List[Instruction]:
    """Return a comparison that jumps no further than the next one: a jump reaches 255 instructions."""
    label = f"word {number}" if number else ""
    return [Instruction(IF_EQUAL, word, "", f"word {number + 1}", label), Instruction(RETURN, SNAP)]

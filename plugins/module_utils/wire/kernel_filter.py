# SPDX-License-Identifier: GPL-3.0-or-later
"""What packet sockets share: constants of the kernel, filters and groups (packet(7))."""

from __future__ import annotations

import array
import socket
import struct

# linux/if_ether.h, linux/if_packet.h, asm-generic/socket.h: constants that Python's socket lacks
ETH_P_ALL = 3  # with any other protocol, a socket does not get the frames that this host sends
SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP = 1
PACKET_MR_MULTICAST = 0
PACKET_STATISTICS = 6
PACKET_OUTGOING = 4
SO_ATTACH_FILTER = 26
GROUPS = (bytes.fromhex("01005e000012"), bytes.fromhex("333300000012"))
GROUP_IPV6 = socket.inet_pton(socket.AF_INET6, "ff02::12")


def attach(listener: socket.socket, program: bytes) -> None:
    """Attach a filter that `cbpf.assemble` returned to a socket."""
    code = array.array("B", program)
    request = struct.pack("HL", len(program) // 8, code.buffer_info()[0])
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, request)


def join_groups(listener: socket.socket, number: int) -> None:
    """Have the interface of this number take the frames that are sent to VRRP's groups."""
    for group in GROUPS:
        request = struct.pack("iHH8s", number, PACKET_MR_MULTICAST, len(group), group)
        listener.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, request)

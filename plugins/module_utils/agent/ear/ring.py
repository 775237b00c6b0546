# SPDX-License-Identifier: GPL-3.0-or-later
"""A packet socket whose packets collect in memory that the kernel shares, to be read some times a second (packet(7)).

So nothing is woken by a packet, and none of them costs a system call: TPACKET_V3 of the kernel's packet_mmap.
"""

from __future__ import annotations

import errno
import mmap
import socket
import struct
from typing import Iterable, List, Optional, Tuple

from ...wire.cbpf import RETURN, Instruction, assemble
from ...wire.kernel_filter import ETH_P_ALL, PACKET_OUTGOING, PACKET_STATISTICS, SOL_PACKET, attach, join_groups

# linux/if_packet.h
PACKET_RX_RING = 5
PACKET_VERSION = 10
TPACKET_V3 = 2
OURS = 1  # TP_STATUS_USER: the kernel has filled the block
HAS_VLAN = 0x10
FRAME = 2048  # octets; says nothing with TPACKET_V3 but must be there
BLOCK = max(16384, mmap.PAGESIZE)  # octets, more than the longest frame of the filter
BLOCKS = 16  # some 1,600 adverts
RETIRE = 60  # milliseconds after which a block that is not full is handed over
BLOCK_HEAD = struct.Struct("8xIII")  # status, packets, where the first one is
# Where the next one is, seconds, nanoseconds, length, status, frame, VLAN; of sockaddr_ll: interface, type
PACKET_HEAD = struct.Struct("4I4xIH2x4xI4x8x4xi2xB")

Packet = Tuple[float, int, bool, Optional[int], bytes]
"""When it came (seconds since the epoch), the number of the interface, whether this host sent it, the VLAN tag that the
kernel has removed, and the frame."""


class Ring:
    """An open socket on all interfaces; only what the filter takes is heard.

    Raises OSError, such as PermissionError without CAP_NET_RAW.
    """

    def __init__(self, program: List[Instruction]) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        # Heard from here on, but what came before the filter goes when the ring is made
        self.socket = socket.socket(socket.AF_PACKET, kind, socket.htons(ETH_P_ALL))
        try:
            self._prepare(program)
        except OSError:
            self.socket.close()
            raise
        self._next = 0

    def _prepare(self, program: List[Instruction]) -> None:
        self.filter(program)
        size = BLOCK * BLOCKS
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        request = struct.pack("7I", BLOCK, BLOCKS, FRAME, size // FRAME, RETIRE, 0, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, request)
        self._memory = mmap.mmap(self.socket.fileno(), size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)

    def filter(self, program: List[Instruction]) -> None:
        """Put another filter in place."""
        try:
            attach(self.socket, assemble(program))
        except OSError as error:
            if error.errno != errno.ENOMEM:
                raise
            # Both would not fit at once; for a moment nothing is heard
            attach(self.socket, assemble([Instruction(RETURN, 0)]))
            attach(self.socket, assemble(program))

    def join(self, numbers: Iterable[int]) -> None:
        """Have these interfaces take what is sent to VRRP's groups; one that has gone is left out."""
        for number in numbers:
            try:
                join_groups(self.socket, number)
            except OSError:
                continue

    def send(self, name: str, frame: bytes) -> None:
        """Send a frame on an interface; it is lost where that is down or gone."""
        try:
            self.socket.sendto(frame, (name, 0))
        except OSError:
            return

    def read(self) -> List[Packet]:
        """Return what has collected."""
        packets: List[Packet] = []
        memory = self._memory
        for _block in range(BLOCKS):
            begin = self._next * BLOCK
            status, count, at = BLOCK_HEAD.unpack_from(memory, begin)
            if not status & OURS:
                break
            at += begin
            for _packet in range(count):
                step, seconds, nano, length, flags, frame, tag, link, kind = PACKET_HEAD.unpack_from(memory, at)
                data = memory[at + frame : at + frame + length]
                came, own = seconds + nano * 1e-9, kind == PACKET_OUTGOING
                packets.append((came, link, own, tag if flags & HAS_VLAN else None, data))
                at += step
            memory[begin + 8 : begin + 12] = b"\0\0\0\0"
            self._next = (self._next + 1) % BLOCKS
        return packets

    def lost(self) -> int:
        """Return how many packets found no room since the last call."""
        return int(struct.unpack("III", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 12))[1])

    def close(self) -> None:
        """Give the socket and its memory back."""
        self._memory.close()
        self.socket.close()

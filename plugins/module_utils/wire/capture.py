# SPDX-License-Identifier: GPL-3.0-or-later
"""Packet sockets: the frames on an interface, received and sent (packet(7))."""

from __future__ import annotations

import errno
import socket
import struct
from typing import NamedTuple, Optional

from ..basics.errors import HaLbError
from .cbpf import SNAP
from .kernel_filter import ETH_P_ALL, GROUP_IPV6, PACKET_OUTGOING, PACKET_STATISTICS, SOL_PACKET, attach, join_groups
from .links import Link

# linux/if_packet.h, asm-generic/socket.h: constants that Python's socket lacks
PACKET_AUXDATA = 8
SO_RCVBUFFORCE = 33
STATUS_VLAN_VALID = 0x10
AUXDATA = struct.Struct("IIIHHHH")

BUFFER = 32 * 2**20  # octets: two seconds of 10,000 adverts/s, for a busy host
BATCH = 256  # frames per read


class Frame(NamedTuple):
    """A captured frame; `tag` is the VLAN tag that the kernel has removed, `own` means that this host sent it."""

    data: bytes
    tag: Optional[int]
    own: bool


class Listener:
    """A packet socket on one interface, with the filter that `cbpf.assemble` returned.

    Raises HaLbError when the interface or the host does not permit it.
    """

    def __init__(self, link: Link, program: bytes, protocol: int = ETH_P_ALL) -> None:
        self.link, self.is_down = link, False
        self._lost = 0
        self.socket = packet_socket()
        try:
            self._prepare(program, protocol)
        except OSError as error:
            self.socket.close()
            raise HaLbError(f"cannot listen on {link.name}: {error.strerror}") from error

    def _prepare(self, program: bytes, protocol: int) -> None:
        """Set all options before the socket is bound, so that no frame arrives unfiltered."""
        attach(self.socket, program)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        except PermissionError:  # without CAP_NET_ADMIN, net.core.rmem_max limits the buffer
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        join_groups(self.socket, self.link.number)
        self.socket.bind((self.link.name, protocol))

    def read(self) -> list[Frame]:
        """Return the frames that wait, at most BATCH; set `is_down` when the interface is down."""
        frames: list[Frame] = []
        space = socket.CMSG_SPACE(AUXDATA.size)
        while len(frames) < BATCH:
            try:
                received = self.socket.recvmsg(SNAP, space)
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                if error.errno not in (errno.ENETDOWN, errno.ENODEV, errno.ENXIO):
                    raise
                self.is_down = True
                break
            frames.append(Frame(received[0], _tag(received[1]), received[3][2] == PACKET_OUTGOING))
        return frames

    def lost(self) -> int:
        """Return the number of packets that the kernel has dropped until now, as they were not read fast enough."""
        statistics = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        self._lost += struct.unpack("II", statistics)[1]  # the kernel resets the counter on every read
        return self._lost


def packet_socket() -> socket.socket:
    """Open a packet socket that is not yet bound.

    Raises HaLbError without CAP_NET_RAW.
    """
    kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    try:
        return socket.socket(socket.AF_PACKET, kind, 0)
    except PermissionError as error:
        message = "listening on the wire is not permitted: it needs the capability CAP_NET_RAW, such as root has"
        raise HaLbError(f"{message} (become: true)") from error


def join_ipv6(link: Link) -> Optional[socket.socket]:
    """Join ff02::12, so that a switch that snoops MLD forwards it; return None when the host has no IPv6 there.

    Closing the socket leaves the group. For IPv4, switches forward 224.0.0.18 to all ports (RFC 4541 §2.1.2).
    """
    try:
        member = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    except OSError:
        return None
    try:
        request = struct.pack("16sI", GROUP_IPV6, link.number)
        member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)
    except OSError:
        member.close()
        return None
    return member


def _tag(extra: list[tuple[int, int, bytes]]) -> Optional[int]:
    """Return the VLAN tag in the ancillary data of recvmsg, or None."""
    for level, kind, data in extra:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA) and len(data) >= AUXDATA.size:
            auxdata = AUXDATA.unpack(data[: AUXDATA.size])
            if auxdata[0] & STATUS_VLAN_VALID:
                return int(auxdata[5])
    return None

# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask all the time who has some addresses, and print a line for everything that is heard of them. Runs on a node.

claims.py INTERFACE ADDRESS...: a line is `arp ADDRESS MAC` (it says that it has it) or `na ADDRESS MAC`, or `ns ADDRESS
MAC` (it asks by that address). It ends when its standard input does.
"""

from __future__ import annotations

import ipaddress
import select
import socket
import struct
import sys
import time

ASK_SECONDS = 0.01
BROADCAST = b"\xff" * 6


def main() -> None:
    """Ask and listen until standard input ends."""
    interface, *addresses = sys.argv[1:]
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.bind((interface, 0))
    own = wire.getsockname()[4]
    questions = [arp(own, each) if "." in each else solicitation(own, each) for each in addresses]
    packed = {ipaddress.ip_address(each).packed: each for each in addresses}
    turn, due = 0, time.monotonic()
    while True:
        ready = select.select([wire, sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]
        if sys.stdin in ready and not sys.stdin.read(1):
            return
        if wire in ready:
            frame = wire.recv(2048)
            kind, address = said(frame)
            if frame[6:12] != own and address in packed:
                print(kind, packed[address], frame[6:12].hex(":"), flush=True)
        if time.monotonic() >= due:
            wire.send(questions[turn % len(questions)])
            turn, due = turn + 1, time.monotonic() + ASK_SECONDS


def said(frame: bytes) -> tuple[str, bytes]:
    """Return what a frame says of which address: ARP (RFC 826), or neighbour discovery (RFC 4861)."""
    kind, packet = frame[12:14], frame[14:]
    if kind == b"\x08\x06":
        return "arp", packet[14:18]
    if kind == b"\x86\xdd" and packet[6] == 58 and packet[40:41] in (b"\x87", b"\x88"):
        return ("na", packet[48:64]) if packet[40] == 0x88 else ("ns", packet[8:24])
    return "", b""


def arp(own: bytes, target: str) -> bytes:
    """Make a frame that asks who has an IPv4 address, as one who has none yet."""
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + own + bytes(10) + ipaddress.ip_address(target).packed
    return BROADCAST + own + b"\x08\x06" + body


def solicitation(own: bytes, target: str) -> bytes:
    """Make a frame that asks who has an IPv6 address, of the link-local address that the MAC makes."""
    wanted = ipaddress.ip_address(target).packed
    group = ipaddress.ip_address("ff02::1:ff00:0").packed[:13] + wanted[13:]
    source = b"\xfe\x80" + bytes(6) + bytes([own[0] ^ 2]) + own[1:3] + b"\xff\xfe" + own[3:]
    body = b"\x87\0\0\0" + bytes(4) + wanted + b"\1\1" + own
    pseudo = source + group + struct.pack("!II", len(body), 58)
    packet = struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + source + group
    return b"\x33\x33" + group[12:] + own + b"\x86\xdd" + packet + body[:2] + checksum(pseudo + body) + body[4:]


def checksum(data: bytes) -> bytes:
    """Return the Internet checksum (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)


if __name__ == "__main__":
    main()

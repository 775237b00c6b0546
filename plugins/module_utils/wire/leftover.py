# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody takes VRRP who sends none: a backup that was only taken out of the inventory, for instance.

It cannot be heard. But a kernel says so where nothing takes protocol 112 (RFC 792, protocol unreachable).
"""

from __future__ import annotations

import ipaddress
import socket
import time

from ..basics.errors import HaLbError

VRRP = 112
IP_RECVERR, IPV6_RECVERR = 11, 25  # linux/in.h, linux/in6.h
NO_ADVERT = bytes(8)  # of no version; with less, Linux passes no ICMP error on
ASKED_TIMES, PAUSE_SECONDS = 35, 0.1  # an address that nobody has is known after 3 s


def listens(address: str) -> bool:
    """Tell whether a host takes VRRP, by sending it what keepalived drops; one that is off does not.

    Raises HaLbError where that is no address, and OSError where there may be no raw sockets.
    """
    try:
        six = ipaddress.ip_address(address).version == 6
    except ValueError as error:
        raise HaLbError(f"{error}: only addresses can be asked") from error
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, VRRP) as wire:
        level, option = (socket.IPPROTO_IPV6, IPV6_RECVERR) if six else (socket.IPPROTO_IP, IP_RECVERR)
        wire.setsockopt(level, option, 1)
        wire.connect((address, 0))
        for _time in range(ASKED_TIMES):
            wire.send(NO_ADVERT)
            time.sleep(PAUSE_SECONDS)
            if wire.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                return False
    return True

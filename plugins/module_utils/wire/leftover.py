# SPDX-License-Identifier: GPL-3.0-or-later
"""Find hosts that receive VRRP but send none, such as a backup that was only removed from the inventory.

They cannot be heard. But the kernel of a host without a receiver of protocol 112 answers "protocol unreachable" (RFC
792).
"""

from __future__ import annotations

import ipaddress
import socket
import time

from ..basics.errors import HaLbError

VRRP = 112
IP_RECVERR, IPV6_RECVERR = 11, 25  # linux/in.h, linux/in6.h
NO_ADVERT = bytes(8)  # version 0, which keepalived drops; for fewer octets, Linux reports no ICMP error
PACKETS, PAUSE_SECONDS = 35, 0.1  # longer than the 3 s after which Linux reports that no host has the address


def listens(address: str) -> bool:
    """Tell whether a host receives VRRP, by packets that keepalived drops; a host that is down does not.

    Raises HaLbError when it is not an address, and OSError when raw sockets are not permitted.
    """
    try:
        six = ipaddress.ip_address(address).version == 6
    except ValueError as error:
        raise HaLbError(f"{error}: only addresses can be asked") from error
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, VRRP) as wire:
        level, option = (socket.IPPROTO_IPV6, IPV6_RECVERR) if six else (socket.IPPROTO_IP, IP_RECVERR)
        wire.setsockopt(level, option, 1)
        wire.connect((address, 0))
        for _number in range(PACKETS):
            wire.send(NO_ADVERT)
            time.sleep(PAUSE_SECONDS)
            if wire.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                return False
    return True

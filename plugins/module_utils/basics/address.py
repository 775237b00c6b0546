# SPDX-License-Identifier: GPL-3.0-or-later
"""IP addresses as text: the canonical form without the prefix length, and the family."""

from __future__ import annotations

import ipaddress
from typing import Union

from .errors import HaLbError

IPAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")  # RFC 1122 §3.2.1.3


def bare(address: str) -> str:
    """Return an address in the kernel's canonical form, without its prefix length: `2001:DB8::/64` is `2001:db8::`.

    Raises HaLbError when it is not an address.
    """
    try:
        return str(ipaddress.ip_interface(address).ip)
    except ValueError as error:
        raise HaLbError(f"{address!r} is not an address") from error


def family_of(address: str) -> str:
    """Return `ipv4` or `ipv6` for an address without a prefix length.

    Raises ValueError when it is not an address.
    """
    return f"ipv{ipaddress.ip_address(address).version}"


def reachable(address: IPAddress) -> bool:
    """Tell whether a connection to this address, from wherever, can reach one certain host (RFC 6890).

    Not a whole network, nor one that needs the name of an interface besides, nor IPv4 in the clothes of IPv6.
    """
    if address.version == 4:
        return not (address.is_multicast or address.is_reserved or address in THIS_NETWORK)
    odd = address.is_multicast or address.is_unspecified or address.is_link_local
    return not (odd or getattr(address, "ipv4_mapped", None))

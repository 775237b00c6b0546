# SPDX-License-Identifier: GPL-3.0-or-later
"""IP addresses and names of hosts as text: the canonical form without the prefix length, the family, what is none."""

from __future__ import annotations

import ipaddress
import re
from typing import Callable, List, Optional, Tuple, TypeVar, Union

from .errors import HaLbError

Parsed = TypeVar("Parsed")
Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
InterfaceAddress = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")  # RFC 1123 §2.1
NUMERIC = re.compile(r"([0-9]+|0[xX][0-9A-Fa-f]*)\Z")  # as the last label: inet_aton reads an address
LONGEST_NAME = 253  # RFC 1035 §2.3.4, without the length octets at both ends
OF_NO_HOST: List[Tuple[Network, str]] = [
    (ipaddress.ip_network(network), why)
    for network, why in (
        ("0.0.0.0/8", "is of 0.0.0.0/8, which means this network and no host (RFC 1122)"),
        ("127.0.0.0/8", "is the loopback of every host"),
        ("224.0.0.0/4", "is a multicast address"),
        ("255.255.255.255/32", "is the broadcast address of every network"),
        ("240.0.0.0/4", "is of 240.0.0.0/4, which is reserved: no host takes it (RFC 1112)"),
        ("::/128", "means any address, and no host"),
        ("::1/128", "is the loopback of every host"),
        ("::ffff:0:0/96", "is an IPv4 address in the form of IPv6, which is on no wire: write it as IPv4"),
        ("::/96", "is an IPv4 address in the form of IPv6, which is on no wire: write it as IPv4"),
        ("ff00::/8", "is a multicast address"),
    )
]


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


def parsed(parse: Callable[[str], Parsed], value: object) -> Optional[Parsed]:
    """Return the parsed string, or None. A zone (`%eth0`) is refused: its address is valid on one interface only."""
    if not isinstance(value, str) or "%" in value:
        return None
    try:
        return parse(value)
    except ValueError:
        return None


def is_wildcard_mask(text: str, network: Network) -> bool:
    """Tell whether a network was written with a mask as routers have it in access lists: 0.0.0.255 for /24."""
    mask = text.partition("/")[2]
    return "." in mask and mask != str(network.netmask)


def is_host_name(text: str) -> bool:
    """Tell whether `text` names a host: labels of letters, digits and dashes, the last of which is no number."""
    labels = text.split(".")
    return len(text) <= LONGEST_NAME and all(map(LABEL.match, labels)) and not NUMERIC.match(labels[-1])


def of_no_host(ip: Address) -> str:
    """Return why no host can have this address, whatever its subnet; empty where one can."""
    return next((why for network, why in OF_NO_HOST if ip.version == network.version and ip in network), "")


def of_no_host_there(ip: Address, network: Network) -> str:
    """Return why no host can have this address in this subnet; empty where one can.

    A subnet of two addresses has neither a network nor a broadcast address (RFC 3021), nor an anycast one (RFC 6164).
    """
    if ip.version != network.version or network.prefixlen >= network.max_prefixlen - 1:
        return ""
    if ip == network.network_address:
        kind = "network address" if ip.version == 4 else "address of all routers (RFC 4291)"
        return f"is the {kind} of {network}"
    broadcast = ip.version == 4 and ip == network.broadcast_address
    return f"is the broadcast address of {network}" if broadcast else ""

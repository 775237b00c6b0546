# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a proxy listens, as its configuration says: ADDRESS:PORT, with the many ways to write an address."""

from __future__ import annotations

import ipaddress
from typing import Iterator, NamedTuple, Tuple

from ...basics.schema import is_address

FAMILIES = ("ipv4", "ipv6", "quic4", "quic6", "udp4", "udp6")
OTHER_SOCKETS = ("/", "unix@", "abns@", "abnsz@", "fd@", "sockpair@", "${", '"$')


class Bind(NamedTuple):
    """Where a proxy listens: at an address, or at all of these families."""

    address: str
    families: Tuple[str, ...]
    transparent: bool
    place: Tuple[str, int]
    """File and line."""


def binds_of(word: str, place: Tuple[str, int], transparent: bool = False, both: bool = False) -> Iterator[Bind]:
    """Yield the bind that a word means, which stands at `place`; none for other sockets, and for names of hosts.

    `both`: a wildcard of IPv6 takes IPv4 as well.
    """
    prefix, at, rest = word.partition("@")
    host = (rest if at and prefix in FAMILIES else word).rpartition(":")[0]
    host = host.strip("[]") or ("::" if prefix in ("ipv6", "quic6", "udp6") else "*")
    if word.startswith(OTHER_SOCKETS) or not word:
        return
    if host in ("*", "0.0.0.0"):
        yield Bind("", ("ipv4",), transparent, place)
    elif host == "::":
        yield Bind("", ("ipv4", "ipv6") if both else ("ipv6",), transparent, place)
    elif is_address(host):
        yield Bind(str(ipaddress.ip_address(host)), (), transparent, place)

# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's addresses and interfaces, read anew when the kernel tells that they have changed, and now and then."""

from __future__ import annotations

from typing import Dict, Iterable, List

from ..netlink import LINKS_AND_ADDRESSES, HostAddress, Netlink, addresses
from .sights import Link, link_of

ANYWAY = 2.0  # seconds; what the kernel tells may be lost


class Network:
    """`addresses` and `links`, these by the name of the interface; `netlink` is for requests. Raises OSError."""

    def __init__(self) -> None:
        self.netlink = Netlink(0)
        self._told = Netlink(0, LINKS_AND_ADDRESSES)
        self.addresses: List[HostAddress] = []
        self.links: Dict[str, Link] = {}
        self._read = float("-inf")

    def close(self) -> None:
        """Close the sockets."""
        self.netlink.close()
        self._told.close()

    def tick(self, interfaces: Iterable[str], now: float) -> None:
        """Read what may have changed."""
        names = set(interfaces)
        if not self._told.news() and now - self._read < ANYWAY and names == set(self.links):
            return
        self._read = now
        self.addresses = addresses(self.netlink)
        self.links = {name: link_of(name) for name in names}

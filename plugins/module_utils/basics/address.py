# SPDX-License-Identifier: GPL-3.0-or-later
"""IP addresses as text: the canonical form without the prefix length, and the family."""

from __future__ import annotations

import ipaddress

from .errors import HaLbError


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

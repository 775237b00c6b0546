# SPDX-License-Identifier: GPL-3.0-or-later
"""An address as text: what the kernel would write, and its family."""

from __future__ import annotations

import ipaddress

from .errors import HaLbError


def bare(address: str) -> str:
    """Return an address without its prefix length, in the one form in which the kernel writes it.

    Raises HaLbError when it is not an address.
    """
    try:
        return str(ipaddress.ip_interface(address).ip)
    except ValueError as error:
        raise HaLbError(f"{address!r} is not an address") from error


def family_of(address: str) -> str:
    """Return ipv4 or ipv6."""
    return f"ipv{ipaddress.ip_address(address).version}"

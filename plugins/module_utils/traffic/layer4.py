# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a pool whose packets the kernel gives to servers, and of a service with several ports."""

from __future__ import annotations

import re
from typing import Any, Mapping, Sequence, Tuple

from ..basics import schema
from ..basics.schema import Field, Report
from ..basics.variables import port
from .model import Layer4

MOST_PORTS = 1024
RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})\Z")
LAYER4 = {
    "forwarding": Field(schema.choice("direct", "nat", "tunnel")),
    "tunnel": Field(
        schema.record({"type": Field(schema.choice("ipip", "gue", "gre"), default="ipip"), "port": Field(port)})
    ),
    "hash": Field(
        schema.record({"port": Field(schema.boolean, default=False), "fallback": Field(schema.boolean, default=False)})
    ),
    "persistence": Field(
        schema.record(
            {"seconds": Field(schema.integer(1, 2678400), required=True), "netmask": Field(schema.integer(1, 128))}
        )
    ),
    "quorum": Field(schema.integer(1, 65535)),
    "one_packet": Field(schema.boolean),
    "inhibit_on_failure": Field(schema.boolean),
}
"""By the name of each; keepalived.conf(5), virtual_server, has the ranges."""


def given(raw: Mapping[str, Any]) -> Tuple[str, ...]:
    """Return those of the words that a record of a pool has."""
    return tuple(word for word in LAYER4 if raw[word] is not None)


def layer4_of(raw: Mapping[str, Any]) -> Layer4:
    """Return what a pool's record, which was read without a finding, says."""
    tunnel, hashed, stays = (raw[word] or {} for word in ("tunnel", "hash", "persistence"))
    return Layer4(
        forwarding=raw["forwarding"] or "direct",
        tunnel=tunnel.get("type", "ipip"),
        tunnel_port=tunnel.get("port"),
        hash_port=hashed.get("port", False),
        hash_fallback=hashed.get("fallback", False),
        persistence=stays.get("seconds", 0),
        netmask=stays.get("netmask"),
        quorum=raw["quorum"] or 1,
        one_packet=bool(raw["one_packet"]),
        inhibit_on_failure=bool(raw["inhibit_on_failure"]),
    )


def port_range(value: Any, path: str, report: Report) -> Any:
    """Read a port, or several as C(first-last), into a tuple."""
    found = RANGE.match(value) if isinstance(value, str) else None
    if not found:
        one = port(value, path, report)
        return (one,) if one else schema.INVALID
    first, last = (port(number, path, report) for number in found.groups())
    if first and last and first > last:
        report(path, f"{value} ends before it begins")
    return tuple(range(first, last + 1)) if first and last else schema.INVALID


def several_ports(value: Any, path: str, report: Report) -> Any:
    """Read a list of ports and ranges into a tuple of ports, in their order."""
    read = schema.list_of(port_range, at_least=1)(value, path, report)
    found: Sequence[int] = [number for each in read or () for number in each or ()]
    if len(found) > MOST_PORTS:
        report(path, f"has {len(found)} ports, and {MOST_PORTS} are the most")
        return schema.INVALID
    twice = sorted({number for number in found if found.count(number) > 1})
    if twice:
        report(path, f"{twice[0]} is named twice")
    return tuple(found) if found else schema.INVALID

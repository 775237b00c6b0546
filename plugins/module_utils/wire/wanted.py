# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is told to listen and to ask for."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple

from ..basics import schema
from ..basics.errors import Finding, Refused
from ..basics.schema import Field
from .ours import INSTANCES, bare_address

LEAST, MOST = 0.5, 600  # seconds


class Wanted(NamedTuple):
    """Seconds to listen for, on which interfaces (all when there are none), and addresses to ask for."""

    seconds: float
    interfaces: tuple[str, ...]
    addresses: tuple[str, ...]


def read_wanted(raw: Mapping[str, Any]) -> Wanted:
    """Read the options of the module; the nodes' own addresses are asked for too, to know their MACs.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    report = schema.collector(findings)
    read = {key: field.read(raw[key], key, report) for key, field in _FIELDS.items() if raw.get(key) is not None}
    if findings:
        raise Refused(findings)
    instances = read.get("instances", ())
    own = [address for each in instances for address in each["addresses"]]
    sources = [address for each in instances for address in each["sources"]]
    return Wanted(
        read.get("listen_seconds", 4.0),
        read.get("interfaces", ()),
        tuple(dict.fromkeys([*read.get("addresses", own), *sources])),
    )


def _seconds(value: Any, path: str, report: schema.Report) -> Any:
    """Read how long to listen; 0 is not at all."""
    return 0.0 if value in (0, "0") else schema.seconds(LEAST, MOST)(value, path, report)


_FIELDS = {
    "listen_seconds": Field(_seconds),
    "interfaces": Field(schema.list_of(schema.word)),
    "addresses": Field(schema.list_of(bare_address)),
    "instances": Field(INSTANCES),
    "taken_vrids": Field(schema.list_of(schema.integer(1, 255))),
}

# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of listening: how long, on which interfaces, and which addresses to probe."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple

from ..basics import schema
from ..basics.errors import Finding, Refused
from ..basics.schema import Field
from .ours import INSTANCES, bare_address

LEAST, MOST = 0.5, 600  # seconds


class Wanted(NamedTuple):
    """The options of listening; `seconds` is 0 for not at all, and no `interfaces` means all."""

    seconds: float
    interfaces: tuple[str, ...]
    addresses: tuple[str, ...]


def read_wanted(raw: Mapping[str, Any]) -> Wanted:
    """Read the options of the module `vrid_conflict`; the source addresses of our nodes are probed too, for their MACs.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    report = schema.collector(findings)
    read = {key: field.read(raw[key], key, report) for key, field in _FIELDS.items() if raw.get(key) is not None}
    if findings:
        raise Refused(findings)
    instances = read.get("instances", ())
    own = [address for instance in instances for address in instance["addresses"]]
    sources = [address for instance in instances for address in instance["sources"]]
    return Wanted(
        read.get("listen_seconds", 4.0),
        read.get("interfaces", ()),
        tuple(dict.fromkeys([*read.get("addresses", own), *sources])),
    )


def _seconds(value: Any, path: str, report: schema.Report) -> Any:
    """Read the seconds to listen; 0 means not at all."""
    return 0.0 if value in (0, "0") else schema.seconds(LEAST, MOST)(value, path, report)


_FIELDS = {
    "listen_seconds": Field(_seconds),
    "interfaces": Field(schema.list_of(schema.word)),
    "addresses": Field(schema.list_of(bare_address)),
    "instances": Field(INSTANCES),
    "vrids": Field(schema.list_of(schema.integer(1, 255))),
    "taken_vrids": Field(schema.list_of(schema.integer(1, 255))),
}

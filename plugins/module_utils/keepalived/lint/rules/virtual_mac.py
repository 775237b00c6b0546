# SPDX-License-Identifier: GPL-3.0-or-later
"""Other routers on the network with the same virtual MAC (the fact `heard`)."""

from __future__ import annotations

from typing import Iterator, Sequence

from ....lint.finding import Found, Rule, Severity
from ...config.model import ConfiguredNode


def _same_mac(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        heard = node.facts.get("heard", ())
        for instance in (each for each in node.instances if each.has("use_vmac")):
            for other in heard:
                same = (other.get("vrid"), other.get("family")) == (instance.vrid, instance.family)
                if same and other.get("protocol") == "carp":
                    yield Found(
                        node.name,
                        instance.at("virtual_router_id"),
                        f"{instance.name} has use_vmac with virtual_router_id {instance.vrid},"
                        f" and {other.get('source')} speaks CARP with vhid {instance.vrid}",
                    )


RULES = (
    Rule(
        id="KA175",
        severity=Severity.ERROR,
        title="a CARP router uses the same virtual MAC",
        why="both send from one MAC, and switches send what is meant for one now here, now there",
        fix="choose a virtual_router_id that is no vhid on this network, on all nodes",
        evidence="RFC 9568 §7.3; FreeBSD, carp(4)",
        check=_same_mac,
        needs=("heard",),
    ),
)

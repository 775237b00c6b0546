# SPDX-License-Identifier: GPL-3.0-or-later
"""Split brain: two of our nodes are active for one instance at the same time."""

from __future__ import annotations

from itertools import combinations
from typing import Iterator, Mapping, NamedTuple, Sequence

from .ours import Heard, OurInstance, Ours, is_virtual, shared
from .strangers import Conflict

OVERLAP = 1.5  # intervals; in a hand-over, the adverts of two nodes overlap by one at most
STILL = 4  # intervals; Active_Down_Interval is three and the skew time, which is less than one (RFC 9568 §6.1)
CLOCKS = 1.0  # seconds by which the clocks of two nodes may differ


class _Active(NamedTuple):
    """Adverts of an active router, and the node that heard them."""

    node: str
    heard: Heard


def split_brains(heard_by_node: Mapping[str, Sequence[Heard]], ours: Ours) -> Iterator[Conflict]:
    """Yield a conflict for every instance that two of our nodes advertise at the same time."""
    for instance in ours.instances:
        routers = [
            _Active(node, heard)
            for node, records in sorted(heard_by_node.items())
            for heard in records
            if _is_active(heard, node, instance, ours)
        ]
        pairs = [pair for pair in combinations(routers, 2) if _together(*pair)]
        if pairs:
            yield _conflict(instance, {active.heard["source"]: active.heard for pair in pairs for active in pair})


def _is_active(heard: Heard, node: str, instance: OurInstance, ours: Ours) -> bool:
    return (
        (heard["vrid"], heard["family"]) == (instance.vrid, instance.family)
        and heard["protocol"] != "carp"
        and heard["vlan"] is None
        and not heard["goodbye"]
        and instance.is_on(node, heard["interface"])
        and ours.sent(heard)
        and bool(shared(instance, heard))
    )


def _together(one: _Active, other: _Active) -> bool:
    """Tell whether both sent adverts longer than in a hand-over and, when one node heard both, to the end."""
    first, second = one.heard, other.heard
    if first["source"] == second["source"] or (first["mac"] == second["mac"] and not is_virtual(first["mac"])):
        return False
    interval = max(first["interval_seconds"], second["interval_seconds"], 0.01)
    clock_difference = 0.0 if one.node == other.node else CLOCKS
    overlap = min(first["last"], second["last"]) - max(first["first"], second["first"])
    apart = abs(first["last"] - second["last"])
    still = one.node != other.node or apart <= STILL * interval  # two nodes do not stop listening at the same time
    return bool(still and overlap >= OVERLAP * interval + clock_difference)


def _conflict(instance: OurInstance, by_source: Mapping[str, Heard]) -> Conflict:
    sources = sorted(by_source)
    strongest = by_source[max(sources, key=lambda source: by_source[source]["priority"])]
    who = " and ".join(f"{source} (priority {by_source[source]['priority']})" for source in sources)
    addresses = ", ".join(sorted(instance.addresses))
    return Conflict(
        name=f"split_brain {instance.vrid} {instance.family}",
        kind="split_brain",
        vrid=instance.vrid,
        family=instance.family,
        interface=strongest["interface"],
        source=strongest["source"],
        mac=strongest["mac"],
        message=(
            f"{who} keep advertising {instance.name} (VRID {instance.vrid}) side by side, so each holds {addresses}."
        ),
        advice=(
            "Let protocol 112 through between the nodes, in both directions, and compare the version, the interval, "
            "the password and the addresses in their keepalived.conf."
        ),
        ours=True,
    )

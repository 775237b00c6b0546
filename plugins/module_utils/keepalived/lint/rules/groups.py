# SPDX-License-Identifier: GPL-3.0-or-later
"""Sync groups: settings of members that keepalived drops, and instances that should be in one group."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations
from typing import Dict, Iterator, Optional, Pattern, Sequence, Set, Tuple

from ....basics.wording import listed
from ....lint.finding import Found, Rule, Severity
from ...config.matching import logical_instances
from ...config.model import ConfiguredInstance, ConfiguredNode, Group

FAMILIES = re.compile(r"[-_.]?(?:ipv|v|ip|inet)?[46]\Z", re.IGNORECASE)
SIDES = re.compile(r"[-_.]?(?:inside|outside|internal|external|public|private|int|ext|in|out)\Z", re.IGNORECASE)
TRACKED = {"script": "script", "file": "file", "process": "process", "bfd": "BFD", "interface": "interface"}


def _loses_weights(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            group = node.group_of(instance)
            for track in instance.tracks if group and not group.weighs else ():
                if track.weight:
                    yield Found(
                        node.name,
                        track.place,
                        f"{instance.name} tracks the {TRACKED[track.kind]} {track.name} with weight {track.weight}"
                        f" and is in the sync group {group.name if group else ''}",
                        effect=_what_is_lost(track.kind, track.name),
                    )


def _what_is_lost(kind: str, name: str) -> str:
    if kind == "script":
        return f"keepalived removes {name}, so no failure of it moves a VIP"
    return f"keepalived takes the weight of {name} away"


def _misgrouped(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        grouped: Dict[str, str] = {}
        names = {instance.name for instance in node.instances}
        for group in node.groups:
            for member in group.members:
                reason = _why_not(member, grouped, names)
                if reason:
                    message = f"the sync group {group.name} has {member}, {reason}"
                    effect = f"keepalived leaves {member} out of {group.name}"
                    yield Found(node.name, group.directive.place, message, effect=effect)
                grouped.setdefault(member, group.name)
            if len(group.members) == 1:
                yield Found(
                    node.name,
                    group.directive.place,
                    f"the sync group {group.name} has no other member than {group.members[0]}",
                    effect="keepalived warns, and the group changes nothing",
                    fix="put the other instances that must move with it into the group, or remove the group",
                    severity=Severity.WARNING,
                )
    yield from _contrary(nodes)


def _why_not(member: str, grouped: Dict[str, str], names: Set[str]) -> str:
    if member in grouped:
        return f"which is in {grouped[member]} already"
    return "" if member in names else "and there is no such instance"


def _contrary(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    """Yield groups whose members prefer different nodes."""
    known = {node.name: node for node in nodes if node.groups}
    preferred: Dict[Tuple[str, str, str], Dict[str, Tuple[ConfiguredInstance, ConfiguredInstance]]] = {}
    for logical in logical_instances(nodes):
        for (one, here), (other, there) in combinations(logical.members.items(), 2):
            group = known[one].group_of(here) if one in known else None
            if group and here.priority != there.priority:
                first = preferred.setdefault((one, other, group.name), {})
                first.setdefault(one if here.priority > there.priority else other, (here, there))
    for (one, other, name), first in preferred.items():
        for group in known[one].groups if len(first) > 1 else ():
            if group.name == name:
                yield _contradiction(one, other, group, first)


def _contradiction(
    one: str, other: str, group: Group, first: Dict[str, Tuple[ConfiguredInstance, ConfiguredInstance]]
) -> Found:
    here, there = first[one][0], first[other][0]
    return Found(
        one,
        group.directive.place,
        f"in the sync group {group.name}, {here.name} has the higher priority on {one}, and {there.name} on {other}",
        effect="each node takes all members from the other in turn, without end",
        fix="give all members of a group the same priority on each node",
        values={
            node: ", ".join(f"{pair[at].name} {pair[at].priority}" for pair in first.values())
            for at, node in enumerate((one, other))
        },
    )


def _apart(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for one, other in _halves(node.instances):
            group = node.group_of(one)
            if group is None or other.name not in group.members:
                yield Found(
                    node.name,
                    other.directive.place,
                    f"{listed((one.name, other.name))} look like one service and are in no sync group together",
                    effect=f"one node can hold {_vip(one)} while another holds {_vip(other)}",
                )


def _halves(instances: Sequence[ConfiguredInstance]) -> Iterator[Tuple[ConfiguredInstance, ConfiguredInstance]]:
    """Yield pairs of instances whose names differ only in the family (web4, web6) or in the side (web_in, web_out)."""
    by_stem: Dict[Tuple[Pattern[str], str], Dict[str, ConfiguredInstance]] = defaultdict(dict)
    for other in instances:
        for ends in (FAMILIES, SIDES):
            stem = ends.sub("", other.name)
            for one in by_stem[ends, stem].values() if stem else ():
                families_differ = one.family != other.family
                if families_differ if ends is FAMILIES else not families_differ and one.interface != other.interface:
                    yield one, other
            by_stem[ends, stem].setdefault(other.name, other)


def _vip(instance: ConfiguredInstance) -> str:
    address: Optional[str] = next((each.ip for each in instance.addresses), None)
    return address or instance.name


RULES = (
    Rule(
        id="KA143",
        severity=Severity.ERROR,
        title="a member of a sync group tracks something with a weight",
        why="keepalived removes weighted scripts from members, and takes the weight of everything else away",
        fix="track it in the group with weight 0, or put sync_group_tracking_weight into the group",
        evidence="acassen/keepalived #2105; vrrp_complete_instance",
        check=_loses_weights,
    ),
    Rule(
        id="KA144",
        severity=Severity.ERROR,
        title="the members of a sync group do not fit together",
        why="members that prefer different nodes pull each other back and forth, without end",
        fix="have each instance in one group at most, and all that stand there defined",
        evidence="keepalived.conf(5), vrrp_sync_group; acassen/keepalived #624",
        check=_misgrouped,
    ),
    Rule(
        id="KA145",
        severity=Severity.WARNING,
        title="two instances of one service can part",
        why="after a failure, one node can have one half of the service, and another node the other",
        fix="put both into a vrrp_sync_group, on all nodes",
        evidence="keepalived.conf(5), vrrp_sync_group",
        check=_apart,
    ),
)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances that only one node has, and notify scripts, router_ids and versions that differ between nodes."""

from __future__ import annotations

from collections import defaultdict
from typing import DefaultDict, Iterator, List, Sequence

from ....basics.wording import differ, grouped, listed
from ....lint.finding import Found, Rule, Severity
from ...config.commands import OF_AN_INSTANCE
from ...config.matching import disagreements, logical_instances, shared
from ...config.model import TAKES_ANY_LIST, ConfiguredInstance, ConfiguredNode


def _alone(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical in logical_instances(nodes) if len(nodes) > 1 else ():
        for name, member in logical.members.items() if len(logical.members) == 1 else ():
            yield Found(
                name,
                member.directive.place,
                f"only {name} has {logical}",
                effect=f"nobody takes {logical.what} over when {name} fails",
            )
    yield from _names(nodes)


def _names(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    """Yield instances with different names on their nodes, where another instance has one of these names."""
    taken = {(name, member.name) for each in logical_instances(nodes) for name, member in each.members.items()}
    for logical, _among in shared(nodes):
        names = {name: member.name for name, member in logical.members.items()}
        crossed = [
            (name, shared_name)
            for name in names
            for shared_name in names.values()
            if shared_name != names[name] and (name, shared_name) in taken
        ]
        for name, shared_name in crossed[:1]:
            other = {label: node for node, label in reversed(names.items())}[shared_name]
            yield Found(
                name,
                logical.members[name].directive.place,
                f"{other} has {logical.what} in {shared_name}, and {name} has it in {names[name]},"
                f" and something else in {shared_name}",
                effect=f"whoever reads logs of {shared_name} or drains it, takes one instance for the other",
                fix="give an instance the same name on all nodes",
                severity=Severity.INFO,
                values=names,
            )


def _notifies(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for disagreement in disagreements(nodes, _scripts):
        name, values = disagreement.node.name, disagreement.values
        usual = grouped(values)[0][0]
        yield Found(
            name,
            disagreement.instance.at(*OF_AN_INSTANCE),
            f"{name} has {values[name] or 'no notify'} in {disagreement.logical.name}, and {usual} has"
            f" {values[usual] or 'none'}",
            values=values,
        )


def _scripts(node: ConfiguredNode, instance: ConfiguredInstance) -> str:
    group = node.group_of(instance)
    directives = [*instance.directive.all(*OF_AN_INSTANCE), *(group.directive.all(*OF_AN_INSTANCE) if group else ())]
    return ", ".join(sorted(" ".join((each.keyword, *each.arguments)) for each in directives))


def _identities(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for among in _clusters(nodes):
        same: DefaultDict[str, List[ConfiguredNode]] = defaultdict(list)
        for node in among:
            setting = node.setting("router_id")
            if setting and setting.arguments:
                same[setting.arguments[0]].append(node)
        for router_id, alike in same.items():
            if len(alike) > 1:
                names = listed(node.name for node in alike)
                yield Found(
                    alike[1].name,
                    (alike[1].setting("router_id") or alike[1].settings).place,
                    f"{names} have the router_id {router_id}",
                )
        old = [node for node in among if node.version is not None and node.version < TAKES_ANY_LIST]
        new = [node for node in among if node.version is not None and node.version >= TAKES_ANY_LIST]
        if old and new:
            versions = {node.name: node.facts["keepalived_version"] for node in (*old, *new)}
            yield Found(
                old[0].name,
                old[0].settings.place,
                differ(versions, "keepalived"),
                effect="when their lists of VIPs differ for a moment, only those before 2.3.3 discard the adverts",
                fix="use the same version on all nodes",
                values=versions,
            )


def _clusters(nodes: Sequence[ConfiguredNode]) -> List[List[ConfiguredNode]]:
    """Group the nodes by common instances."""
    clusters: List[List[ConfiguredNode]] = []
    for _each, among in shared(nodes):
        touched = [cluster for cluster in clusters if any(node.name in among for node in cluster)]
        rest = [cluster for cluster in clusters if cluster not in touched]
        joined = {node.name: node for cluster in touched for node in cluster}
        joined.update(among)
        clusters = [*rest, list(joined.values())]
    return clusters


RULES = (
    Rule(
        id="KA171",
        severity=Severity.WARNING,
        title="an instance that only one node has, or that has another one's name",
        why="nobody takes its VIPs over",
        fix="give the instance to another node too",
        evidence="RFC 9568 §1",
        check=_alone,
    ),
    Rule(
        id="KA172",
        severity=Severity.INFO,
        title="notify scripts differ between the nodes of one instance",
        why="what the script does on one node at a takeover, is not done on another",
        fix="give all nodes the same notify scripts",
        evidence="acassen/keepalived #1884",
        check=_notifies,
    ),
    Rule(
        id="KA173",
        severity=Severity.INFO,
        title="nodes with one router_id, or with keepalived on both sides of 2.3.3",
        why="logs and traps do not say which node they are from",
        fix="give each node a router_id of its own",
        evidence="keepalived.conf(5), router_id; acassen/keepalived commit af103930",
        check=_identities,
        needs=("keepalived_version",),
    ),
)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node is active, and whether it takes its VIPs back: priority, state and nopreempt."""

from __future__ import annotations

from typing import Dict, Iterator, List, Sequence

from ....basics.wording import listed
from ....lint.finding import Found, Rule, Severity
from ....vrrp.simulation.election import skew
from ...config.matching import shared, vips_of
from ...config.model import OWNER, ConfiguredInstance, ConfiguredNode

BUDGET = 0.5  # seconds that a planned stop may cost; VRRPv2 needs less with priorities of 128 or more


def _equal(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical, _among in shared(nodes):
        same: Dict[int, List[str]] = {}
        for name, member in logical.members.items():
            same.setdefault(member.priority, []).append(name)
        for priority, names in same.items():
            if len(names) > 1:
                last = logical.members[names[-1]]
                yield Found(
                    names[-1],
                    last.at("priority"),
                    f"{listed(names)} have priority {priority} in {logical}",
                    effect=f"they become active for {logical.what} at the same moment, and their addresses decide",
                    values={name: str(priority) for name in names},
                )


def _owners(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    several = {
        (name, member.name): [other for other, that in logical.members.items() if that.priority == OWNER]
        for logical, _among in shared(nodes)
        for name, member in logical.members.items()
    }
    for node in nodes:
        for instance in node.instances:
            if instance.priority != OWNER:
                continue
            owners = several.get((node.name, instance.name), [])
            strange = _not_own(node, instance)
            if len(owners) > 1:
                yield _owner(node, instance, f"{listed(owners)} have priority 255 in {instance.name}")
            elif strange:
                message = f"{node.name} has priority 255 in {instance.name}, and {strange[0]} is not its own address"
                yield _owner(node, instance, message)


def _not_own(node: ConfiguredNode, instance: ConfiguredInstance) -> List[str]:
    """Return the VIPs that are not an own address of the host; none without the fact `interfaces`."""
    if "interfaces" not in node.facts:
        return []
    own = {ip for each in node.facts["interfaces"] for ip in each.get("own", ())}
    return [ip for ip in vips_of(instance) if ip not in own]


def _owner(node: ConfiguredNode, instance: ConfiguredInstance, message: str) -> Found:
    return Found(
        node.name,
        instance.at("priority", "state"),
        message,
        effect=f"its trackers do not count, and {node.name} is active at once whenever it starts",
    )


def _implied_owner(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            if instance.state == "MASTER" and not instance.has("priority"):
                yield Found(
                    node.name,
                    instance.at("state"),
                    f"{instance.name} on {node.name} has state MASTER and no priority, which makes it 255",
                )


def _state(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            if instance.state == "MASTER" and instance.priority != OWNER:
                yield Found(
                    node.name,
                    instance.at("state"),
                    f"{instance.name} on {node.name} has state MASTER with priority {instance.priority}",
                )


def _cleared(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            if _is_cleared(instance):
                reason = "state MASTER" if instance.state == "MASTER" else f"priority {OWNER}"
                yield Found(
                    node.name,
                    instance.at("nopreempt"),
                    f"{instance.name} on {node.name} has nopreempt and {reason}, which clears it",
                    effect=f"{node.name} takes {next(iter(vips_of(instance)), instance.name)} back when it returns",
                )


def _is_cleared(instance: ConfiguredInstance) -> bool:
    directive = instance.directive.last("nopreempt", "preempt")
    return directive is not None and directive.keyword == "nopreempt" and not instance.nopreempt


def _some_preempt(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical, _among in shared(nodes):
        members = logical.members
        stay = [name for name, member in members.items() if member.nopreempt]
        lowest = min(member.priority for member in members.values())
        # The node with the lowest priority can only preempt when trackers lower the others
        back = [
            name
            for name, member in members.items()
            if not member.nopreempt and not _is_cleared(member) and member.priority > lowest
        ]
        if stay and back:
            yield Found(
                back[0],
                members[back[0]].directive.place,
                f"{listed(stay)} {'have' if len(stay) > 1 else 'has'} nopreempt and {listed(back)}"
                f" {'do' if len(back) > 1 else 'does'} not in {logical}",
                effect=f"{back[0]} takes {logical.what} back when it returns, which nopreempt was to prevent",
                values={name: "nopreempt" if member.nopreempt else "" for name, member in members.items()},
            )


def _slow_handover(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical, _among in shared(nodes):
        ranked = sorted(logical.members.items(), key=lambda member: -member[1].priority)
        name, heir = ranked[1]
        outage = skew(heir.version, heir.priority, heir.advert_interval)
        if outage > BUDGET:
            yield Found(
                name,
                heir.at("priority"),
                f"{name} has priority {heir.priority} in {logical}, and is the first to take it over",
                effect=f"when {ranked[0][0]} is stopped or goes to FAULT, {logical.what} is away for {outage:.2f} s",
                fix="use high priorities, such as 254 and 250: the order is the same",
            )


RULES = (
    Rule(
        id="KA122",
        severity=Severity.ERROR,
        title="two nodes of one instance have the same priority",
        why="they become active at the same moment, and only their addresses decide between them",
        fix="give each node a priority of its own",
        evidence="keepalived.conf(5), priority; acassen/keepalived #2323 #1148 #1528",
        check=_equal,
    ),
    Rule(
        id="KA123",
        severity=Severity.ERROR,
        title="priority 255 for an address that is not the node's own",
        why="its trackers do not count, nopreempt is cleared, and it is active at once whenever it starts",
        fix="use 254 or less",
        evidence="RFC 9568 §5.2.4; keepalived, vrrp_set_effective_priority",
        check=_owners,
        needs=("interfaces",),
    ),
    Rule(
        id="KA124",
        severity=Severity.ERROR,
        title="state MASTER without a priority",
        why="it makes the priority 255: trackers do not count, and the node is active at once whenever it starts",
        fix="remove state, and say a priority of 254 or less",
        evidence="keepalived, vrrp_complete_instance",
        check=_implied_owner,
    ),
    Rule(
        id="KA125",
        severity=Severity.WARNING,
        title="state MASTER, which does not make a node active",
        why="the priority decides who is active, and state MASTER only clears nopreempt and preempt_delay",
        fix="remove state, or make it BACKUP",
        evidence="acassen/keepalived #2091; measured",
        check=_state,
    ),
    Rule(
        id="KA126",
        severity=Severity.ERROR,
        title="nopreempt that keepalived clears",
        why="the node takes its VIPs back when it returns",
        fix="use state BACKUP and a priority of 254 or less, or remove nopreempt",
        evidence="keepalived.conf(5), nopreempt",
        check=_cleared,
    ),
    Rule(
        id="KA128",
        severity=Severity.ERROR,
        title="nopreempt on some nodes, but not on one that comes before others",
        why="that one takes its VIPs back when it returns, and the others do not",
        fix="give nopreempt to all of them, or to none",
        evidence="keepalived.conf(5), nopreempt",
        check=_some_preempt,
    ),
    Rule(
        id="KA174",
        severity=Severity.WARNING,
        title="priorities so low that a planned stop costs more than it must",
        why=f"a VIP is away for (256 - priority of the heir) / 256 seconds, which is more than {BUDGET:g} s",
        fix="use high priorities, such as 254 and 250",
        evidence="RFC 9568 §6.1, Skew_Time; acassen/keepalived #2599; measured",
        check=_slow_handover,
    ),
)

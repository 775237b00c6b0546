# SPDX-License-Identifier: GPL-3.0-or-later
"""Match the instances of different nodes: those with a common VIP are one VRRP instance, whatever their names."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Callable, DefaultDict, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...basics.wording import grouped, odd
from .model import ConfiguredInstance, ConfiguredNode

RULES_ASK_AGAIN = 4  # cache size: every rule asks for the same nodes, one rule after the other


@dataclass
class LogicalInstance:
    """One VRRP instance of a cluster: its vrrp_instance on every node that has it, in the order of the nodes."""

    name: str
    """The name on its first node; with a VIP if two instances would have the same name."""
    members: Dict[str, ConfiguredInstance] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """Return `ipv4` or `ipv6`."""
        return self.first.family

    @property
    def first(self) -> ConfiguredInstance:
        """Return the member on the first node."""
        return next(iter(self.members.values()))

    @property
    def vips(self) -> Tuple[str, ...]:
        """Return the VIPs of all members, without duplicates."""
        return tuple(dict.fromkeys(ip for instance in self.members.values() for ip in vips_of(instance)))

    def __str__(self) -> str:
        vips = self.vips
        if not vips or self.name.endswith(")"):
            return self.name
        return f"{self.name}, which holds {vips[0]}" + (f" and {len(vips) - 1} more" if len(vips) > 1 else "")

    @property
    def what(self) -> str:
        """Return its first VIP, or its name if it has none; for messages about what clients lose."""
        return next(iter(self.vips), self.name)


def vips_of(instance: ConfiguredInstance) -> Tuple[str, ...]:
    """Return all VIPs of an instance, virtual_ipaddress_excluded among them."""
    return tuple(dict.fromkeys(each.ip for each in (*instance.addresses, *instance.excluded)))


def logical_instances(nodes: Sequence[ConfiguredNode]) -> Sequence[LogicalInstance]:
    """Match the instances of all nodes: by common VIPs, and the rest by name and family."""
    return _logical_instances(tuple(nodes))


@lru_cache(maxsize=RULES_ASK_AGAIN)
def _logical_instances(nodes: Tuple[ConfiguredNode, ...]) -> Sequence[LogicalInstance]:
    found: List[LogicalInstance] = []
    by_vip: DefaultDict[Tuple[str, str], List[LogicalInstance]] = defaultdict(list)
    for node in nodes:
        for instance in node.instances:
            keys = [(instance.family, ip) for ip in vips_of(instance)]
            joined = _most_in_common([each for key in keys for each in by_vip[key] if node.name not in each.members])
            if joined is None:
                joined = LogicalInstance(instance.name)
                found.append(joined)
            joined.members[node.name] = instance
            for key in keys:
                if not any(each is joined for each in by_vip[key]):
                    by_vip[key].append(joined)
    return _told_apart(_join_by_name(found))


def _most_in_common(votes: Sequence[LogicalInstance]) -> Optional[LogicalInstance]:
    """Return the most frequent element (it occurs once for every common VIP); the first one at a tie."""
    counts = Counter(map(id, votes))
    return max(votes, key=lambda each: counts[id(each)], default=None)


def _join_by_name(found: Sequence[LogicalInstance]) -> List[LogicalInstance]:
    """Join instances of one name that have no VIP in common: their addresses differ, or they have none."""
    joined: List[LogicalInstance] = []
    open_ones: Dict[Tuple[str, str], LogicalInstance] = {}
    for logical in found:
        key = (logical.name, logical.family)
        known = open_ones.get(key)
        if len(logical.members) == 1 and known and not set(known.members) & set(logical.members):
            known.members.update(logical.members)
            continue
        joined.append(logical)
        if len(logical.members) == 1:
            open_ones[key] = logical
    return joined


def _told_apart(found: List[LogicalInstance]) -> List[LogicalInstance]:
    """Append a VIP to names that occur several times."""
    names = Counter(each.name for each in found)
    for number, logical in enumerate(found):
        if names[logical.name] > 1:
            logical.name = f"{logical.name} ({next(iter(logical.vips), f'number {number + 1}')})"
    return found


class Disagreement(NamedTuple):
    """A setting that differs between the members of an instance: {node: value}, and the member that deviates."""

    logical: LogicalInstance
    values: Mapping[str, str]
    node: ConfiguredNode
    instance: ConfiguredInstance


def shared(nodes: Sequence[ConfiguredNode]) -> Iterator[Tuple[LogicalInstance, Mapping[str, ConfiguredNode]]]:
    """Yield the instances that are on more than one node, with {name: node} of those nodes."""
    known = {node.name: node for node in nodes}
    for logical in logical_instances(nodes):
        if len(logical.members) > 1:
            yield logical, {name: known[name] for name in logical.members}


def disagreements(
    nodes: Sequence[ConfiguredNode], say: Callable[[ConfiguredNode, ConfiguredInstance], str]
) -> Iterator[Disagreement]:
    """Yield the instances for whose members `say` returns different values."""
    for logical, among in shared(nodes):
        values = {name: say(among[name], instance) for name, instance in logical.members.items()}
        groups = grouped(values)
        if len(groups) > 1:
            node = odd(groups)
            yield Disagreement(logical, values, among[node], logical.members[node])

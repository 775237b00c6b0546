# SPDX-License-Identifier: GPL-3.0-or-later
"""The VIPs of an instance: every node must have the same ones, written alike (KA112 to KA114)."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Callable, DefaultDict, Dict, FrozenSet, Iterator, List, Mapping, Sequence, Tuple

from ....basics.wording import listed
from ....lint.finding import Found, Rule, Severity
from ...config.matching import disagreements, shared
from ...config.model import TAKES_ANY_LIST, Address, ConfiguredInstance, ConfiguredNode
from ...language.discreet import shown_value

NOT_IN_ADVERTS = ("virtual_routes", "virtual_rules")


def _lists(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical, among in shared(nodes):
        accepted = all(node.version is not None and node.version >= TAKES_ANY_LIST for node in among.values())
        lists = {
            name: frozenset(address.ip for address in member.addresses) for name, member in logical.members.items()
        }
        for name, missing in _lacking(lists):
            yield Found(
                name,
                logical.members[name].at("virtual_ipaddress"),
                f"{name} does not list {listed(missing)} in {logical.name}, and {_having(lists, missing)}",
                effect=f"{missing[0]} is on no node while {name} is active"
                if accepted
                else f"keepalived before 2.3.3 discards adverts with another list,"
                f" and each node is active for {logical.what} at the same time",
                severity=Severity.WARNING if accepted else None,
                values=_shown_lists(lists),
            )


def _lacking(lists: Mapping[str, FrozenSet[str]]) -> Iterator[Tuple[str, List[str]]]:
    for name, here in lists.items():
        missing = sorted(frozenset().union(*lists.values()) - here)
        if missing:
            yield name, missing


def _having(lists: Mapping[str, FrozenSet[str]], missing: Sequence[str]) -> str:
    names = [name for name, here in lists.items() if here & set(missing)]
    return f"{listed(names)} {'do' if len(names) > 1 else 'does'}"


def _shown_lists(lists: Mapping[str, FrozenSet[str]]) -> Dict[str, str]:
    return {name: ", ".join(sorted(here)) for name, here in lists.items()}


def _attributes(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical, _among in shared(nodes):
        shown: DefaultDict[str, Dict[str, str]] = defaultdict(dict)
        where: Dict[Tuple[str, str], Address] = {}
        for name, member in logical.members.items():
            for address in (*member.addresses, *member.excluded):
                shown[address.ip][name] = _shown(address, member)
                where[address.ip, name] = address
        for ip, values in shown.items():
            if len(set(values.values())) > 1:
                name = list(values)[-1]
                yield Found(
                    name,
                    where[ip, name].place,
                    f"{' and '.join(f'{other} has {value}' for other, value in values.items())} in {logical.name}",
                    values=values,
                )


def _shown(address: Address, instance: ConfiguredInstance) -> str:
    """Return an address with its options in a fixed order, without defaults, so that equal ones compare equal."""
    prefix = address.prefix if address.prefix is not None else (128 if ":" in address.ip else 32)
    options: List[str] = []
    words = list(address.options)
    while words:
        word = words.pop(0)
        value = words.pop(0) if words and word in ("dev", "brd", "broadcast", "scope", "label", "peer") else ""
        if word == "dev" and value == instance.interface:
            continue
        options.append(f"{word} {value}".rstrip())
    return " ".join([f"{address.ip}/{prefix}", *sorted(options)])


def _not_in_adverts(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    yield from _excluded(nodes)
    for keyword in NOT_IN_ADVERTS:
        for disagreement in disagreements(nodes, partial(_block, keyword)):
            members = disagreement.logical.members.items()
            yield Found(
                disagreement.node.name,
                disagreement.instance.at(keyword),
                f"the {keyword} of {listed(disagreement.values)} are not the same in {disagreement.logical}",
                effect="after a takeover, hosts are reached by other ways than before, or not at all",
                values={name: "; ".join(_lines(keyword, each, shown_value)) for name, each in members},
            )


def _excluded(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical, _among in shared(nodes):
        lists = {name: frozenset(address.ip for address in member.excluded) for name, member in logical.members.items()}
        for name, lacking in _lacking(lists):
            member = logical.members[name]
            missing = [ip for ip in lacking if ip not in {address.ip for address in member.addresses}]
            if missing:
                yield Found(
                    name,
                    member.at("virtual_ipaddress_excluded"),
                    f"{name} does not have {listed(missing)} in virtual_ipaddress_excluded of {logical.name},"
                    f" and {_having(lists, missing)}",
                    effect=f"{missing[0]} is on no node while {name} is active",
                    values=_shown_lists(lists),
                )


def _block(keyword: str, _node: ConfiguredNode, instance: ConfiguredInstance) -> str:
    return "; ".join(_lines(keyword, instance, " ".join))


def _lines(keyword: str, instance: ConfiguredInstance, text: Callable[[List[str]], str]) -> List[str]:
    lines = [line for part in instance.directive.all(keyword) for line in part.block or ()]
    return sorted(text([word.text for word in line.words]) for line in lines)


RULES = (
    Rule(
        id="KA112",
        severity=Severity.ERROR,
        title="the nodes of one instance list different VIPs",
        why="before keepalived 2.3.3 they discard each other's adverts, and since then VIPs are lost at a takeover",
        fix="give all of them the same virtual_ipaddress",
        evidence="acassen/keepalived commit af103930; measured",
        check=_lists,
    ),
    Rule(
        id="KA113",
        severity=Severity.WARNING,
        title="a VIP has another prefix length, scope, label or device on another node",
        why="adverts say nothing of these, so nobody notices, and routing is different after a takeover",
        fix="write the address alike on all nodes",
        evidence="RFC 9568 §5.2.9; measured",
        check=_attributes,
    ),
    Rule(
        id="KA114",
        severity=Severity.WARNING,
        title="excluded VIPs, routes or rules differ between the nodes of one instance",
        why="adverts do not list them, so nobody notices, and they are lost at a takeover",
        fix="give them to all nodes",
        evidence="keepalived.conf(5), virtual_ipaddress_excluded",
        check=_not_in_adverts,
    ),
)

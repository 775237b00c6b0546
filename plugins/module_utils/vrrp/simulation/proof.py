# SPDX-License-Identifier: GPL-3.0-or-later
"""The failover proof: every single failure and every pair of them, and what becomes of each VIP."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any, DefaultDict, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ...basics.table import columns
from ..model import Cluster, Layout
from .outage import Cast, Part, Role, casts_of

TITLES = {
    "node": "{} dies",
    "link": "{} loses its network",
    "proxy": "the proxy of {} fails",
    "keepalived": "keepalived of {} is killed",
}
MOST_NODES = 12  # of which every pair of failures is simulated, which takes seconds
HEADER = ("what fails", "VIPs that move", "outage", "two holders")
FAMILIES = {"ipv4": "IPv4", "ipv6": "IPv6"}


@dataclass(frozen=True)
class Move:
    """A VIP that goes to another node; where no node is left for it, it has no target, and its outage no end."""

    vip: str
    origin: Optional[str]
    target: Optional[str]
    outage: Optional[float]
    two_holders: float


@dataclass(frozen=True)
class Failure:
    """What happens when these parts fail at the same moment."""

    parts: Tuple[Part, ...]
    title: str
    holders: Mapping[str, Optional[str]]
    moves: Tuple[Move, ...]
    lost: Tuple[str, ...]
    findings: Tuple[str, ...]

    @property
    def outage(self) -> float:
        """The longest time for which a VIP is away that comes back."""
        return max((move.outage for move in self.moves if move.outage is not None), default=0.0)

    @property
    def two_holders(self) -> float:
        """The longest time for which a VIP has two holders."""
        return max((move.two_holders for move in self.moves), default=0.0)


@dataclass(frozen=True)
class Proof:
    """Who holds what while nothing has failed, and what every failure does."""

    normal: Mapping[str, Optional[str]]
    failures: Tuple[Failure, ...]
    findings: Tuple[str, ...]


def prove(cluster: Cluster, layout: Layout) -> Proof:
    """Simulate every single failure and every pair of them."""
    casts = casts_of(cluster, layout)
    nothing = _failure((), casts, {})
    failures = [_failure(parts, casts, nothing.holders) for parts in _all_failures(cluster)]
    findings = (finding for failure in (nothing, *failures) for finding in failure.findings)
    return Proof(nothing.holders, tuple(failures), tuple(findings))


def _all_failures(cluster: Cluster) -> Iterator[Tuple[Part, ...]]:
    """Yield the single failures and the pairs, of large clusters only those of whole nodes.

    Of a node that is dead, nothing else can fail.
    """
    parts = [Part(kind, node.name) for kind in TITLES for node in cluster.nodes]
    yield from ((part,) for part in parts)
    paired = parts if len(cluster.nodes) <= MOST_NODES else parts[: len(cluster.nodes)]
    for one, other in combinations(paired, 2):
        if one.node != other.node or "node" not in (one.kind, other.kind):
            yield one, other


def _failure(parts: Tuple[Part, ...], casts: Sequence[Cast], normal: Mapping[str, Optional[str]]) -> Failure:
    roles: DefaultDict[str, List[Role]] = defaultdict(list)
    for cast in casts:
        for vip, role in cast.courses(frozenset(parts)):
            roles[vip].append(role)
    holders = {vip: next((node for role in both for node in role.holders), None) for vip, both in roles.items()}
    moves = [_move(vip, normal.get(vip), holders[vip], roles[vip]) for vip in holders]
    title = " and ".join(TITLES[part.kind].format(part.node) for part in parts)
    return Failure(
        parts,
        title,
        holders,
        tuple(move for move in moves if parts and (move.origin != move.target or move.outage or move.two_holders)),
        tuple(vip for vip, both in roles.items() if not any(role.course.able for role in both)),
        tuple(f"{title or 'nothing fails'}: {each}" for vip in roles for each in _complaints(vip, roles[vip])),
    )


def _move(vip: str, origin: Optional[str], target: Optional[str], roles: Sequence[Role]) -> Move:
    return Move(
        vip,
        origin,
        target,
        None if target is None else max(role.course.outage for role in roles),
        max(role.course.two_holders for role in roles),
    )


def _complaints(vip: str, roles: Sequence[Role]) -> Iterator[str]:
    for role in roles:
        yield from role.complaints(vip if len(roles) == 1 else f"the {FAMILIES[role.family]} part of {vip}")
    if len({role.holders for role in roles}) > 1:
        ends = (f"{FAMILIES[role.family]} on {' and '.join(role.holders) or 'no node'}" for role in roles)
        yield f"the families of {vip} part: {', '.join(ends)}"


def proof_result(proof: Proof) -> Dict[str, Any]:
    """Return a proof as plain data; the outage of a VIP that is lost has no end, and is given as 0."""
    return {
        "holds": not proof.findings,
        "findings": list(proof.findings),
        "normal": dict(proof.normal),
        "failures": [_failure_data(each) for each in proof.failures],
    }


def _failure_data(failure: Failure) -> Dict[str, Any]:
    return {
        "parts": [part._asdict() for part in failure.parts],
        "title": failure.title,
        "holders": dict(failure.holders),
        "moves": [_move_data(each) for each in failure.moves],
        "outage_seconds": round(failure.outage, 3),
        "two_holders_seconds": round(failure.two_holders, 3),
        "lost": list(failure.lost),
    }


def _move_data(move: Move) -> Dict[str, Any]:
    return {
        "vip": move.vip,
        "from": move.origin,
        "to": move.target,
        "outage_seconds": round(move.outage or 0.0, 3),
        "two_holders_seconds": round(move.two_holders, 3),
    }


def proof_table(result: Mapping[str, Any]) -> str:
    """Return the single failures as a table, and the pairs as one line, or as rows where one has a finding."""
    single = [each for each in result["failures"] if len(each["parts"]) == 1]
    pairs = [each for each in result["failures"] if len(each["parts"]) > 1]
    wrong = [each for each in pairs if any(finding.startswith(f"{each['title']}:") for finding in result["findings"])]
    lines = columns([HEADER, *(_row(each) for each in (*single, *wrong))])
    if pairs and not wrong:
        lines.append(_summary(pairs))
    lines += [f"NOT PROVED: {finding}" for finding in result["findings"]]
    return "\n".join(lines)


def _row(failure: Mapping[str, Any]) -> Tuple[str, ...]:
    moves = ", ".join(f"{each['vip']} {each['from']}→{each['to'] or 'lost'}" for each in failure["moves"])
    return (
        failure["title"],
        moves or "none",
        "no end" if failure["lost"] else _seconds(failure["outage_seconds"]),
        _seconds(failure["two_holders_seconds"]),
    )


def _summary(pairs: Sequence[Mapping[str, Any]]) -> str:
    """Say in one line what all pairs have in common."""
    longest = max(pairs, key=lambda each: each["outage_seconds"])
    losing = sum(1 for each in pairs if each["lost"])
    text = f"all {len(pairs)} pairs: one holder each"
    if losing:
        text += f", but for {losing} that leave no node for a VIP"
    return f"{text}; longest outage {_seconds(longest['outage_seconds'])} ({longest['title']})"


def _seconds(value: Optional[float]) -> str:
    return f"{value:.3f} s" if value else "0"

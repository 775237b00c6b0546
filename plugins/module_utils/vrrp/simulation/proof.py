# SPDX-License-Identifier: GPL-3.0-or-later
"""The failover proof: the effect of every single failure and of every pair on every VIP; times are in seconds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any, DefaultDict, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ...basics.table import columns
from ..model import Cluster, Layout
from .outage import FailedPart, MovingGroup, VipEffect, groups_of

TITLES = {
    "node": "{} dies",
    "link": "{} loses its network",
    "proxy": "the proxy of {} fails",
    "keepalived": "keepalived of {} is killed",
    "uplink": "{} loses its uplinks",
}
NOBODY_REACHES = "all lose their uplinks"
PAIR = 2
MOST_NODES = 12  # up to this size, every pair of failures is simulated, which takes seconds
HEADER = ("what fails", "VIPs that move", "outage", "two holders")
FAMILIES = {"ipv4": "IPv4", "ipv6": "IPv6"}


@dataclass(frozen=True)
class Move:
    """The effect of a failure on a VIP; target and outage are None when no node is left for it."""

    vip: str
    origin: Optional[str]
    target: Optional[str]
    outage: Optional[float]
    two_holders: float


@dataclass(frozen=True)
class Failure:
    """The effect of parts that fail at the same moment; `lost` are the VIPs for which no node is left."""

    parts: Tuple[FailedPart, ...]
    title: str
    holders: Mapping[str, Optional[str]]
    moves: Tuple[Move, ...]
    lost: Tuple[str, ...]
    findings: Tuple[str, ...]

    @property
    def outage(self) -> float:
        """The longest outage of a VIP that gets another holder."""
        return max((move.outage for move in self.moves if move.outage is not None), default=0.0)

    @property
    def two_holders(self) -> float:
        """The longest time with two holders of a VIP."""
        return max((move.two_holders for move in self.moves), default=0.0)


@dataclass(frozen=True)
class Proof:
    """The holder of every VIP without a failure, and the effect of every failure; without findings, it holds."""

    normal: Mapping[str, Optional[str]]
    failures: Tuple[Failure, ...]
    findings: Tuple[str, ...]


def prove(cluster: Cluster, layout: Layout, proxies: bool = True) -> Proof:
    """Simulate every single failure, every pair of them, and the loss of all uplinks.

    Without `proxies`, the nodes have none that could fail.
    """
    groups = groups_of(cluster, layout)
    nothing = _failure((), groups, {})
    failures = [_failure(parts, groups, nothing.holders) for parts in _all_failures(cluster, proxies)]
    findings = (finding for failure in (nothing, *failures) for finding in failure.findings)
    return Proof(nothing.holders, tuple(failures), tuple(findings))


def _all_failures(cluster: Cluster, proxies: bool) -> Iterator[Tuple[FailedPart, ...]]:
    """Yield the single failures, the pairs without those of a dead node and another part of it, and all uplinks.

    In clusters above MOST_NODES, the pairs are those of whole nodes.
    """
    has = {"proxy": proxies, "uplink": bool(cluster.uplinks)}
    kinds = [kind for kind in TITLES if has.get(kind, True)]
    parts = [FailedPart(kind, node.name) for kind in kinds for node in cluster.nodes]
    yield from ((part,) for part in parts)
    paired = parts if len(cluster.nodes) <= MOST_NODES else parts[: len(cluster.nodes)]
    for one, other in combinations(paired, 2):
        if one.node != other.node or "node" not in (one.kind, other.kind):
            yield one, other
    if cluster.uplinks and len(cluster.nodes) > PAIR:
        yield tuple(part for part in parts if part.kind == "uplink")


def _title(parts: Sequence[FailedPart]) -> str:
    if len(parts) > PAIR:
        return NOBODY_REACHES
    return " and ".join(TITLES[part.kind].format(part.node) for part in parts)


def _failure(
    parts: Tuple[FailedPart, ...], groups: Sequence[MovingGroup], normal: Mapping[str, Optional[str]]
) -> Failure:
    families: DefaultDict[str, List[VipEffect]] = defaultdict(list)
    for group in groups:
        for vip, effect in group.effects(frozenset(parts)):
            families[vip].append(effect)
    holders = {
        vip: next((node for effect in effects for node in effect.holders), None) for vip, effects in families.items()
    }
    moves = [_move(vip, normal.get(vip), holders[vip], families[vip]) for vip in holders]
    title = _title(parts)
    return Failure(
        parts,
        title,
        holders,
        tuple(move for move in moves if parts and (move.origin != move.target or move.outage or move.two_holders)),
        tuple(vip for vip, effects in families.items() if not any(effect.effect.able for effect in effects)),
        tuple(
            f"{title or 'nothing fails'}: {complaint}"
            for vip, effects in families.items()
            for complaint in _complaints(vip, effects)
        ),
    )


def _move(vip: str, origin: Optional[str], target: Optional[str], families: Sequence[VipEffect]) -> Move:
    return Move(
        vip,
        origin,
        target,
        None if target is None else max(family.effect.outage for family in families),
        max(family.effect.two_holders for family in families),
    )


def _complaints(vip: str, effects: Sequence[VipEffect]) -> Iterator[str]:
    for effect in effects:
        yield from effect.complaints(vip if len(effects) == 1 else f"the {FAMILIES[effect.family]} part of {vip}")
    if len({effect.holders for effect in effects}) > 1:
        ends = (f"{FAMILIES[effect.family]} on {' and '.join(effect.holders) or 'no node'}" for effect in effects)
        yield f"the families of {vip} part: {', '.join(ends)}"


def proof_result(proof: Proof) -> Dict[str, Any]:
    """Return a proof as plain data; the outage of a lost VIP, which has no end, is 0."""
    return {
        "holds": not proof.findings,
        "findings": list(proof.findings),
        "normal": dict(proof.normal),
        "failures": [_failure_data(failure) for failure in proof.failures],
    }


def _failure_data(failure: Failure) -> Dict[str, Any]:
    return {
        "parts": [part._asdict() for part in failure.parts],
        "title": failure.title,
        "holders": dict(failure.holders),
        "moves": [_move_data(move) for move in failure.moves],
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
    """Return a table of the result of `proof_result`: the single failures, and the pairs that have a finding.

    When no pair has one, a last line sums up the pairs.
    """
    single = [failure for failure in result["failures"] if len(failure["parts"]) != PAIR]
    pairs = [failure for failure in result["failures"] if len(failure["parts"]) == PAIR]
    wrong = [pair for pair in pairs if any(finding.startswith(f"{pair['title']}:") for finding in result["findings"])]
    lines = columns([HEADER, *(_row(failure) for failure in (*single, *wrong))])
    if pairs and not wrong:
        lines.append(_summary(pairs))
    lines += [f"NOT PROVED: {finding}" for finding in result["findings"]]
    return "\n".join(lines)


def _row(failure: Mapping[str, Any]) -> Tuple[str, ...]:
    moves = ", ".join(f"{move['vip']} {move['from']}→{move['to'] or 'lost'}" for move in failure["moves"])
    return (
        failure["title"],
        moves or "none",
        "no end" if failure["lost"] else _seconds(failure["outage_seconds"]),
        _seconds(failure["two_holders_seconds"]),
    )


def _summary(pairs: Sequence[Mapping[str, Any]]) -> str:
    """Return one line about all pairs, none of which has a finding."""
    longest = max(pairs, key=lambda pair: pair["outage_seconds"])
    losing = sum(1 for pair in pairs if pair["lost"])
    text = f"all {len(pairs)} pairs: one holder each"
    if losing:
        text += f", but for {losing} that leave no node for a VIP"
    return f"{text}; longest outage {_seconds(longest['outage_seconds'])} ({longest['title']})"


def _seconds(value: Optional[float]) -> str:
    return f"{value:.3f} s" if value else "0"

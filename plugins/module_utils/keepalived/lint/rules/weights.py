# SPDX-License-Identifier: GPL-3.0-or-later
"""Priorities, weights and nopreempt together: what the model checker finds for every failure and every pair."""

from __future__ import annotations

from typing import Callable, Dict, Iterator, List, Sequence, Tuple

from ....basics.wording import listed
from ....lint.finding import Found, Rule, Severity
from ...config.model import ConfiguredNode
from ..model_checker.checker import Lapse, LapseCause, lapses, simulated, tied_by_clamp
from ..model_checker.contests import Contest, contests


def _of(cause: LapseCause) -> Callable[[Sequence[ConfiguredNode]], Iterator[Found]]:
    """Return the check of a rule for one cause: it yields one finding for every instance and failed track."""

    def check(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
        for contest in contests(nodes):
            cases: Dict[Tuple[str, str], List[Lapse]] = {}
            for lapse in lapses(contest.form):
                if lapse.cause is cause:
                    track = contest.failed_track(lapse)
                    cases.setdefault((track.kind, track.name), []).append(lapse)
            for alike in cases.values():
                if simulated(contest.form, alike[0]) == alike[0].active:
                    yield _found(contest, alike)
            if cause is LapseCause.CLAMP:
                yield from _tied_by_clamp(contest)

    return check


def _found(contest: Contest, alike: Sequence[Lapse]) -> Found:
    lapse = alike[0]
    track = contest.failed_track(lapse)
    active, better = contest.nodes[lapse.active], contest.nodes[lapse.better]
    failed = contest.says(lapse.failed)
    own, other = lapse.priorities[lapse.active], lapse.priorities[lapse.better]
    keeps = "keeps" if lapse.before == lapse.active else "takes"
    others = len(alike) - 1
    further = f", and {others} more case{'s' if others > 1 else ''} like it" if others else ""
    return Found(
        active,
        track.place,
        _sentence(contest, lapse, track.name),
        effect=f"when {failed}, {active} {keeps} {contest.logical.what} with priority {own} against {other} of {better}"
        + further,
        values={
            node: "down" if priority is None else str(priority)
            for node, priority in zip(contest.nodes, lapse.priorities)
        },
    )


def _sentence(contest: Contest, lapse: Lapse, name: str) -> str:
    active, better = contest.nodes[lapse.active], contest.nodes[lapse.better]
    weight = contest.failed_track(lapse).weight
    where = f"{name} has weight {weight} on {active}"
    bases = f"{active} has priority {contest.form[lapse.active].priority} and {better}"
    bases += f" {contest.form[lapse.better].priority} in {contest.logical.name}"
    if lapse.cause is LapseCause.STAYS:
        return f"{where}, and {better} has nopreempt in {contest.logical.name}"
    return f"{where}, and {bases}"


def _tied_by_clamp(contest: Contest) -> Iterator[Found]:
    """Yield the nodes whose sums of weights differ, but whose priorities are all capped to 254."""
    sides = tied_by_clamp(contest.form)
    if sides:
        names = [contest.nodes[side] for side in sides]
        bases = {contest.nodes[side]: str(contest.form[side].priority) for side in sides}
        yield Found(
            names[0],
            contest.logical.members[names[0]].at("priority"),
            f"{listed(f'{name} has priority {base}' for name, base in bases.items())} in {contest.logical.name},"
            f" and with their weights they come to 254",
            effect=f"their addresses decide which of them is active for {contest.logical.what}",
            values=bases,
        )


MEASURED = "simulated, by a state machine that recordings of keepalived are held against; measured"

RULES = (
    Rule(
        id="KA127",
        severity=Severity.ERROR,
        title="nopreempt together with a weight",
        why="a backup with nopreempt takes over from no node that still sends adverts, however low its priority is",
        fix="use weight 0, so that a failure is FAULT, or remove nopreempt",
        evidence=f"acassen/keepalived #2379 #2483 #2599 #2684 #198 #2114; {MEASURED}",
        check=_of(LapseCause.STAYS),
    ),
    Rule(
        id="KA129",
        severity=Severity.ERROR,
        title="a failure takes too little from the priority",
        why="the node stays active although its check fails and a healthy node is there",
        fix="let the weight take more than the difference between the priorities, or use weight 0",
        evidence=f"acassen/keepalived #2599 #2485; {MEASURED}",
        check=_of(LapseCause.DROP),
    ),
    Rule(
        id="KA130",
        severity=Severity.ERROR,
        title="weights go beyond the priorities there are",
        why="a priority is kept within 1 and 254, so a failure does not change it, or two nodes come to the same",
        fix="use lower priorities or smaller weights, so that every sum is from 1 to 254",
        evidence=f"keepalived, vrrp_set_effective_priority; {MEASURED}",
        check=_of(LapseCause.CLAMP),
    ),
    Rule(
        id="KA132",
        severity=Severity.ERROR,
        title="health adds too little to the priority",
        why="the node stays active although its check fails and a healthy node is there",
        fix="let the weight add more than the difference between the priorities, or use weight 0",
        evidence=f"acassen/keepalived #2599; {MEASURED}",
        check=_of(LapseCause.RISE),
    ),
)

# SPDX-License-Identifier: GPL-3.0-or-later
"""From configurations to what the checker plays with: each instance, and what takes something from whom."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from functools import lru_cache
from typing import Dict, FrozenSet, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...vrrp.simulation.election import FAULT_WEIGHT
from ..config.matching import RULES_ASK_AGAIN, LogicalInstance, shared
from ..config.model import OWNER, Instance, Node, Track
from ..config.routers import source_of
from .model_checker import MOST_WEIGHT, FailurePoint, Form, Lapse, Side, contribution

FAILS = {
    "script": ("the script {} fails", "the script {} succeeds"),
    "file": ("the file {} is not 0", "the file {} is 0"),
    "process": ("the process {} is gone", "the process {} is there"),
    "bfd": ("the BFD session {} is down", "the BFD session {} is up"),
    "interface": ("the interface {} is down", "the interface {} is up"),
}
USUAL_FILE_WEIGHT = 1


class Check(NamedTuple):
    """All that is tracked of one thing: what it adds while all is well, and when it fails."""

    track: Track
    adds: Tuple[int, int]


class Contest(NamedTuple):
    """One instance; sides and checks are in the order of its form."""

    logical: LogicalInstance
    nodes: Tuple[str, ...]
    checks: Tuple[Tuple[Check, ...], ...]
    form: Form

    def says(self, failed: FrozenSet[FailurePoint]) -> str:
        """Say what fails."""
        return " and ".join(self._says(part) for part in sorted(failed, key=str))

    def _says(self, part: FailurePoint) -> str:
        if part.check is None:
            return f"{self.nodes[part.side]} is down"
        track = self.checks[part.side][part.check].track
        return f"{FAILS[track.kind][track.reverse].format(track.name)} on {self.nodes[part.side]}"

    def failed_track(self, lapse: Lapse) -> Track:
        """Return what fails on the node that is active then."""
        part = next(part for part in sorted(lapse.failed, key=str) if part.side == lapse.active)
        return self.checks[part.side][part.check or 0].track


def contests(nodes: Sequence[Node]) -> Sequence[Contest]:
    """Return the instances of more than one node, but for those with an owner, whose trackers do not count."""
    return _contests(tuple(nodes))


@lru_cache(maxsize=RULES_ASK_AGAIN)
def _contests(nodes: Tuple[Node, ...]) -> Sequence[Contest]:
    return tuple(
        _contest(logical, among)
        for logical, among in shared(nodes)
        if all(member.priority != OWNER for member in logical.members.values())
    )


def _contest(logical: LogicalInstance, among: Mapping[str, Node]) -> Contest:
    ranks = _ranks([source_of(among[name], member) for name, member in logical.members.items()])
    checks = tuple(_checks(among[name], member) for name, member in logical.members.items())
    form = tuple(
        Side(member.priority, not member.nopreempt, rank, tuple(check.adds for check in tracked))
        for member, rank, tracked in zip(logical.members.values(), ranks, checks)
    )
    return Contest(logical, tuple(logical.members), checks, form)


def _ranks(sources: Sequence[Optional[str]]) -> List[int]:
    """Rank addresses; those that are not known come first, in their order."""
    known = [(int(ipaddress.ip_address(each)) if each else 0, index) for index, each in enumerate(sources)]
    return [sorted(known).index(each) for each in known]


def _checks(node: Node, instance: Instance) -> Tuple[Check, ...]:
    together: Dict[Tuple[str, str], Check] = {}
    for track in _heeded(node, instance):
        known = together.get((track.kind, track.name))
        together[track.kind, track.name] = _join(known, track) if known else Check(track, _adds(track))
    return tuple(together.values())


def _adds(track: Track) -> Tuple[int, int]:
    return contribution(track.weight, track.reverse)


def _join(known: Check, track: Track) -> Check:
    adds = _adds(track)
    fault = FAULT_WEIGHT in (known.adds[1], adds[1])
    bad = FAULT_WEIGHT if fault else max(-MOST_WEIGHT, known.adds[1] + adds[1])
    return Check(known.track, (known.adds[0] + adds[0], bad))


def _heeded(node: Node, instance: Instance) -> Iterable[Track]:
    """Yield what can take something from an instance, as keepalived leaves it (vrrp_complete_instance).

    In a sync group, weights of members are ignored, and what puts one member into FAULT, does so to all. What a file
    with a weight adds, is up to whoever writes it.
    """
    group = node.group_of(instance)
    said = list(instance.tracks) if group is None or group.weighs else list(_unweighted(instance.tracks))
    if group is not None:
        others = (each for each in node.instances if each.name in group.members and each is not instance)
        said += [track for each in others for track in _unweighted(each.tracks) if track.weight == 0]
        said += group.tracks
    return (track for track in said if track.defined and (track.kind != "file" or track.weight == 0))


def _unweighted(tracks: Iterable[Track]) -> Iterator[Track]:
    """Yield what is left of the trackers of a member: weighted ones go, but interfaces and usual files put to FAULT."""
    for track in tracks:
        if track.weight == 0:
            yield track
        elif track.kind == "interface" or (track.kind == "file" and track.weight == USUAL_FILE_WEIGHT):
            yield replace(track, weight=0)

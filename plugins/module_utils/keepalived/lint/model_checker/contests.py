# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn configurations into input of the model checker: every instance with the checks that change its priorities."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from functools import lru_cache
from typing import Dict, FrozenSet, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ....vrrp.weights import FAULT_WEIGHT
from ...config.matching import RULES_ASK_AGAIN, LogicalInstance, shared
from ...config.model import OWNER, ConfiguredInstance, ConfiguredNode, Track
from ...config.routers import source_of
from .checker import MOST_WEIGHT, FailurePoint, Form, Lapse, Side, contribution

FAILS = {
    "script": ("the script {} fails", "the script {} succeeds"),
    "file": ("the file {} is not 0", "the file {} is 0"),
    "process": ("the process {} is gone", "the process {} is there"),
    "bfd": ("the BFD session {} is down", "the BFD session {} is up"),
    "interface": ("the interface {} is down", "the interface {} is up"),
}
USUAL_FILE_WEIGHT = 1


class TrackedCheck(NamedTuple):
    """Everything tracked about one script, file, process, BFD session or interface; `adds` as of `contribution`."""

    track: Track
    adds: Tuple[int, int]


class Contest(NamedTuple):
    """The election for one instance; `nodes` and `checks` are in the order of the sides of `form`."""

    logical: LogicalInstance
    nodes: Tuple[str, ...]
    checks: Tuple[Tuple[TrackedCheck, ...], ...]
    form: Form

    def says(self, failed: FrozenSet[FailurePoint]) -> str:
        """Return the failure in words, such as `the script chk fails on lb1 and lb2 is down`."""
        return " and ".join(self._says(part) for part in sorted(failed, key=str))

    def _says(self, part: FailurePoint) -> str:
        if part.check is None:
            return f"{self.nodes[part.side]} is down"
        track = self.checks[part.side][part.check].track
        return f"{FAILS[track.kind][track.reverse].format(track.name)} on {self.nodes[part.side]}"

    def failed_track(self, lapse: Lapse) -> Track:
        """Return the failed track on the node that is active after the failure."""
        part = next(part for part in sorted(lapse.failed, key=str) if part.side == lapse.active)
        return self.checks[part.side][part.check or 0].track


def contests(nodes: Sequence[ConfiguredNode]) -> Sequence[Contest]:
    """Return a contest for every instance of several nodes, unless one is the owner: its trackers do not count."""
    return _contests(tuple(nodes))


@lru_cache(maxsize=RULES_ASK_AGAIN)
def _contests(nodes: Tuple[ConfiguredNode, ...]) -> Sequence[Contest]:
    return tuple(
        _contest(logical, among)
        for logical, among in shared(nodes)
        if all(member.priority != OWNER for member in logical.members.values())
    )


def _contest(logical: LogicalInstance, among: Mapping[str, ConfiguredNode]) -> Contest:
    ranks = _ranks([source_of(among[name], member) for name, member in logical.members.items()])
    checks = tuple(_checks(among[name], member) for name, member in logical.members.items())
    form = tuple(
        Side(member.priority, not member.nopreempt, rank, tuple(check.adds for check in tracked))
        for member, rank, tracked in zip(logical.members.values(), ranks, checks)
    )
    return Contest(logical, tuple(logical.members), checks, form)


def _ranks(sources: Sequence[Optional[str]]) -> List[int]:
    """Return the rank of every address; unknown ones are lowest."""
    known = [(int(ipaddress.ip_address(each)) if each else 0, index) for index, each in enumerate(sources)]
    return [sorted(known).index(each) for each in known]


def _checks(node: ConfiguredNode, instance: ConfiguredInstance) -> Tuple[TrackedCheck, ...]:
    together: Dict[Tuple[str, str], TrackedCheck] = {}
    for track in _heeded(node, instance):
        known = together.get((track.kind, track.name))
        together[track.kind, track.name] = _join(known, track) if known else TrackedCheck(track, _adds(track))
    return tuple(together.values())


def _adds(track: Track) -> Tuple[int, int]:
    return contribution(track.weight, track.reverse)


def _join(known: TrackedCheck, track: Track) -> TrackedCheck:
    adds = _adds(track)
    fault = FAULT_WEIGHT in (known.adds[1], adds[1])
    bad = FAULT_WEIGHT if fault else max(-MOST_WEIGHT, known.adds[1] + adds[1])
    return TrackedCheck(known.track, (known.adds[0] + adds[0], bad))


def _heeded(node: ConfiguredNode, instance: ConfiguredInstance) -> Iterable[Track]:
    """Yield the tracks that can lower an instance's priority or put it into FAULT (vrrp_complete_instance).

    In a sync group, weights of members are ignored, and FAULT of one member is FAULT of all. A file with a weight is
    left out: its effect depends on the number in the file.
    """
    group = node.group_of(instance)
    tracks = list(instance.tracks) if group is None or group.weighs else list(_unweighted(instance.tracks))
    if group is not None:
        others = (each for each in node.instances if each.name in group.members and each is not instance)
        tracks += [track for each in others for track in _unweighted(each.tracks) if track.weight == 0]
        tracks += group.tracks
    return (track for track in tracks if track.defined and (track.kind != "file" or track.weight == 0))


def _unweighted(tracks: Iterable[Track]) -> Iterator[Track]:
    """Yield the tracks that a group leaves to its member: interfaces and files of weight 1 get weight 0, others go."""
    for track in tracks:
        if track.weight == 0:
            yield track
        elif track.kind == "interface" or (track.kind == "file" and track.weight == USUAL_FILE_WEIGHT):
            yield replace(track, weight=0)

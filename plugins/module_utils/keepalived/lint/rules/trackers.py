# SPDX-License-Identifier: GPL-3.0-or-later
"""Trackers: whatever is tracked must be defined, and be the same on all nodes."""

from __future__ import annotations

from typing import Iterator, List, Sequence, Tuple

from ....basics.wording import grouped, listed
from ....lint.finding import Found, Rule, Severity
from ...config.matching import disagreements
from ...config.model import ConfiguredInstance, ConfiguredNode, Track

MATTERS = ("interval", "timeout", "fall", "rise", "quorum", "delay", "terminate_delay")
USUAL = {"interval": "1", "fall": "1", "rise": "1"}


def _different(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    known = {node.name: node for node in nodes}
    for disagreement in disagreements(nodes, _shown):
        tracks = {name: _descriptions(known[name], member) for name, member in disagreement.logical.members.items()}
        name, usual = disagreement.node.name, grouped(disagreement.values)[0][0]
        missing = [track for track in tracks[usual] if track not in tracks[name]]
        besides = [track for track in tracks[name] if track not in tracks[usual]]
        yield Found(
            name,
            disagreement.instance.at("track_script", "track_process", "track_file", "track_interface", "track_bfd"),
            f"{name} tracks {listed(besides) or 'less'} in {disagreement.logical.name}, and {usual} tracks"
            f" {listed(missing) or 'less'}",
            effect=f"the same failure takes {disagreement.logical.what} away from one of them and not from the other",
            values=disagreement.values,
        )


def _shown(node: ConfiguredNode, instance: ConfiguredInstance) -> str:
    return ", ".join(_descriptions(node, instance))


def _descriptions(node: ConfiguredNode, instance: ConfiguredInstance) -> List[str]:
    """Return every track with its weight and timing in words, without interface names: they differ between nodes."""
    return sorted(_description(node, track) for track in node.tracks_of(instance))


def _description(node: ConfiguredNode, track: Track) -> str:
    parts = [track.kind] if track.kind == "interface" else [track.kind, track.name]
    parts.append(f"with weight {track.weight}{' reverse' if track.reverse else ''}")
    tracker = next((each for each in node.trackers if (each.kind, each.name) == (track.kind, track.name)), None)
    for keyword in MATTERS if tracker else ():
        found = tracker.directive.last(keyword) if tracker else None
        value = found.arguments[0] if found and found.arguments else USUAL.get(keyword, "")
        if value != USUAL.get(keyword, ""):
            parts.append(f"{keyword} {value}")
    return " ".join(parts)


def _owners(node: ConfiguredNode) -> Iterator[Tuple[str, Tuple[Track, ...]]]:
    """Yield (name, tracks) of all groups and instances."""
    yield from ((each.name, each.tracks) for each in node.groups)
    yield from ((each.name, each.tracks) for each in node.instances)


def _undefined(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for name, tracks in _owners(node):
            for track in tracks:
                if not track.defined:
                    yield Found(
                        node.name,
                        track.place,
                        f"{name} on {node.name} tracks the {track.kind} {track.name}, which is not defined",
                    )


def _untracked(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        tracked = {(track.kind, track.name) for _name, tracks in _owners(node) for track in tracks}
        for tracker in node.trackers:
            if tracker.kind in ("script", "process") and (tracker.kind, tracker.name) not in tracked:
                yield Found(
                    node.name,
                    tracker.directive.place,
                    f"{node.name} defines the {tracker.kind} {tracker.name}, and no instance tracks it",
                )


RULES = (
    Rule(
        id="KA131",
        severity=Severity.WARNING,
        title="the nodes of one instance track different things",
        why="the same failure takes the VIPs away from one node and not from another",
        fix="track the same things with the same weights on all nodes",
        evidence="keepalived.conf(5), track_script",
        check=_different,
    ),
    Rule(
        id="KA133",
        severity=Severity.ERROR,
        title="something is tracked that is not defined",
        why="keepalived ignores it, and a failure is never noticed",
        fix="define it, or correct its name",
        evidence="keepalived.conf(5), track_script; measured",
        check=_undefined,
    ),
    Rule(
        id="KA134",
        severity=Severity.WARNING,
        title="a check is defined that nothing tracks",
        why="it never runs, and a failure is never noticed",
        fix="track it in an instance or a sync group, or remove it",
        evidence="keepalived.conf(5), vrrp_script; measured",
        check=_untracked,
    ),
)

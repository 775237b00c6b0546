# SPDX-License-Identifier: GPL-3.0-or-later
"""Version, interval and checksum of adverts, and how many a backup may miss."""

from __future__ import annotations

from typing import Callable, Iterator, Sequence

from ....basics.wording import differ, listed
from ....lint.finding import Found, Rule, Severity
from ...config.matching import Disagreement, disagreements
from ...config.model import ConfiguredInstance, ConfiguredNode

CHECKSUMS = ("v3_checksum_as_v2", "old_unicast_checksum")


def discarded_adverts(disagreement: Disagreement) -> str:
    """Return the effect of two nodes discarding each other's adverts."""
    return f"they discard each other's adverts, and each is active for {disagreement.logical.what} at the same time"


def _found(disagreement: Disagreement, keyword: str, effect: str) -> Found:
    return Found(
        disagreement.node.name,
        disagreement.node.where(disagreement.instance, keyword, keyword if keyword in CHECKSUMS else ""),
        f"{differ(disagreement.values, keyword)} in {disagreement.logical}",
        effect=effect,
        values=disagreement.values,
    )


def _versions(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for disagreement in disagreements(nodes, lambda _node, instance: str(instance.version)):
        versions = differ(disagreement.values, "VRRP version")
        yield Found(
            disagreement.node.name,
            disagreement.node.where(disagreement.instance, "version"),
            f"{versions} in {disagreement.logical}",
            effect=discarded_adverts(disagreement),
            values=disagreement.values,
        )


def _intervals(nodes: Sequence[ConfiguredNode], version: int) -> Iterator[Disagreement]:
    """Yield instances of this version with different intervals; KA107 reports different versions."""
    for disagreement in disagreements(nodes, lambda _node, instance: f"{instance.advert_interval:g}"):
        if {member.version for member in disagreement.logical.members.values()} == {version}:
            yield disagreement


def _intervals_of_2(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for disagreement in _intervals(nodes, 2):
        yield _found(disagreement, "advert_int", discarded_adverts(disagreement))


def _intervals_of_3(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for disagreement in _intervals(nodes, 3):
        waits = {
            name: member.down_timer_adverts * member.advert_interval
            for name, member in disagreement.logical.members.items()
        }
        shown = listed(f"{seconds:g} s when {name} was active" for name, seconds in waits.items())
        yield _found(disagreement, "advert_int", f"a takeover of {disagreement.logical.what} takes more than {shown}")


def _missed(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for disagreement in disagreements(nodes, lambda _node, instance: str(instance.down_timer_adverts)):
        fewest = min(map(int, disagreement.values.values()))
        earliest = min(disagreement.values, key=lambda name: int(disagreement.values[name]))
        missed = f"{fewest} missed adverts" if fewest > 1 else "a single lost advert"
        yield _found(
            disagreement,
            "down_timer_adverts",
            f"{earliest} takes {disagreement.logical.what} over after {missed}, before the others",
        )


def _checksum(keyword: str) -> Callable[[ConfiguredNode, ConfiguredInstance], str]:
    def say(node: ConfiguredNode, instance: ConfiguredInstance) -> str:
        found = instance.directive.last(keyword) or node.setting(keyword)
        if found is None or instance.version == 2:
            return "off"
        value = found.arguments[0].lower() if found.arguments else "on"
        return {"true": "on", "yes": "on", "false": "off", "no": "off"}.get(value, value)

    return say


def _checksums(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for keyword in CHECKSUMS:
        for disagreement in disagreements(nodes, _checksum(keyword)):
            if {member.version for member in disagreement.logical.members.values()} == {3}:
                yield _found(disagreement, keyword, discarded_adverts(disagreement))


RULES = (
    Rule(
        id="KA105",
        severity=Severity.ERROR,
        title="the nodes of a VRRPv2 instance have different advert_int",
        why="they discard each other's adverts, and all of them are active",
        fix="give all of them the same advert_int",
        evidence="RFC 3768 §7.1; measured",
        check=_intervals_of_2,
    ),
    Rule(
        id="KA106",
        severity=Severity.WARNING,
        title="the nodes of a VRRPv3 instance have different advert_int",
        why="how long a takeover takes depends on which node was active",
        fix="give all of them the same advert_int",
        evidence="RFC 9568 §6.1; measured",
        check=_intervals_of_3,
    ),
    Rule(
        id="KA107",
        severity=Severity.ERROR,
        title="the nodes of one instance speak different versions of VRRP",
        why="they discard each other's adverts, and all of them are active",
        fix="give all of them the same version, or the same vrrp_version in global_defs",
        evidence="RFC 9568 §7.1; measured",
        check=_versions,
    ),
    Rule(
        id="KA151",
        severity=Severity.WARNING,
        title="the nodes of one instance wait for different numbers of adverts",
        why="one of them takes over while the others still wait",
        fix="give all of them the same down_timer_adverts",
        evidence="keepalived.conf(5), down_timer_adverts",
        check=_missed,
    ),
    Rule(
        id="KA161",
        severity=Severity.WARNING,
        title="the nodes of one instance compute checksums differently",
        why="a node discards what it takes for a damaged advert, and is active besides the other",
        fix="set it on all of them, or on none",
        evidence="keepalived.conf(5), v3_checksum_as_v2; keepalived, vrrp_check_packet",
        check=_checksums,
    ),
)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Times that keepalived rounds or drops, or that are too long or too short."""

from __future__ import annotations

from typing import Iterator, Optional, Sequence

from ....lint.finding import Found, Rule, Severity
from ...config.matching import logical_instances
from ...config.model import ConfiguredInstance, ConfiguredNode, Tracker
from .checks import flaps

DETECTION_SECONDS = 10.0
"""The longest acceptable time until a check notices a failure."""
SHORT_SECONDS = 0.1
LONGEST_SECONDS, LONGEST_SECONDS_OF_3 = 255.0, 40.95
USUAL = {"interval": 1.0, "fall": 1.0}


def number(word: str) -> Optional[float]:
    """Return a word as a number, or None."""
    try:
        return float(word)
    except ValueError:
        return None


def _value(tracker: Tracker, keyword: str) -> Optional[float]:
    found = tracker.directive.last(keyword)
    return number(found.arguments[0]) if found and found.arguments else USUAL.get(keyword)


def _slow_checks(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for tracker in node.trackers:
            if tracker.kind == "script":
                yield from _slow(node, tracker)
    yield from flaps(nodes)


def _slow(node: ConfiguredNode, tracker: Tracker) -> Iterator[Found]:
    interval, fall = _value(tracker, "interval") or 1.0, _value(tracker, "fall") or 1.0
    timeout = _value(tracker, "timeout") or interval
    longest = interval * fall + timeout
    place = (tracker.directive.last("interval", "timeout") or tracker.directive).place
    if longest > DETECTION_SECONDS:
        yield Found(
            node.name,
            place,
            f"{tracker.name} runs every {interval:g} s, may take {timeout:g} s and must fail {fall:g} times",
            effect=f"a failure is noticed after up to {longest:g} s, and the VIP stays where it is until then",
        )
    elif timeout > interval:
        yield Found(
            node.name,
            place,
            f"{tracker.name} may take {timeout:g} s and runs every {interval:g} s",
            effect="while one run hangs, keepalived leaves the others out, so a failure is noticed late",
            fix="give it a timeout no longer than its interval",
        )


def _odd_intervals(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            interval = instance.directive.last("advert_int")
            seconds = number(interval.arguments[0]) if interval and interval.arguments else None
            effect = _oddity(node, instance, seconds) if seconds is not None else ""
            if effect and interval:
                message = f"{instance.name} has advert_int {interval.arguments[0]} with VRRP version {instance.version}"
                yield Found(node.name, interval.place, message, effect=effect)


def _oddity(node: ConfiguredNode, instance: ConfiguredInstance, seconds: float) -> str:
    if not 0 < seconds <= LONGEST_SECONDS:
        return "keepalived ignores it, and sends an advert every second"
    if instance.version == 3 and seconds > LONGEST_SECONDS_OF_3:
        return f"keepalived sends one every {LONGEST_SECONDS_OF_3:g} s, the most that version 3 has"
    if instance.version == 2 and seconds != int(seconds):
        return f"keepalived rounds it to {instance.advert_interval:g} s, as version 2 has whole seconds only"
    if seconds < SHORT_SECONDS and node.setting("vrrp_rt_priority") is None:
        return "a node that is busy for a moment is taken for dead, and two nodes hold its VIPs"
    return ""


def _lost_delays(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            delay = instance.directive.last("preempt_delay")
            cause = _what_drops_a_delay(instance)
            if delay and delay.arguments and number(delay.arguments[0]) and cause:
                yield Found(
                    node.name,
                    delay.place,
                    f"{instance.name} has preempt_delay {delay.arguments[0]} and {cause}",
                    effect="keepalived drops the delay",
                )
    yield from _returns_at_once(nodes)


def _what_drops_a_delay(instance: ConfiguredInstance) -> str:
    if instance.has("nopreempt"):
        return "nopreempt"
    if instance.state == "MASTER":
        return "state MASTER"
    return "priority 255" if instance.priority == 255 else ""


def _returns_at_once(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical in logical_instances(nodes):
        name, instance = max(logical.members.items(), key=lambda member: member[1].priority)
        follows = any(track.kind in ("script", "process") for track in instance.tracks)
        waits = instance.nopreempt or instance.has("preempt_delay")
        if len(logical.members) > 1 and follows and not waits:
            yield Found(
                name,
                instance.directive.place,
                f"{name} takes {logical.what} back as soon as its check succeeds, without a preempt_delay",
                effect=f"{logical.what} goes to a proxy that has just started,"
                " which has checked none of its servers yet",
                fix="give the instance with the highest priority a preempt_delay of some seconds",
                severity=Severity.INFO,
            )


RULES = (
    Rule(
        id="KA141",
        severity=Severity.WARNING,
        title="a check that notices late, or too easily",
        why="a slow check leaves the VIP on a node that has failed, and a nervous one moves it for nothing",
        fix="check every second or two, with fall 2 and rise 2",
        evidence="keepalived.conf(5), vrrp_script; measured",
        check=_slow_checks,
    ),
    Rule(
        id="KA150",
        severity=Severity.WARNING,
        title="an advert_int that is rounded, refused, or too short",
        why="the nodes wait for another time than is written, or take a busy node for a dead one",
        fix="use whole seconds in version 2; in version 3, 0.1 s or more, or set vrrp_rt_priority",
        evidence="acassen/keepalived #1615, #2066 and #2238; RFC 9568 §5.2.7",
        check=_odd_intervals,
    ),
    Rule(
        id="KA152",
        severity=Severity.WARNING,
        title="a preempt_delay that is dropped, or missing",
        why="the VIP goes back to a node that has just started",
        fix="remove nopreempt and state MASTER, and keep preempt_delay",
        evidence="keepalived.conf(5), preempt_delay; vrrp_complete_instance",
        check=_lost_delays,
    ),
)

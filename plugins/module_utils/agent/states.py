# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of instances that keepalived reports, and which report is a change."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple, Union

if TYPE_CHECKING:
    AnyPath = Union[str, os.PathLike[str]]

STATES = {"MASTER": "active", "BACKUP": "backup", "FAULT": "fault", "STOP": "stopped", "DELETED": "removed"}
SILENT = "silent"  # keepalived runs and does not answer
WORDS = (*STATES.values(), SILENT)
# keepalived's vrrp_notify.c: INSTANCE "web" MASTER 254; with notify_priority_changes also MASTER_PRIORITY and so on
LINE = re.compile(r'INSTANCE "(.+)" (MASTER|BACKUP|FAULT|STOP|DELETED) (\d{1,3})\Z')
TEST = re.compile(r"TEST ([\w.-]{1,80})\Z")
LONGEST_LINE = 4096
# What a tracked file means that is not 0
CAUSES = {
    "drain": "the node is drained",
    "keepalived": "keepalived is being stopped",
    "proxy": "the proxy is stopped",
    "uplink": "the node reaches none of its uplinks",
    "watch": "the proxy does not answer",
}


class Report(NamedTuple):
    """A reported state of an instance, and its priority where that is known."""

    instance: str
    state: str
    priority: Optional[int] = None


class Known(NamedTuple):
    """The last known state of an instance, and since when (seconds since the epoch)."""

    state: str
    since: float
    priority: int = 0


class StateChange(NamedTuple):
    """A change of an instance's state; `was` is empty if nothing was known before."""

    time: float
    instance: str
    state: str
    was: str
    was_since: float
    priority: int
    reason: str = ""


States = Dict[str, Known]


def lines_of(pending: bytes, data: bytes) -> Tuple[List[str], bytes]:
    """Return the whole lines that were read, and the beginning of the next; one that is too long is dropped."""
    *whole, rest = (pending + data).split(b"\n")
    return [line.decode(errors="replace") for line in whole], rest if len(rest) <= LONGEST_LINE else b""


def report_of(line: str) -> Optional[Report]:
    """Read a line of keepalived's FIFO; None for one that is not about an instance's state."""
    found = LINE.match(line)
    return Report(found[1], STATES[found[2]], int(found[3])) if found else None


def asked_for(line: str) -> str:
    """Return the name of the test message that a line asks for; empty for other lines."""
    found = TEST.match(line)
    return found[1] if found else ""


def changed(states: Mapping[str, Known], report: Report, now: float, reason: str = "") -> Optional[StateChange]:
    """Return the change that a report means; None if the instance was known to be in that state."""
    before = states.get(report.instance, Known("", now))
    if report.state == before.state or (report.state == "removed" and not before.state):
        return None
    priority = before.priority if report.priority is None else report.priority
    return StateChange(now, report.instance, report.state, before.state, before.since, priority, reason)


def after(states: Mapping[str, Known], change: StateChange) -> States:
    """Return what is known after a change."""
    if change.state == "removed":
        return {name: known for name, known in states.items() if name != change.instance}
    return {**states, change.instance: Known(change.state, change.time, change.priority)}


def seen(look: Mapping[str, Any], states: Mapping[str, Known]) -> Iterator[Report]:
    """Yield a report of every instance of a look that is newer than what is known.

    An instance that is starting has no state yet.
    """
    if look["answers"] and look["running"]:
        here = {each["name"]: each for each in look["instances"]}
        for name, each in here.items():
            if each["state"] in STATES and _newer(look, states.get(name)):
                yield Report(name, STATES[each["state"]], each["effective_priority"])
        gone = [name for name in states if name not in here]
    else:
        gone = list(states)
    for name in gone:
        if _newer(look, states[name]):
            yield Report(name, ("removed" if look["running"] else "stopped") if look["answers"] else SILENT)


def _newer(look: Mapping[str, Any], known: Optional[Known]) -> bool:
    return known is None or float(look["asked"]) > known.since


def missed(states: Mapping[str, Known], look: Mapping[str, Any], earlier: Mapping[str, Any]) -> List[Report]:
    """Return the changes that two looks in a row show and the FIFO did not report.

    Then keepalived was killed, or stands still, or its line was lost.
    """
    before = {report[:2] for report in seen(earlier, states)}
    return [report for report in seen(look, states) if report[:2] in before and changed(states, report, 0.0)]


def reason_of(tracked: Mapping[str, str]) -> str:
    """Return why the tracked files (content by name) lower this node's priority, for people; empty if none does."""
    return ", ".join(cause for name, cause in CAUSES.items() if tracked.get(name, "").strip() not in ("", "0"))


def read_tracked(directory: AnyPath) -> Dict[str, str]:
    """Return the content of the tracked files by name."""
    found = {}
    for name in CAUSES:
        try:
            with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as file:
                found[name] = file.read()
        except OSError:
            continue
    return found

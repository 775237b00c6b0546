# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived tells about its instances, and what of it is a change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

STATES = {"MASTER": "active", "BACKUP": "backup", "FAULT": "fault", "STOP": "stopped", "DELETED": "removed"}
SILENT = "silent"  # keepalived runs, and does not answer
WORDS = (*STATES.values(), SILENT)
# keepalived's vrrp_notify.c: INSTANCE "web" MASTER 254; with notify_priority_changes also MASTER_PRIORITY and so on
LINE = re.compile(r'INSTANCE "(.+)" (MASTER|BACKUP|FAULT|STOP|DELETED) (\d{1,3})\Z')
TEST = re.compile(r"TEST ([\w.-]{1,80})\Z")
LONGEST_LINE = 4096
# What a tracked file that is not 0 has against this node
CAUSES = {
    "drain": "the node is drained",
    "keepalived": "keepalived is being stopped",
    "proxy": "the proxy is stopped",
    "watch": "the proxy does not answer",
}


class Told(NamedTuple):
    """What somebody said: the state of an instance, and its priority where that is known."""

    instance: str
    state: str
    priority: Optional[int] = None


@dataclass(frozen=True)
class Known:
    """What was said last of an instance, and when (seconds since the epoch)."""

    state: str
    since: float
    priority: int = 0


@dataclass(frozen=True)
class Change:
    """An instance is in another state than before; `was` is empty when nothing was known of it."""

    time: float
    instance: str
    state: str
    was: str
    was_since: float
    priority: int
    reason: str = ""


States = Dict[str, Known]


def lines_of(pending: bytes, data: bytes) -> Tuple[List[str], bytes]:
    """Return the whole lines of what came, and the beginning of the next; one that does not end is thrown away."""
    *whole, rest = (pending + data).split(b"\n")
    return [line.decode(errors="replace") for line in whole], rest if len(rest) <= LONGEST_LINE else b""


def told(line: str) -> Optional[Told]:
    """Read a line of keepalived's FIFO; one of a group, or of something else, says nothing new."""
    found = LINE.match(line)
    return Told(found[1], STATES[found[2]], int(found[3])) if found else None


def asked_for(line: str) -> str:
    """Return the name of the test that a line asks for; of other lines nothing."""
    found = TEST.match(line)
    return found[1] if found else ""


def changed(states: Mapping[str, Known], said: Told, now: float, reason: str = "") -> Optional[Change]:
    """Return what is new in it; nothing, when the instance was known to be in that state."""
    before = states.get(said.instance, Known("", now))
    if said.state == before.state or (said.state == "removed" and not before.state):
        return None
    priority = before.priority if said.priority is None else said.priority
    return Change(now, said.instance, said.state, before.state, before.since, priority, reason)


def after(states: Mapping[str, Known], change: Change) -> States:
    """Return what is known after a change."""
    if change.state == "removed":
        return {name: known for name, known in states.items() if name != change.instance}
    return {**states, change.instance: Known(change.state, change.time, change.priority)}


def seen(look: Mapping[str, Any], states: Mapping[str, Known]) -> Iterator[Told]:
    """Yield what a look at keepalived says of every instance, as far as it is newer than what is known.

    An instance that is about to begin is in no state yet.
    """
    if look["answers"] and look["running"]:
        here = {each["name"]: each for each in look["instances"]}
        for name, each in here.items():
            if each["state"] in STATES and _newer(look, states.get(name)):
                yield Told(name, STATES[each["state"]], each["effective_priority"])
        gone = [name for name in states if name not in here]
    else:
        gone = list(states)
    for name in gone:
        if _newer(look, states[name]):
            yield Told(name, ("removed" if look["running"] else "stopped") if look["answers"] else SILENT)


def _newer(look: Mapping[str, Any], known: Optional[Known]) -> bool:
    return known is None or float(look["asked"]) > known.since


def missed(states: Mapping[str, Known], look: Mapping[str, Any], earlier: Mapping[str, Any]) -> List[Told]:
    """Return what two looks in a row say alike and nobody has told: keepalived was killed, or stands still, or what it
    said was lost.
    """
    before = {said[:2] for said in seen(earlier, states)}
    return [said for said in seen(look, states) if said[:2] in before and changed(states, said, 0.0)]


def reason_of(tracked: Mapping[str, str]) -> str:
    """Say what the tracked files (name: content) have against this node."""
    return ", ".join(cause for name, cause in CAUSES.items() if tracked.get(name, "").strip() not in ("", "0"))

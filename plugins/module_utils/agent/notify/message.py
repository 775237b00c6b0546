# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of the notifier: text for people, fields for programs."""

from __future__ import annotations

from time import gmtime, strftime
from typing import Any, Dict, List, Mapping, NamedTuple

from ..states import StateChange
from .news import MENDED, NEWS, News
from .pacing import Flapping

PHRASES = {"fault": "in fault", "silent": "silent: keepalived does not answer", "removed": "removed"}
FIELDS = (
    *("id", "kind", "time", "cluster", "node", "instance", "state", "was"),
    *("priority", "reason", "changes", "subject", "text"),
)
Message = Dict[str, Any]


class MessagePlace(NamedTuple):
    """The node that sends a message, and its cluster."""

    cluster: str
    node: str


def change_message(number: int, place: MessagePlace, change: StateChange) -> Message:
    """Return the message about a change of an instance."""
    was = f" (was {_short(change.was)})" if change.was else ""
    subject = f"{change.instance}: {place.node} is now {phrase(change.state)}{was}"
    before = f"{_short(change.was)}, for {lasted(change.time - change.was_since)}" if change.was else "not known"
    details = {
        "Instance": change.instance,
        "State": f"{_short(change.state)}, since {moment(change.time)}",
        "Before": before,
        "Priority": change.priority,
        **({"Reason": change.reason} if change.reason else {}),
    }
    about = {
        **{"instance": change.instance, "state": change.state, "was": change.was},
        **{"priority": change.priority, "reason": change.reason, "changes": 1},
    }
    return _message(number, place, "change", change.time, subject, details, about)


def digest_message(number: int, place: MessagePlace, held: Mapping[str, Flapping], begin: float, now: float) -> Message:
    """Return the message about instances that changed too often for single messages; it has their last states.

    `begin` and `now` are in seconds since the epoch.
    """
    count = sum(each.changes for each in held.values())
    newest = max(held.values(), key=lambda each: each.last.time).last
    how_many = f"{count} more change{'s' if count > 1 else ''} in {lasted(now - begin)}"
    subject = f"{newest.instance}: {place.node} is now {phrase(newest.state)} ({how_many})"
    details = {
        name: f"{_short(each.last.state)} since {moment(each.last.time)}, after {each.changes} changes"
        for name, each in held.items()
    }
    about = {
        **{"instance": newest.instance, "state": newest.state, "was": newest.was},
        **{"priority": newest.priority, "reason": newest.reason, "changes": count},
    }
    return _message(number, place, "digest", now, subject, details, about)


def test_message(number: int, place: MessagePlace, name: str, now: float) -> Message:
    """Return a test message."""
    about = {"instance": "", "state": "", "was": "", "priority": 0, "reason": "", "changes": 0}
    subject = f"test: {place.node} can reach you"
    details = {"Time": moment(now), "Test": name, "Meaning": "nothing has happened"}
    return _message(number, place, "test", now, subject, details, about)


def news_message(number: int, place: MessagePlace, news: News) -> Message:
    """Return the message about what the guard has mended, or about what the ear has heard."""
    about = {"instance": news.instance, "state": "", "was": "", "priority": 0, "reason": news.cause, "changes": 1}
    if news.kind == MENDED:
        subject = f"{place.node} has mended itself: {news.said}, because {news.cause}"
        details = {"Time": moment(news.time), "Cause": news.cause, "Done": news.said, "Next": news.further}
    else:
        subject = f"{place.node} hears: {news.said}"
        details = {"Since": moment(news.time), "Instance": news.instance, "Next": news.further}
    return _message(number, place, news.kind, news.time, subject, details, about)


def _message(
    number: int,
    place: MessagePlace,
    kind: str,
    time: float,
    subject: str,
    details: Mapping[str, object],
    about: Mapping[str, Any],
) -> Message:
    name = f"{place.node}-{number}"
    rows = {"Cluster": place.cluster, "Node": place.node, **details, "Message": name}
    wide = max(map(len, rows)) + 2
    table = "\n".join(f"{label + ':':<{wide}}{value}" for label, value in rows.items())
    fields = {"id": name, "kind": kind, "time": moment(time), "cluster": place.cluster, "node": place.node, **about}
    return {**fields, "subject": subject, "text": f"{subject}.\n\n{table}\n"}


def moment(seconds: float) -> str:
    """Return a time (seconds since the epoch) as text in UTC."""
    return strftime("%Y-%m-%d %H:%M:%S UTC", gmtime(seconds))


def lasted(seconds: float) -> str:
    """Return a duration as text, in its two largest units."""
    left = max(0, round(seconds))
    parts: List[str] = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def phrase(state: str) -> str:
    """Return a state in the words of a sentence."""
    return PHRASES.get(state, state)


def _short(state: str) -> str:
    return phrase(state).partition(":")[0]


def as_journal(message: Mapping[str, Any]) -> bytes:
    """Return an entry in the native protocol of journald (systemd's JOURNAL_NATIVE_PROTOCOL)."""
    priority = 4 if message["state"] in ("fault", "stopped", "silent") or message["kind"] in NEWS else 5
    entry: Dict[str, object] = {
        "MESSAGE": message["subject"],
        "PRIORITY": priority,
        "SYSLOG_IDENTIFIER": "ha_lb",
        **{f"HA_LB_{name.upper()}": message[name] for name in FIELDS if name not in ("subject", "text")},
    }
    return "".join(f"{name}={one_line(value)}\n" for name, value in entry.items()).encode()


def as_log(message: Mapping[str, Any]) -> str:
    """Return a line of the log file."""
    reason = f", because {message['reason']}" if message["reason"] else ""
    more = "" if message["kind"] in NEWS else f", priority {message['priority']}{reason}"
    return f"{message['time']} {message['id']} {one_line(message['subject'])}{more}\n"


def one_line(value: object) -> str:
    """Return a text on one line, whatever a program may take for the end of one."""
    return " ".join(str(value).split())

# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a measurement: outages, latencies, and who answered. Times are in ms.

An outage lasts from the start of the first failed request to the start of the next good one.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Iterator, Mapping, Optional, Sequence

from ...basics.errors import Finding, Refused
from .loop import Pace, Row, Target

MOST_REQUESTS = 200_000
BOUNDS = (("seconds", 1, 600), ("interval", 0.001, 10), ("connect_timeout", 0.01, 60), ("timeout", 0.01, 60))
SHARES = (("p50_ms", 0.5), ("p99_ms", 0.99), ("max_ms", 1.0))


def target_of(request: Mapping[str, Any]) -> Target:
    """Return the target of a request of `http_probe.requests_of`, or of a target of M(vip_probe)."""
    address, port, mode = request["address"], request["port"], request["mode"]
    if mode != "http":
        return Target(address, port, mode, request.get("payload") or "")
    headers = {"Host": f"[{address}]" if ":" in address else address, **(request.get("headers") or {})}
    lines = [f"{request.get('method') or 'GET'} {request.get('path') or '/'} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in {**headers, "Connection": "close"}.items()]
    return Target(address, port, mode, "\r\n".join([*lines, "", ""]))


def check_pace(pace: Pace, targets: int) -> None:
    """Raise Refused for a measurement without targets, outside the bounds, or with too many requests."""
    findings = [
        Finding(name if name == "seconds" else f"{name}_seconds", f"{value:g} is not from {low:g} to {high:g}")
        for name, low, high in BOUNDS
        for value in [getattr(pace, name)]
        if not low <= value <= high
    ]
    if not targets:
        findings.append(Finding("targets", "there is nothing to ask: name services or targets"))
    elif not findings and pace.seconds / pace.interval * targets > MOST_REQUESTS:
        findings.append(Finding("interval_seconds", f"{pace.interval:g} makes more than {MOST_REQUESTS} requests"))
    if findings:
        raise Refused(findings)


def summary(rows: Sequence[Row], began: float, missed: int) -> dict[str, Any]:
    """Return the summary of one target, as plain data.

    `began` is in seconds since the epoch; `missed` is how many requests were due while the client itself stood still.
    """
    outages = list(outages_of(rows))
    good = [row for row in rows if not row[3]]
    return {
        "began": began,
        "sent": len(rows),
        "missed": missed,
        "failed": len(rows) - len(good),
        "longest_gap_ms": max((each["gap_ms"] for each in outages), default=0.0),
        "outages": outages,
        "errors": dict(Counter(row[3] for row in rows if row[3])),
        "answered_by": _answered_by(good),
        "answer": _spread([row[2] for row in good]),
        "lateness": _spread([row[1] for row in rows]),
    }


def samples(rows: Sequence[Row]) -> list[list[Optional[float]]]:
    """Return the start of every request, and how long its answer took; None if there was none."""
    return [[_ms(row[0]), None if row[3] else _ms(row[2])] for row in rows]


def outages_of(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield the outages in order; one that has not ended lasts until the last request."""
    failed: list[Row] = []
    for row in rows:
        if row[3]:
            failed.append(row)
        elif failed:
            yield _outage(failed, row[0], ended=True)
            failed = []
    if failed:
        yield _outage(failed, rows[-1][0], ended=False)


def _outage(failed: Sequence[Row], until: float, *, ended: bool) -> dict[str, Any]:
    return {
        "at_ms": _ms(failed[0][0]),
        "gap_ms": _ms(until - failed[0][0]),
        "failed": len(failed),
        "ended": ended,
        "errors": dict(Counter(row[3] for row in failed)),
    }


def _answered_by(good: Sequence[Row]) -> dict[str, dict[str, float]]:
    who: dict[str, dict[str, float]] = {}
    for row in good:
        entry = who.setdefault(row[4], {"requests": 0, "first_ms": _ms(row[0])})
        entry["requests"] += 1
        entry["last_ms"] = _ms(row[0])
    return who


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds) or [0.0]
    return {name: _ms(ordered[min(len(ordered) - 1, int(len(ordered) * share))]) for name, share in SHARES}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)

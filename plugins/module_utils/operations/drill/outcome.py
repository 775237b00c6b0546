# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a drill, on the client's time axis: ms since its first request."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, NamedTuple, Optional, Sequence

EARLY = 50.0  # ms before a fault; a request that started in them may fail because of it


class Bar(NamedTuple):
    """A node that holds a VIP, from `begin` to `end` in ms."""

    node: str
    begin: float
    end: float


def drill_outcome(step: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outcome of a step of P(drill_steps): `status`, `reasons`, the measured times, and `line`, a sentence.

    `seen` has `node` (the broken one), `nodes`, `vips` (addresses), `client`, `clocks` (of M(host_clock), by host, the
    client's too), `watched` (of M(vip_watch), by node), `measured` (of M(vip_probe)), `fault` (of M(drill_fault)),
    `lacks` (missing commands) and `after` (findings about the cluster afterwards).
    """
    outcome = _outcome(step, seen)
    return {**outcome, "line": drill_line(outcome)}


def drill_line(outcome: Mapping[str, Any]) -> str:
    """Return the outcome in one line."""
    reasons = f": {'; '.join(outcome['reasons'])}" if outcome["reasons"] else ""
    if "probes" not in outcome:
        return f"{outcome['title']} on {outcome['node']}: {outcome['status']}{reasons}"
    return (
        f"{outcome['title']} on {outcome['node']}: "
        f"away {duration_of(max(outcome['outage_ms'], outcome['return_ms']))}, "
        f"predicted at most {duration_of(outcome['predicted_ms'])}, "
        f"{outcome['failed']} of {outcome['sent']} requests failed: {outcome['status']}{reasons}"
    )


def duration_of(value: float) -> str:
    """Return a duration in ms for people."""
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def _outcome(step: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    base = {key: step[key] for key in ("name", "title", "predicted_ms", "predicted_both_ms", "margin_ms", "splits")}
    base = {**base, "node": seen["node"], "client": seen["client"]}
    lacks = seen.get("lacks") or []
    if lacks:
        return {**base, "status": "skipped", "reasons": [f"{seen['node']} has no {', '.join(lacks)}"]}
    measured = seen.get("measured") or []
    if not measured:
        reasons = ["what the client saw is missing", *seen["after"]]
        return {**base, "status": "failed", "reasons": reasons}
    axis = _Axis(measured[0]["began"], seen)
    broken, mended = (axis.at(seen["node"], seen["fault"].get(each)) for each in ("broken", "mended"))
    end = max(probe["samples"][-1][0] for probe in measured)
    holding = {vip: [held._asdict() for held in axis.bars(vip, end)] for vip in seen["vips"]}
    probes = [_probe(each, axis.zero) for each in measured]
    outages = [each for probe in probes for each in probe["outages"]]
    counted = [each for each in outages if not step["returns"] or mended is None or each["at_ms"] >= mended - EARLY]
    back = min(_returns(holding, seen["node"], broken), default=mended)
    shown = {
        **base,
        "broken_ms": broken,
        "mended_ms": mended,
        "end_ms": end,
        "outage_ms": _longest(each for each in counted if back is None or each["at_ms"] < back - EARLY),
        "return_ms": _longest(each for each in counted if back is not None and each["at_ms"] >= back - EARLY),
        "two_holders_ms": max((_both(bars, broken or 0.0) for bars in holding.values()), default=0.0),
        "sent": sum(each["sent"] for each in probes),
        "missed": sum(each["missed"] for each in probes),
        "failed": sum(each["failed"] for each in probes),
        "late_ms": max(each["lateness"]["p99_ms"] for each in probes),
        "clock_ms": axis.uncertainty,
        "holding": holding,
        "probes": probes,
    }
    reasons = [*_unseen(step, seen, shown), *_excesses(step, shown, counted), *seen["after"]]
    if reasons and shown["missed"]:
        reasons.append(f"the client itself stood still, and missed {shown['missed']} requests: it may be too busy")
    return {**shown, "status": "failed" if reasons else "passed", "reasons": reasons}


class _Axis:
    """The client's time axis; `zero` is its first request, in seconds since the epoch by its own clock."""

    def __init__(self, zero: float, seen: Mapping[str, Any]) -> None:
        self.zero = zero
        self._seen = seen
        self._clocks = seen["clocks"]
        self.uncertainty = _ms(max((each["uncertainty_seconds"] for each in self._clocks.values()), default=0.0))

    def at(self, host: str, moment: Optional[float]) -> Optional[float]:
        """Return a time of a host's clock (seconds since the epoch) on this axis."""
        if moment is None:
            return None
        ahead = self._clocks[host]["offset_seconds"] - self._clocks[self._seen["client"]]["offset_seconds"]
        return _ms(moment - ahead - self.zero)

    def bars(self, vip: str, end: float) -> Iterator[Bar]:
        """Yield the bars of a VIP, node by node."""
        for node in self._seen["nodes"]:
            watched = self._seen["watched"].get(node) or {}
            begin: Optional[float] = None
            for sight in watched.get("sights") or ():
                at = max(0.0, self.at(node, sight["at"]) or 0.0)
                if vip in sight["held"]:
                    begin = at if begin is None else begin
                elif begin is not None:
                    yield Bar(node, begin, at)
                    begin = None
            if begin is not None:
                yield Bar(node, begin, min(end, self.at(node, watched["until"]) or end))


def _probe(measured: Mapping[str, Any], zero: float) -> dict[str, Any]:
    """Shift the times of one target from its own first request to the axis."""
    shift = _ms(measured["began"] - zero)
    return {
        **{key: each for key, each in measured.items() if key != "began"},
        "samples": [[round(at + shift, 1), took] for at, took in measured["samples"]],
        "outages": [{**each, "at_ms": round(each["at_ms"] + shift, 1)} for each in measured["outages"]],
    }


def _returns(holding: Mapping[str, Sequence[Mapping[str, Any]]], node: str, broken: Optional[float]) -> Iterator[float]:
    """Yield when the node takes back a VIP that it had lost."""
    for bars in holding.values():
        own = [held for held in bars if held["node"] == node]
        yield from (held["begin"] for held in own[1:] if broken is not None and held["begin"] > broken)


def _both(bars: Sequence[Mapping[str, Any]], since: float) -> float:
    """Return for how many ms a VIP had more than one holder."""
    edges = sorted([(held["begin"], 1) for held in bars] + [(held["end"], -1) for held in bars])
    total, count, before = 0.0, 0, 0.0
    for at, change in edges:
        if count > 1:
            total += max(0.0, at - max(before, since))
        count, before = count + change, at
    return round(total, 1)


def _unseen(step: Mapping[str, Any], seen: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is missing in the measurement, and what did not happen as the drill requires."""
    if seen["fault"].get("failed_to_break"):
        yield f"the fault could not be made on {seen['node']}: journalctl -u ha_lb-drill there says why"
        return
    if shown["broken_ms"] is None and not step["gone"]:
        yield f"{seen['node']} does not tell when it was broken"
    elif (shown["broken_ms"] or 0.0) < 0.0:
        yield "the client had not begun when the fault came: it, or the controller, is too busy"
    for node in seen["nodes"]:
        if not (seen["watched"].get(node) or {}).get("sights") and not (step["gone"] and node == seen["node"]):
            yield f"who held the VIPs on {node} was not seen"
    others = [
        held
        for bars in shown["holding"].values()
        for held in bars
        if held["node"] != seen["node"] and held["begin"] >= (shown["broken_ms"] or 0.0) - EARLY
    ]
    if step["leaves"] and not others:
        yield f"no other node took a VIP over from {seen['node']}"
    if not step["leaves"] and others:
        yield f"{others[0]['node']} took a VIP over, although nothing called for it"


def _excesses(step: Mapping[str, Any], shown: Mapping[str, Any], counted: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what lasted longer than predicted plus the margin."""
    longest = max(shown["outage_ms"], shown["return_ms"])
    if longest > shown["predicted_ms"] + shown["margin_ms"]:
        yield f"away for {longest:g} ms, and at most {shown['predicted_ms']:g} ms were predicted"
    both = shown["two_holders_ms"]
    if not step["splits"] and both > shown["predicted_both_ms"] + shown["margin_ms"]:
        yield f"two holders for {both:g} ms, and at most {shown['predicted_both_ms']:g} ms were predicted"
    if any(not each["ended"] for each in counted):
        yield "a service was still away when the client went"


def _longest(outages: Iterator[Mapping[str, Any]]) -> float:
    return max((each["gap_ms"] for each in outages), default=0.0)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)

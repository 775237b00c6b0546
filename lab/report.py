# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as a table and as docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from lab.drills import BY_NAME, DRILLS, REQUESTS

# What is promised of the median, with two cores: failed requests, ms without an answer; and of each run
TARGETS: Mapping[str, str] = {
    "haproxy_killed": "≤ 30 ms",
    "haproxy_stopped": "0 failed",
    "haproxy_frozen": "≤ 3 s",
    "keepalived_stopped": "0 failed",
    "keepalived_killed": "0 failed, both ≤ 1 s",
    "drained": "0 failed",
    "fail_back": "0 failed",
    "reloaded": "0 failed",
    "network_cut": "≤ 360 ms",
    "backend_killed": "0 failed",
    "site_changed": "0 failed",
}
COLUMNS = ("event", "target", "failed", "longest gap", "two holders", "usual: failed", "usual: longest gap")

PREFACE = """# Benchmarks

What a client sees of a failure: one HTTP request each 5 ms, each on a connection of its own, started on time whatever
the others do. A request has failed when it is refused, reset, answered with a 5xx, has no connection after 0.9 s
(before TCP's own first retry) or no answer after 2 s. The longest gap is from the start of the first failed request to
the start of the next good one. Each figure is the median of {runs} runs, with the worst in brackets; a run has
{requests:,} requests or more, until the cluster has settled. *Two holders* is how long both balancers had the VIP.

Made by `make bench` on {machine}, Linux {kernel}; {nodes}, keepalived {keepalived}, haproxy {haproxy}.
*Usual* is the configuration that tutorials show, on the same nodes, in the same run: VRRPv2 with an advertisement
each second, priorities 100 and 99, a script each second with weight -2, the distribution's units (`lab/usual.py`).

"""


def table(result: Mapping[str, Any]) -> str:
    """Return the table in Markdown."""
    lines = [_line(COLUMNS), _line("---" for _ in COLUMNS)]
    for drill in (each for each in DRILLS if each.name in result["ours"]):
        ours, usual = result["ours"][drill.name], result["usual"].get(drill.name, [])
        beside = [_failed(usual), _gap(usual)] if usual else ["cannot" if drill.name == "drained" else "-"] * 2
        lines.append(_line([drill.title, TARGETS.get(drill.name, ""), _failed(ours), _gap(ours), _both(ours), *beside]))
    return "\n".join(lines)


def markdown(result: Mapping[str, Any]) -> str:
    """Return the whole page."""
    text = PREFACE.format(runs=result["runs"], requests=REQUESTS, **result["machine"]) + table(result) + "\n\n"
    both = {name: runs for name, runs in result["usual"].items() if _worst(runs, "two_holders_ms") > 1000}
    for name, runs in both.items():
        until = (
            "until somebody mends it"
            if not all(run["settled"] for run in runs)
            else _ms(_worst(runs, "two_holders_ms"))
        )
        text += f"With the usual configuration, after '{BY_NAME[name].title}' both nodes have the VIP {until}.\n"
    comebacks = [run["comeback"] for runs in result["ours"].values() for run in runs if run["moves"] > 1]
    if comebacks:
        lost, gap = max(each["failed"] for each in comebacks), max(each["gap_ms"] for each in comebacks)
        text += (
            f"\nNodes that came back by themselves took their VIP back {len(comebacks)} times: median "
            f"{median(each['failed'] for each in comebacks):g} failed requests, at worst {lost} ({_ms(gap)}).\n"
        )
    seconds = result["site_unchanged_seconds"]
    text += f"\n`site` with nothing to change: {median(seconds):.1f} s (at worst {max(seconds):.1f} s).\n"
    late = [run["seen"]["lateness"] for runs in result["ours"].values() for run in runs]
    text += (
        f"\nThe client itself was late by {median(each['p99_ms'] for each in late):.1f} ms (99th percentile of a run, "
        f"median over the runs), at worst by {max(each['max_ms'] for each in late):.0f} ms.\n"
    )
    return text


def _failed(runs: Sequence[Mapping[str, Any]]) -> str:
    failed = [run["fault"]["failed"] for run in runs]
    return f"{median(failed):g} ({max(failed)})"


def _gap(runs: Sequence[Mapping[str, Any]]) -> str:
    if any(outage["gap_ms"] and not outage["ended"] for run in runs for outage in run["seen"]["outages"]):
        return "until it is mended"
    gaps = [run["fault"]["gap_ms"] for run in runs]
    return f"{_ms(median(gaps))} ({_ms(max(gaps))})"


def _both(runs: Sequence[Mapping[str, Any]]) -> str:
    return f"{_ms(median(run['two_holders_ms'] for run in runs))} ({_ms(_worst(runs, 'two_holders_ms'))})"


def _worst(runs: Sequence[Mapping[str, Any]], key: str) -> float:
    return max(float(run[key]) for run in runs)


def _ms(value: float) -> str:
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def _line(cells: Any) -> str:
    return "| " + " | ".join(cells) + " |"

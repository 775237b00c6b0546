# SPDX-License-Identifier: GPL-3.0-or-later
"""Format the measurements of `make bench` as a table and as docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from lab.trials import BY_NAME, REQUESTS, TRIALS

# Targets for the median with two cores: failed requests, ms without an answer
TARGETS: Mapping[str, str] = {
    "proxy_killed": "≤ 30 ms",
    "proxy_stopped": "0 failed",
    "proxy_frozen": "≤ 3 s",
    "keepalived_stopped": "0 failed",
    "keepalived_killed": "0 failed, both ≤ 1 s",
    "drained": "0 failed",
    "fail_back": "0 failed",
    "reloaded": "0 failed",
    "network_cut": "≤ 360 ms",
    "backend_killed": "0 failed",
    "site_changed": "0 failed",
}
# By engine, as lab/bench.py measures it
Results = Mapping[str, Mapping[str, Any]]
ANY_PROXY = "proxy"
OURS = ("failed", "longest gap", "two holders")
USUAL = ("usual: failed", "usual: longest gap")

PREFACE = """# Benchmarks

What a client sees of a failure: one HTTP request each 5 ms, each on a connection of its own, started on time whatever
the others do. A request has failed when it is refused, reset, answered with a 5xx, has no connection after 0.9 s
(before TCP's own first retry) or no answer after 2 s. The longest gap is from the start of the first failed request to
the start of the next good one. Each figure is the median of {runs} runs, with the worst in brackets; a run has
{requests:,} requests or more, until the cluster has settled. *Two holders* is how long both balancers had the VIP.

Made by `make bench` on {machine}, Linux {kernel}; {nodes}, keepalived {keepalived}, {engines}.
*Usual* is the configuration that tutorials show, with haproxy, on the same nodes, in the same run: VRRPv2 with an
advertisement each second, priorities 100 and 99, a script each second with weight -2, the distribution's units
(`lab/usual.py`).

"""

COMPARED = """## Predicted and measured

The [proof](proof.md) predicts the longest outage that is possible; the advert interval is 100 ms.
"""


def table(results: Results) -> str:
    """Return the table in Markdown."""
    ours = [f"{engine}: {what}" for engine in results for what in OURS]
    columns = ("event", "target", *ours, *USUAL)
    lines = [_line(columns), _line("---" for _ in columns)]
    usual = _usual(results)
    for trial in (each for each in TRIALS if any(each.name in result["ours"] for result in results.values())):
        cells = [cell for result in results.values() for cell in _cells(result["ours"].get(trial.name, []))]
        beside = _cells(usual.get(trial.name, []))[:2]
        if trial.name == "drained":
            beside = ["cannot"] * 2
        lines.append(_line([trial.titled(ANY_PROXY), TARGETS.get(trial.name, ""), *cells, *beside]))
    return "\n".join(lines)


def markdown(results: Results) -> str:
    """Return the whole page."""
    first = next(iter(results.values()))
    engines = ", ".join(f"{engine} {result['machine'][engine]}" for engine, result in results.items())
    text = PREFACE.format(runs=first["runs"], requests=REQUESTS, engines=engines, **first["machine"])
    text += table(results) + "\n\n" + _comparison(results)
    for name, runs in _usual(results).items():
        if _worst(runs, "two_holders_ms") > 1000:
            mended = all(run["settled"] for run in runs)
            until = _ms(_worst(runs, "two_holders_ms")) if mended else "until somebody mends it"
            title = BY_NAME[name].titled(ANY_PROXY)
            text += f"With the usual configuration, after '{title}' both nodes have the VIP {until}.\n"
    ours = [run for result in results.values() for runs in result["ours"].values() for run in runs]
    comebacks = [run["comeback"] for run in ours if run["moves"] > 1]
    if comebacks:
        lost, gap = max(each["failed"] for each in comebacks), max(each["gap_ms"] for each in comebacks)
        text += (
            f"\nNodes that came back by themselves took their VIP back {len(comebacks)} times: median "
            f"{median(each['failed'] for each in comebacks):g} failed requests, at worst {lost} ({_ms(gap)}).\n"
        )
    seconds = [each for result in results.values() for each in result["site_unchanged_seconds"]]
    text += f"\n`site` with nothing to change: {median(seconds):.1f} s (at worst {max(seconds):.1f} s).\n"
    late = [run["seen"]["lateness"] for run in ours]
    missed, sent = sum(run["seen"]["missed"] for run in ours), sum(run["sent"] for run in ours)
    return text + (
        f"\nThe client itself was late by {median(each['p99_ms'] for each in late):.1f} ms (99th percentile of a run, "
        f"median over the runs), at worst by {max(each['max_ms'] for each in late):.0f} ms; beside {sent} requests "
        f"that it sent, it missed {missed}, when it stood still for more than 100 ms.\n"
    )


def _comparison(results: Results) -> str:
    """Return a table with the outages that the proof predicts and those that were measured."""
    lines = []
    for name in BY_NAME:
        for engine, result in results.items():
            if name in result["predicted_ms"] and name in result["ours"]:
                gaps = [run["fault"]["gap_ms"] for run in result["ours"][name]]
                predicted = result["predicted_ms"][name]
                late, early = max(0.0, max(gaps) - predicted), max(0.0, predicted - min(gaps))
                title = f"{BY_NAME[name].titled(ANY_PROXY)}, with {engine}"
                lines.append(
                    _line([title, _ms(predicted), f"{_ms(min(gaps))} to {_ms(max(gaps))}", _ms(late), _ms(early)])
                )
    if not lines:
        return ""
    head = ("single failure", "predicted at most", "measured", "too low by", "too high by")
    return "\n".join([COMPARED, _line(head), _line("---" for _ in head), *lines]) + "\n\n"


def _usual(results: Results) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return next((result["usual"] for result in results.values() if result["usual"]), {})


def _cells(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    return [_failed(runs), _gap(runs), _both(runs)] if runs else ["-"] * len(OURS)


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

# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what the agents of a node take, on a lab that is up; and, with busy processors, that they do nothing wrong.

Resident memory (RSS) counts what processes share once for each, as people who add up what `ps` says do; PSS shares it
out. The time of a processor has that of all processes that an agent has started, in percent of one processor.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.balancers import Balancers
from lab.cluster import Lab
from plugins.module_utils.host.paths import GUARD

SAMPLER = Path(__file__).with_name("agent_sampler.py")
SAMPLE_SECONDS = 2.0
MOST_PERCENT, MOST_RSS_MB = 1.0, 40.0
# Ends at its time, and when nobody waits for it any more
SPIN = """
import os, sys, time
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end and os.getppid() == int(sys.argv[2]):
    sum(range(10000))
"""
Samples = Sequence[dict[str, Any]]


class Cost(NamedTuple):
    """What an agent takes: percent of a processor, and MB of memory, in the middle and at most."""

    percent: float
    rss: float
    pss: float
    most_rss: float


@contextlib.contextmanager
def busy(seconds: float) -> Iterator[None]:
    """Keep every processor of this machine busy, for at most that long."""
    command = [sys.executable, "-c", SPIN, str(seconds), str(os.getpid())]
    spinning = [subprocess.Popen(command) for _processor in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for each in spinning:
            each.kill()
            each.wait()


@contextlib.contextmanager
def sampled(lab: Lab, node: str, samples: list[dict[str, Any]]) -> Iterator[None]:
    """Collect samples of a node during the block."""
    command = lab.command(node, ["python3", "-c", SAMPLER.read_text(encoding="utf-8"), str(SAMPLE_SECONDS), GUARD])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sampler:
        assert sampler.stdin
        assert sampler.stdout
        yield
        samples.extend(json.loads(line) for line in sampler.communicate()[0].splitlines())


def used(samples: Samples, unit: str) -> float:
    """Return the seconds of a processor that a unit has used between the first sample and the last."""
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for number, sample in enumerate(samples):
        for each in sample["processes"]:
            if each["unit"] == unit:
                # One that is born in between begins with nothing
                first.setdefault(each["process"], 0.0 if number else each["seconds"])
                last[each["process"]] = each["seconds"]
    return sum(last.values()) - sum(first.values())


def memory(samples: Samples, kind: str, unit: str = "") -> list[float]:
    """Return the MB of a unit, or of all, in each sample."""
    return [sum(each[kind] for each in sample["processes"] if unit in ("", each["unit"])) / 1024 for sample in samples]


def costs(samples: Samples, seconds: float) -> dict[str, Cost]:
    """Return what each agent takes; and all of them together, with an empty name."""
    units = sorted({each["unit"] for sample in samples for each in sample["processes"]})
    percents = {unit: 100 * used(samples, unit) / seconds for unit in units}
    percents[""] = sum(percents.values())
    return {
        unit: Cost(
            percent,
            statistics.median(memory(samples, "rss", unit)),
            statistics.median(memory(samples, "pss", unit)),
            max(memory(samples, "rss", unit)),
        )
        for unit, percent in percents.items()
    }


def acts_of(samples: Samples) -> list[str]:
    """Return what the guard has done since the first sample."""
    before = set(samples[0]["acts"])
    return list(dict.fromkeys(act for sample in samples for act in sample["acts"] if act not in before))


def measured(cluster: Balancers, minutes: float, with_busy: bool) -> dict[str, Any]:
    """Measure for that long; returns costs and acts by node, and the moves of VIPs."""
    found: dict[str, list[dict[str, Any]]] = {node: [] for node in cluster.nodes}
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(cluster.logged())
        if with_busy:
            stack.enter_context(busy(minutes * 60 + 60))
        for node, samples in found.items():
            stack.enter_context(sampled(cluster.lab, node, samples))
        begin = time.monotonic()
        time.sleep(minutes * 60)
        seconds = time.monotonic() - begin
    return {
        "minutes": minutes,
        "busy": with_busy,
        "nodes": {node: costs(samples, seconds) for node, samples in found.items()},
        "acts": {node: acts_of(samples) for node, samples in found.items()},
        "moves": [str(each) for each in log.taken()],
    }


def table(result: dict[str, Any]) -> Iterator[str]:
    """Yield the lines for people."""
    yield f"{'node':8} {'agent':14} {'processor':>9} {'RSS':>8} {'PSS':>8} {'most RSS':>9}"
    for node, agents in result["nodes"].items():
        for unit, cost in agents.items():
            figures = f"{cost.percent:8.2f}% {cost.rss:5.1f} MB {cost.pss:5.1f} MB {cost.most_rss:6.1f} MB"
            yield f"{node:8} {unit or 'all':14} {figures}"
    for node, acts in result["acts"].items():
        yield f"{node}: {len(acts)} acts of the guard in {result['minutes']:g} min"
        yield from (f"  {act}" for act in acts)
    yield f"{len(result['moves'])} moves of a VIP"
    yield from (f"  {move}" for move in result["moves"])


def wrong(result: dict[str, Any]) -> Iterator[str]:
    """Yield what is not as it must be, in sentences."""
    for node, agents in result["nodes"].items():
        if agents[""].percent > MOST_PERCENT:
            yield f"the agents of {node} take more than {MOST_PERCENT:g} % of a processor"
        if agents[""].rss > MOST_RSS_MB:
            yield f"the agents of {node} take more than {MOST_RSS_MB:g} MB"
    if result["moves"] or any(result["acts"].values()):
        yield "something was done where nothing was wrong"


def main() -> None:
    """Measure, and print a table; fails where an agent takes more than it may, or did something."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--state", default=".lab", help="directory of a lab that is up, with `site` in force")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--busy", action="store_true", help="keep all processors of this machine busy")
    parser.add_argument("--file", type=Path, help="where the data goes, as JSON")
    options = parser.parse_args()
    with Balancers(Lab.load(options.state)) as cluster:
        cluster.wait_whole()
        result = measured(cluster, options.minutes, options.busy)
    print("\n".join(table(result)))
    if options.file:
        nodes = {
            node: {unit or "all": cost._asdict() for unit, cost in each.items()}
            for node, each in result["nodes"].items()
        }
        options.file.write_text(json.dumps({**result, "nodes": nodes}, indent=2) + "\n", encoding="utf-8")
    complaints = list(wrong(result))
    if complaints:
        raise SystemExit("\n".join(complaints))


if __name__ == "__main__":
    main()

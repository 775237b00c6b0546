# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what `site` costs with nothing to change, and, in turn with it, somebody else's playbook on the same lab.

The other playbook may be any that changes nothing either, such as one with other people's roles for other nodes of the
lab. The two run alternately, so that both have the same machine; the first run of each is not counted.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.access import INVENTORY
from lab.cluster import Lab
from lab.playbook import processor_seconds

CHANGED = re.compile(r" changed=(\d+) ")


class RunCost(NamedTuple):
    """One run of a playbook: wall-clock seconds, and seconds of a processor on the controller."""

    wall: float
    processor: float


def measured(lab: Lab, playbook: str) -> RunCost:
    """Run a playbook that must change nothing."""
    tool = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [tool, "-i", str(lab.state / INVENTORY), playbook]
    begin, before = time.monotonic(), processor_seconds()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    cost = RunCost(time.monotonic() - begin, processor_seconds() - before)
    if done.returncode or any(int(changed) for changed in CHANGED.findall(done.stdout)):
        raise SystemExit(f"{playbook} failed, or changed something:\n{done.stdout[-4000:]}{done.stderr}")
    return cost


def middle(costs: list[RunCost]) -> RunCost:
    """Return the medians of some runs."""
    return RunCost(*(statistics.median(values) for values in zip(*costs, strict=True)))


def main() -> None:
    """Measure in turn, and print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--state", default=".lab", help="directory of a lab that is up, with `site` in force")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--beside", default="", help="another playbook, which changes nothing either")
    options = parser.parse_args()
    lab = Lab.load(options.state)
    playbooks = ["evenkeel.ha_lb.site", *filter(None, [options.beside])]
    costs: dict[str, list[RunCost]] = {playbook: [] for playbook in playbooks}
    for number in range(options.runs + 1):
        for playbook in playbooks:
            cost = measured(lab, playbook)
            costs[playbook] += [cost] if number else []
    ours, *others = (middle(each) for each in costs.values())
    for playbook, cost in zip(playbooks, (ours, *others), strict=True):
        print(f"{playbook}: {cost.wall:.1f} s, {cost.processor:.1f} s of a processor on the controller")
    for other in others:
        print(f"ratio: {ours.wall / other.wall:.2f}, of the processor {ours.processor / other.processor:.2f}")


if __name__ == "__main__":
    main()

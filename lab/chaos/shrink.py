# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a round that fails as small as can be: fewer steps, all at once, and short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from lab.chaos.schedule import Step

MOST_TRIES = 12
SHORTEST_SECONDS = 0.2

Steps = tuple[Step, ...]


def shrunk(steps: Steps, fails: Callable[[Steps], bool], most_tries: int = MOST_TRIES) -> Steps:
    """Return the smallest steps found that still fail; `fails` plays some, and is asked at most so often."""
    tries = 0
    tried = {steps}
    while True:
        for smaller in _smaller(steps):
            if smaller in tried:
                continue
            if tries == most_tries:
                return steps
            tries += 1
            tried.add(smaller)
            if fails(smaller):
                steps = smaller
                break
        else:
            return steps


def _smaller(steps: Steps) -> Iterator[Steps]:
    """Yield what is one thing smaller, the biggest difference first."""
    if len(steps) > 1:
        for at in range(len(steps)):
            yield steps[:at] + steps[at + 1 :]
    first = min(step.at for step in steps)
    if first:
        yield tuple(replace(step, at=round(step.at - first, 2)) for step in steps)
    for at, step in enumerate(steps):
        others = [steps[:at], steps[at + 1 :]]
        if step.at:
            yield (*others[0], replace(step, at=0.0), *others[1])
        if step.seconds > 2 * SHORTEST_SECONDS:
            yield (*others[0], replace(step, seconds=round(step.seconds / 2, 2)), *others[1])

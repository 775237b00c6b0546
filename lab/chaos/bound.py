# SPDX-License-Identifier: GPL-3.0-or-later
"""In how many seconds a cluster must be whole after the last fault of a round has ended, by the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.chaos.catalogue import Fault
from lab.chaos.schedule import Step

# A peer is taken for gone after three adverts and a skew that is shorter than one more (RFC 9568, 6.1)
ADVERTS = 4
# keepalived's script asks a proxy every second; the answer may take half of one
CHECK_SECONDS = 1.5
# What a look at all nodes takes itself, on a machine with other work
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Timing:
    """The settings of a cluster that decide how long its VIPs take to move."""

    preempt_delay_seconds: float
    advert_interval_seconds: float = 0.1

    @property
    def move_seconds(self) -> float:
        """Return how long a node that is fit again takes to hold its VIPs, and to be seen doing so."""
        adverts = ADVERTS * self.advert_interval_seconds
        return self.preempt_delay_seconds + adverts + CHECK_SECONDS + LOOK_SECONDS


def bound(steps: Iterable[Step], faults: Mapping[str, Fault], timing: Timing) -> float:
    """Return the bound in seconds: what each step takes to be mended, one after the other, and the VIPs' way back."""
    return round(sum(faults[step.fault].mends for step in steps) + timing.move_seconds, 2)

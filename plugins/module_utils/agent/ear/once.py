# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a few uplinks at once, as the ear does all the time, for who cannot wait until it runs."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping, Sequence

from .config import Uplink
from .probes import Probes
from .uplinks import record

TRIES, INTERVAL = 3, 1.0
LONGEST = TRIES * INTERVAL + 0.5  # seconds; the last try is waited for
PAUSE = 0.02


def asked_once(targets: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    """Return C({address, port, reached, why}) for every C({address, port}); without a port, that is ICMP.

    One answer is enough; without, it takes LONGEST.
    """
    begin = time.monotonic()
    uplinks = [Uplink(each["address"], each.get("port"), INTERVAL, TRIES, 1) for each in targets]
    probes = Probes()
    probes.want(uplinks, begin)
    while time.monotonic() - begin < LONGEST:
        probes.step(time.monotonic())
        if all(state.reached is not None for _uplink, state in probes.states()):
            break
        time.sleep(PAUSE)
    told = [record(*each) for each in probes.states()]
    return [
        {
            "address": each["address"],
            "port": each["port"],
            "reached": each["reached"] is True,
            "why": "" if each["reached"] else each["why"] or probes.problem or "no answer",
        }
        for each in told
    ]

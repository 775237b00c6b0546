# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an uplink is reached: by so many probes in a row. Times are seconds of the monotonic clock."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional

from .config import Uplink


class State(NamedTuple):
    """What is known of an uplink: `reached` is None until enough probes agree, `why` is why the last one failed."""

    reached: Optional[bool] = None
    since: float = 0.0
    good: int = 0
    bad: int = 0
    why: str = ""


def after(state: State, uplink: Uplink, why: str, now: float) -> State:
    """Return what is known after a probe that was answered, or failed for the reason `why`.

    The first answer of all is enough, so that a node that starts need not wait; `fall` failures are needed always.
    """
    good, bad = (0, min(state.bad + 1, uplink.fall)) if why else (min(state.good + 1, uplink.rise), 0)
    reached = state.reached
    if good and (reached is None or good >= uplink.rise):
        reached = True
    if bad >= uplink.fall:
        reached = False
    since = now if reached != state.reached else state.since
    return State(reached, since, good, bad, why)


def record(uplink: Uplink, state: State) -> Dict[str, Any]:
    """Return what is told of an uplink."""
    return {
        "address": uplink.address,
        "port": uplink.port,
        "reached": state.reached,
        "since": round(state.since, 3),
        "why": "" if state.reached else state.why,
    }

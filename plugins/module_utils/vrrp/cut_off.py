# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node that reaches no uplink gives up its VIPs, and when: what the tracked file `uplink` must say."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from .weights import UPLINK_WEIGHT

# Seconds by which a node notices late, besides an interval: its ear and its guard look four times a second each
LATE = 0.5
HOLDERS_MARGIN = LATE + 0.5  # of a busy node

Asked = Sequence[Mapping[str, Any]]


class _State(NamedTuple):
    reached: Optional[bool] = None
    since: float = 0.0


def wanted_weight(asked: Asked, found: Any, holds: bool, now: float) -> Optional[int]:
    """Return the number that the tracked file must have; None: what it has.

    `asked` has C({address, port, interval_seconds}) of every uplink; `found` C({address, port, reached, since}), with
    `reached` null while that is not known, and None if nobody asks; `now` and `since` are monotonic seconds. A node is
    cut off if it reaches none; of one that knows nothing nothing is said, and of one that does not ask, that it is not.
    What is no such record is not known: `found` is said by a process with fewer rights.

    When an address fails for all nodes, they notice within one interval. The node that holds a VIP is the last to give
    up, and the first to come back, so that no VIP moves for that.
    """
    if not asked or found is None:
        return 0
    said = found if isinstance(found, (list, tuple)) else ()
    states = {_name(each): _state(each) for each in said if isinstance(each, Mapping)}
    known = [states.get(_name(each), _State()) for each in asked]
    wait = holders_wait([float(each["interval_seconds"]) for each in asked])
    reaching = [state.since for state in known if state.reached is True]
    if reaching:
        return 0 if holds or now >= min(reaching) + wait else None
    if any(state.reached is None for state in known):
        return None
    lost = max(state.since for state in known)
    return UPLINK_WEIGHT if not holds or now >= lost + wait else None


def holders_wait(intervals: Sequence[float]) -> float:
    """Return how many seconds a holder gives up later than a backup, and a backup comes back later than a holder."""
    return max(intervals) + HOLDERS_MARGIN


def _name(uplink: Mapping[str, Any]) -> str:
    return f"{uplink.get('address')} {uplink.get('port')}"


def _state(said: Mapping[str, Any]) -> _State:
    reached, since = said.get("reached"), said.get("since")
    if isinstance(reached, bool) and isinstance(since, (int, float)):
        return _State(reached, float(since))
    return _State()

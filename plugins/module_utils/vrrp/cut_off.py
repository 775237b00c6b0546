# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node that reaches no uplink gives up its VIPs, and when: what the tracked file `uplink` must say."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Tuple

from .weights import UPLINK_WEIGHT

HOLDERS_MARGIN = 0.5  # seconds; by which a busy node notices later than another, beside an interval

Asked = Sequence[Mapping[str, Any]]


def wanted_weight(asked: Asked, found: Optional[Asked], holds: bool, now: float) -> Optional[int]:
    """Return the number that the tracked file must have; None: what it has.

    `asked` has C({address, port, interval_seconds}) of every uplink; `found` C({address, port, reached, since}), with
    `reached` null while that is not known, and None if nobody asks; `now` and `since` are monotonic seconds. A node is
    cut off if it reaches none; of one that knows nothing nothing is said, and of one that does not ask, that it is not.

    When an address fails for all nodes, they notice within one interval. The node that holds a VIP is the last to give
    up, and the first to come back, so that no VIP moves for that.
    """
    if not asked or found is None:
        return 0
    states = {_name(each): each for each in found}
    known = [states.get(_name(each), {}) for each in asked]
    wait = holders_wait([float(each["interval_seconds"]) for each in asked])
    reaching = [float(each["since"]) for each in known if each.get("reached") is True]
    if reaching:
        return 0 if holds or now >= min(reaching) + wait else None
    if any(each.get("reached") is not False for each in known):
        return None
    lost = max(float(each["since"]) for each in known)
    return UPLINK_WEIGHT if not holds or now >= lost + wait else None


def holders_wait(intervals: Sequence[float]) -> float:
    """Return how many seconds a holder gives up later than a backup, and a backup comes back later than a holder."""
    return max(intervals) + HOLDERS_MARGIN


def _name(uplink: Mapping[str, Any]) -> Tuple[Any, Any]:
    return uplink["address"], uplink["port"]

# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files that keepalived tracks must say: state, and not the edges that somebody may have missed.

Pure: what is there, what is known, and what systemd says, to what must be written.
"""

from __future__ import annotations

import re
from typing import Dict, Mapping, NamedTuple, Optional, Tuple

from ...vrrp.weights import DRAIN_WEIGHT, FAULT_WEIGHT

FAULT, LEAVE = FAULT_WEIGHT, DRAIN_WEIGHT
# A line of tmpfiles.d(5)
AT_BOOT = re.compile(r"^f \S+/drain \S+ \S+ \S+ \S+ (-?[0-9]{1,9}\b.*)$", re.MULTILINE)
NUMBER = re.compile(r"\s*(-?[0-9]{1,9})(?:\s|\Z)")
# The files, and the numbers that their writers use; None: any
ALLOWED: Mapping[str, Optional[Tuple[int, ...]]] = {
    "proxy": (0, LEAVE, FAULT),
    "watch": (0, FAULT),
    "keepalived": (0, LEAVE, FAULT),
    "drain": None,
    "uplink": None,
}
FOR_A_LOOK = 2  # ticks in which a file is wrong, before it is written: its writer may be at work
ACTIVE, STOPPED = ("active", "reloading", "refreshing"), ("inactive", "failed")


class Known(NamedTuple):
    """What is known besides the files.

    `units` is what systemd has just said of `proxy` and of `keepalived`: its ActiveState, `busy` while it is at work,
    empty where it was not asked or did not say; without `proxy` where that is no unit of ours. `answers` tells whether
    the proxy's port takes connections; None: it was not tried.
    """

    units: Mapping[str, str]
    answers: Optional[bool]
    kept: Mapping[str, str]
    """The last valid text of every file."""
    drained_at_boot: str = ""
    handing_over: bool = False
    runs: bool = True
    """keepalived does."""


def number_of(name: str, text: Optional[str]) -> Optional[int]:
    """Return the number that a file says; None if it is not there, half-written, or no number of its writers."""
    found = NUMBER.match(text or "")
    value = int(found[1]) if found else None
    allowed = ALLOWED[name]
    return value if value is None or allowed is None or value in allowed else None


def drained_at_boot(text: str) -> str:
    """Return what the file `drain` must say by the line of tmpfiles.d that makes it at boot; empty without one."""
    found = AT_BOOT.search(text)
    return found[1] if found else ""


def doubtful(numbers: Mapping[str, Optional[int]], handing_over: bool) -> Tuple[bool, bool, bool]:
    """Tell whether the proxy's unit, keepalived's unit and the proxy's port must be asked, for one disagrees.

    The number of the watcher, which is connected to the proxy, is the cheap evidence.
    """
    if "proxy" not in numbers:
        return False, bool(numbers.get("keepalived")) and not handing_over, False
    proxy, watch = numbers.get("proxy"), numbers.get("watch")
    disagree = proxy is None or (proxy != 0 and watch != FAULT) or (proxy == 0 and watch == FAULT)
    return disagree, bool(numbers.get("keepalived")) and not handing_over, watch == FAULT


def wanted(numbers: Mapping[str, Optional[int]], known: Known) -> Dict[str, str]:
    """Return the texts of the files that are not as they must be."""
    found: Dict[str, str] = {}
    for name, number in numbers.items():
        text = _RULES[name](number, known) if name in _RULES else None
        if text is None and number is None and name != "proxy":
            text = known.kept.get(name) or "0"
        if text is not None and number_of(name, text) != number:
            found[name] = text
    return found


def _proxy(number: Optional[int], known: Known) -> Optional[str]:
    state = known.units.get("proxy", "")
    if state in ACTIVE:
        return "0"
    if state in STOPPED or (state == "activating" and number is None):
        return str(FAULT)
    # A proxy of one's own: nobody is there to ask
    return known.kept.get("proxy") if number is None and "proxy" not in known.units else None


def _watch(number: Optional[int], known: Known) -> Optional[str]:
    if number == FAULT and known.answers:
        return "0"
    return None


def _keepalived(number: Optional[int], known: Known) -> Optional[str]:
    if known.handing_over:
        return None
    if number and known.units.get("keepalived") == "active":
        return "0"
    return "0" if number is None else None


def _drain(number: Optional[int], known: Known) -> Optional[str]:
    if number is not None:
        return None
    return known.kept.get("drain") or known.drained_at_boot or "0"


_RULES = {"proxy": _proxy, "watch": _watch, "keepalived": _keepalived, "drain": _drain}

# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told: every finding once, when it has lasted, and until some time after it is gone."""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Optional

PROTOCOLS = {"vrrp2": "VRRPv2", "vrrp3": "VRRPv3", "carp": "CARP"}
MOST = 64
CHANGING = 900.0  # seconds for which a run may change the cluster without that being told


class Finding(NamedTuple):
    """One thing that is wrong now; it is told when it was so for `hold` seconds, and kept for `keep` afterwards."""

    name: str
    kind: str
    message: str
    hold: float
    keep: float


class _Memory:
    __slots__ = ("finding", "first", "last", "since")

    def __init__(self, finding: Finding, now: float) -> None:
        self.finding, self.first, self.last = finding, now, now
        self.since: Optional[float] = None


class Told:
    """What is told, by its name; what it says stays as it was when it was first told.

    Times are seconds of the monotonic clock; only `since`, for people, is in seconds since the epoch.
    """

    def __init__(self) -> None:
        self._all: Dict[str, _Memory] = {}
        self.new: List[Finding] = []
        """What the last update has told for the first time."""

    def update(self, findings: Iterable[Finding], now: float, time: float, changing: bool = False) -> bool:
        """Take what is found now; tell whether what is told has changed. While the cluster changes, nothing is new."""
        before, self.new = self.told(), []
        for each in findings:
            memory = self._all.get(each.name)
            if memory is None:
                if len(self._all) >= MOST:
                    continue
                memory = self._all[each.name] = _Memory(each, now)
            memory.last = now
            if changing and memory.since is None:
                memory.first = now
            elif memory.since is None and now - memory.first >= each.hold:
                memory.finding, memory.since = each, time
                self.new.append(each)
        self._all = {name: each for name, each in self._all.items() if now - each.last <= each.finding.keep}
        return self.told() != before

    def forget_doubts(self) -> None:
        """Begin anew with all that was not told yet: this host stood still."""
        self._all = {name: each for name, each in self._all.items() if each.since is not None}

    def told(self) -> List[Dict[str, object]]:
        """Return the records {name, kind, message, since}, by name."""
        return [
            {"name": name, "kind": each.finding.kind, "message": each.finding.message, "since": each.since}
            for name, each in sorted(self._all.items())
            if each.since is not None
        ]

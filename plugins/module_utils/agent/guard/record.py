# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guard did and found, for people: a line in the journal, and guard.json for the others on this node."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Set

from ..files import EVERYBODYS, text_of, write_whole
from ..journal import say

MOST_ACTS = 20
MOST_SENTENCES = 100


class Complaints:
    """Says each trouble once, for as long as it lasts."""

    def __init__(self) -> None:
        self._said: Set[str] = set()

    def __call__(self, sentence: str) -> None:
        """Say a sentence, unless it was said."""
        if sentence not in self._said and len(self._said) < MOST_SENTENCES:
            self._said.add(sentence)
            say(sentence)

    def forget(self, sentence: str) -> None:
        """Let a sentence be said again: what it is about was well in between."""
        self._said.discard(sentence)


class Record:
    """The acts, and what is unfit; written when it changes, and once a second."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.acts: List[Dict[str, Any]] = _acts_in(path)
        self._clocks = (0.0, 0.0)
        self._written = float("-inf")
        self._shown: Any = None

    def tick(self, monotonic: float, time: float) -> None:
        """Set the time of the acts that follow."""
        self._clocks = (monotonic, time)

    def mended(self, cause: str, did: str) -> None:
        """Note an act."""
        monotonic, time = self._clocks
        self.acts = [*self.acts, {"time": time, "monotonic": monotonic, "cause": cause, "did": did}][-MOST_ACTS:]
        say(f"{cause}: {did}")

    def write(self, unfit: Mapping[str, str], waits_for: Optional[float]) -> None:
        """Write guard.json, if there is news in it or a second is over. Raises OSError."""
        monotonic, time = self._clocks
        shown = (dict(unfit), len(self.acts), self.acts[-1:], waits_for is None)
        if shown == self._shown and monotonic - self._written < 1.0:
            return
        self._shown, self._written = shown, monotonic
        whole = {
            "time": time,
            "monotonic": monotonic,
            "unfit": {name: why for name, why in unfit.items() if name},
            "node_unfit": unfit.get("", ""),
            "acts": self.acts,
            "waits_until": None if waits_for is None else time + waits_for,
        }
        write_whole(self._path, json.dumps(whole), EVERYBODYS)


def _acts_in(path: str) -> List[Dict[str, Any]]:
    """Return the acts of the guard that ran before."""
    try:
        found = json.loads(text_of(path) or "{}")
        return [dict(act) for act in found["acts"]][-MOST_ACTS:]
    except (ValueError, TypeError, KeyError):
        return []

# SPDX-License-Identifier: GPL-3.0-or-later
"""The tracked file `uplink`: what the ear says of the uplinks, told to keepalived."""

from __future__ import annotations

import json
from typing import Any, Callable, List, Mapping, Optional

from ...vrrp.cut_off import wanted_weight
from ..files import text_of
from .cached import Cached
from .run_directory import RunDirectory
from .sights import EAR_SECONDS
from .tracked import number_of

NAME = "uplink"


class CutOff:
    """`mended` is called with a cause and what was done."""

    def __init__(self, path: str, directory: RunDirectory, mended: Callable[[str, str], None]) -> None:
        self._file, self._directory, self._mended = Cached(path), directory, mended
        self._text: Optional[str] = None
        self._is_new = True
        self.asked: List[Mapping[str, Any]] = []

    def read(self) -> bool:
        """Read which uplinks there are; return whether there are any."""
        text = self._file.text()
        if text != self._text:
            self._text, self._is_new = text, True
            self.asked = _asked(text or "")
        return bool(self.asked)

    def tick(self, ear: Optional[Mapping[str, Any]], holds: bool, now: float) -> None:
        """Write what keepalived must know. Raises OSError."""
        if not self.asked:
            self._take_back()
            return
        fresh = ear is not None and now - float(ear["monotonic"]) <= EAR_SECONDS
        found = ear.get("uplinks", []) if fresh and ear is not None else None
        weight = wanted_weight(self.asked, found, holds, now)
        if weight is None or weight == self._directory.numbers.get(NAME):
            return
        self._directory.say(NAME, weight)
        if weight:
            self._mended("none of the uplinks is reached", "told keepalived, which leaves its VIPs to who reaches one")
        else:
            self._mended("the uplinks are not out of reach", "told keepalived")

    def _take_back(self) -> None:
        """Say nothing of uplinks that are no longer asked: what was said last would stay for ever."""
        if not self._is_new:
            return
        self._is_new = False
        if number_of(NAME, text_of(f"{self._directory.path}/{NAME}")):
            self._directory.say(NAME, 0)


def _asked(text: str) -> List[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

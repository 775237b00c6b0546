# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration that was torn: put back from the staged copy that its unit has loaded.

Whether it was changed is seen here; whether it was torn, `put-back` judges, by the program itself.
"""

from __future__ import annotations

from typing import Callable, Dict, Mapping, Optional, Sequence

from ...host.paths import LIBEXEC
from .errands import OUTSIDE, Errands
from .kept import Stamp, stamp_of

PUT_BACK = f"{LIBEXEC}/put-back"
QUIET = 1.0  # seconds without another change
AGAIN = 5.0  # seconds, after which the file of a unit that does not run is judged again


class Configurations:
    """Watches the files that are in force."""

    def __init__(self, errands: Errands, mended: Callable[[str, str], None], complain: Callable[[str], None]) -> None:
        self._errands, self._mended, self._complain = errands, mended, complain
        self._judged: Dict[str, Optional[Stamp]] = {}
        self._changed: Dict[str, float] = {}
        self._last: Dict[str, Optional[Stamp]] = {}
        self._asked: Dict[str, float] = {}

    def tick(self, files: Mapping[str, str], now: float, may_act: bool, down: Sequence[str] = ()) -> None:
        """Look at the file of every unit, by its name; those of units that are down are judged again."""
        for unit, path in files.items():
            stamp = stamp_of(path)
            if stamp != self._last.get(unit, ()):
                self._last[unit], self._changed[unit] = stamp, now
            quiet = now - self._changed[unit] >= QUIET
            again = unit in down and now - self._asked.get(unit, now) >= AGAIN
            judged = self._judged.get(unit, ()) == stamp and not again
            if quiet and may_act and not judged and not self._errands.busy(unit):
                self._judged[unit], self._asked[unit] = stamp, now
                self._judge(unit, path)

    def _judge(self, unit: str, path: str) -> None:
        argv = (*OUTSIDE, PUT_BACK, unit, path)
        self._errands.start(unit, argv, lambda code, said: self._done(unit, path, code, said))

    def _done(self, unit: str, path: str, code: int, said: str) -> None:
        if code:
            self._complain(f"{path} could not be judged ({code}): {' '.join(said.split())[:300]}")
        elif said:
            self._mended(said, f"put back what {unit} has loaded")

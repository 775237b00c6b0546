# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of the host that VRRP needs, sysctls and rules of nftables, put in force again when they are undone.

Whether they may have changed is seen cheaply; whether they have, and how that is mended, `prepare-host` knows.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Tuple

from ...host.paths import LIBEXEC
from ..files import text_of
from ..netlink import Netlink
from .errands import OUTSIDE, Errands
from .kept import Stamp, stamp_of
from .netlink import NETLINK_NETFILTER, rules_generation

SYSCTLS = "/etc/sysctl.d/90-ha_lb.conf"
PREPARE = f"{LIBEXEC}/prepare-host"
# In seconds: between two looks; after a look that found nothing, and at most, while somebody changes rules all the time
LOOK, FIRST_PAUSE, LONGEST_PAUSE = 0.9, 2.0, 60.0
CHECK, MEND = "check of the host's settings", "settings of the host"

Seen = Tuple[Tuple[Optional[str], ...], int]


class Settings:
    """`mended` is called with a cause and what was done; `complain` with a sentence, once for every trouble."""

    def __init__(self, errands: Errands, mended: Callable[[str, str], None], complain: Callable[[str], None]) -> None:
        self._errands, self._mended, self._complain = errands, mended, complain
        self._wanted: Dict[str, str] = {}
        self._stamp: Optional[Stamp] = None
        self._seen: Optional[Seen] = None
        self._next, self._pause = 0.0, FIRST_PAUSE
        self._netlink: Optional[Netlink] = None

    def tick(self, now: float, may_act: bool) -> None:
        """Look, every second; where something has changed, have it checked."""
        busy = self._errands.busy(CHECK) or self._errands.busy(MEND)
        if now < self._next or not may_act or busy:
            return
        self._next = now + LOOK
        self._read()
        seen = (tuple(self._now(key) for key in self._wanted), self._generation())
        undone = any(value not in (None, wanted) for value, wanted in zip(seen[0], self._wanted.values()))
        if seen == self._seen and not undone:
            self._pause = max(FIRST_PAUSE, self._pause / 2)
            return
        self._seen = seen
        self._next = now + self._pause
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)
        self._errands.start(CHECK, (*OUTSIDE, PREPARE, "check"), self._checked)

    def _read(self) -> None:
        stamp = stamp_of(SYSCTLS)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        lines = (line.split("=", 1) for line in (text_of(SYSCTLS) or "").splitlines() if not line.startswith("#"))
        self._wanted = {pair[0].strip(): pair[1].strip() for pair in lines if len(pair) == 2}

    def _now(self, key: str) -> Optional[str]:
        text = text_of("/proc/sys/" + key.replace(".", "/"))
        return None if text is None else text.strip()

    def _generation(self) -> int:
        try:
            self._netlink = self._netlink or Netlink(NETLINK_NETFILTER)
            return rules_generation(self._netlink)
        except OSError as error:
            self._complain(f"the guard is not told when rules of nftables change: {error.strerror}")
            self._netlink = None
            return 0

    def _checked(self, code: int, said: str) -> None:
        lines: List[str] = [line for line in said.splitlines() if line.strip()]
        if code:
            self._complain(f"prepare-host check failed ({code}): {' '.join(said.split())[:300]}")
        elif lines:
            cause = "; ".join(lines)[:500]
            self._errands.start(MEND, (*OUTSIDE, PREPARE), lambda code, said: self._done(cause, code, said))

    def _done(self, cause: str, code: int, said: str) -> None:
        # What that has changed is no news
        self._seen = None if code else (tuple(self._now(key) for key in self._wanted), self._generation())
        if code:
            self._complain(f"prepare-host failed ({code}): {' '.join(said.split())[:300]}")
        else:
            self._mended(cause, "put the host's settings in force again")

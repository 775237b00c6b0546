# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration that was torn: put back from the staged copy that its unit has loaded.

Whether it was changed is seen here; whether it was torn, `put-back` judges, by the program itself.
"""

from __future__ import annotations

import os
from typing import Callable, Dict, NamedTuple, Optional, Sequence, Tuple

from ...host.paths import CONFIG_TEST, KEEPALIVED_CONFIG, LIBEXEC, STATE
from .errands import OUTSIDE, Errands
from .kept import Stamp, stamp_of

PUT_BACK = f"{LIBEXEC}/put-back"
QUIET = 1.0  # seconds without another change
AGAIN = 5.0  # seconds, after which the file of a unit that does not run is judged again


class Service(NamedTuple):
    """A unit whose configuration may be torn, and how its program tests a file."""

    unit: str
    path: str
    staged: str
    test: Tuple[str, ...]


SERVICES = (
    Service("keepalived", KEEPALIVED_CONFIG, "keepalived.conf", (CONFIG_TEST,)),
    Service("haproxy", "/etc/haproxy/haproxy.cfg", "haproxy.cfg", ("haproxy", "-c", "-f")),
    Service("nginx", "/etc/nginx/nginx.conf", "nginx.conf", ("nginx", "-q", "-t", "-c")),
)


class Configurations:
    """Watches the files that are in force."""

    def __init__(self, errands: Errands, mended: Callable[[str, str], None], complain: Callable[[str], None]) -> None:
        self._errands, self._mended, self._complain = errands, mended, complain
        self._judged: Dict[str, Optional[Stamp]] = {}
        self._changed: Dict[str, float] = {}
        self._last: Dict[str, Optional[Stamp]] = {}
        self._asked: Dict[str, float] = {}

    def tick(self, now: float, may_act: bool, down: Sequence[str] = ()) -> None:
        """Look at every file; those of units that are down are judged again."""
        for service in SERVICES:
            stamp = stamp_of(service.path)
            if stamp != self._last.get(service.unit, ()):
                self._last[service.unit], self._changed[service.unit] = stamp, now
            quiet = now - self._changed[service.unit] >= QUIET
            again = service.unit in down and now - self._asked.get(service.unit, now) >= AGAIN
            judged = self._judged.get(service.unit, ()) == stamp and not again
            if quiet and may_act and not judged and not self._errands.busy(service.unit):
                self._judged[service.unit], self._asked[service.unit] = stamp, now
                self._judge(service)

    def _judge(self, service: Service) -> None:
        staged = os.path.join(STATE, service.staged)
        if not os.path.exists(staged):
            return
        argv = (*OUTSIDE, PUT_BACK, service.unit, service.path, staged, *service.test)
        self._errands.start(service.unit, argv, lambda code, said: self._done(service, code, said))

    def _done(self, service: Service, code: int, said: str) -> None:
        if code:
            self._complain(f"{service.path} could not be judged ({code}): {' '.join(said.split())[:300]}")
        elif said:
            self._mended(said, f"put back what {service.unit} has loaded")

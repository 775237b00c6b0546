# SPDX-License-Identifier: GPL-3.0-or-later
"""When keepalived is asked for its states, and what is known in between.

It logs a line whenever it is asked. So it is asked when a file has changed that may change a state, for some seconds
after that, when the judge wants to know, and once a minute. It is not waited for: the answer is read at a later tick.
Whether it stands still is seen without asking: a health check wakes it every second, so its count of voluntary
context switches must grow.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ...basics.errors import HaLbError
from ...keepalived.live.status import read_status
from ..last_look import NOTHING_YET
from .process import Pulse

# All in seconds
BETWEEN = 1.0  # two questions, if nobody is in a hurry
RESTLESS = 10.0  # in which it is asked after a change: the priority follows some health checks later
CALM = 60.0  # without a change, after which it is asked all the same
STILL = 2.0  # without a context switch, after which it is taken to stand still
ANSWER = 3.0  # without an answer, after which it is silent
SHOWN = ("name", "state", "priority", "effective_priority", "since", "addresses", "interface", "vrid")


class Ports(NamedTuple):
    """What a looker needs of the world.

    `ask` sends the signal and returns whether keepalived runs. `stamp` returns what changes when an answer is written,
    None without a file; `text` returns that file, or None.
    """

    ask: Callable[[], bool]
    stamp: Callable[[], Optional[Tuple[int, int]]]
    text: Callable[[], Optional[str]]


class Looker:
    """`shown` is the last look, for others; `states` what keepalived said last, in answer to a signal at `said`."""

    def __init__(self, ports: Ports, shown: Optional[Mapping[str, Any]] = None) -> None:
        self._ports = ports
        self.shown: Mapping[str, Any] = shown or NOTHING_YET
        self.states: List[Dict[str, Any]] = []
        self.said = float("-inf")
        self.asked = float("-inf")
        self.waits = False
        self._stamp: Optional[Tuple[int, int]] = None
        self._before: Tuple[Optional[Pulse], Tuple[int, ...]] = (None, ())
        self._changed, self._woke = float("-inf"), float("-inf")

    def look(self, pulse: Optional[Pulse], traces: Tuple[int, ...], now: float, time: float) -> None:
        """See what there is to see; ask where it is due.

        `now` is monotonic, `time` since the epoch; `traces` change whenever a state may have changed.
        """
        before, self._before = self._before, (pulse, traces)
        if pulse is None or before[0] is None or pulse.slept != before[0].slept:
            self._woke = now
        another = (pulse and pulse.daemon) != (before[0] and before[0].daemon)
        if traces != before[1] or another:
            self._changed = now
        self.waits = self.waits and not another
        self.shown = {**self.shown, "time": time}
        if pulse is None:
            self.states = []
            self._answered([], time, running=False)
        elif self.waits:
            self._listen(now, time)
        elif self._due(pulse, now):
            self._ask(now, time)

    def stands_still(self, now: float, seconds: float = STILL) -> bool:
        """Tell whether it was asked so long ago, has not answered, and has not woken since."""
        return self.waits and now - self.asked >= seconds and now - self._woke >= seconds

    def hurry(self, now: float, time: float) -> None:
        """Ask now, unless an answer is waited for; by then keepalived must run."""
        if not self.waits and self._before[0] is not None:
            self._ask(now, time)

    def _due(self, pulse: Pulse, now: float) -> bool:
        since = now - self.asked
        restless = pulse.stopped or now - self._woke >= STILL or now - self._changed <= RESTLESS
        return since >= CALM or (since >= BETWEEN and (restless or not self.shown["answers"]))

    def _ask(self, now: float, time: float) -> None:
        self.asked, self._stamp = now, self._ports.stamp()
        try:
            self.waits = self._ports.ask()
        except OSError:
            self._silent(time)

    def _listen(self, now: float, time: float) -> None:
        stamp = self._ports.stamp()
        # Somebody else who asks may have taken it away
        if stamp is not None and stamp != self._stamp:
            try:
                # It writes into the file that can be seen already, so this may be half of it
                self.states = read_status(self._ports.text() or "")
            except HaLbError:
                pass
            else:
                self.waits, self.said = False, self.asked
                self._answered(self.states, time, running=True)
                return
        if now - self.asked >= ANSWER:
            # A signal is pending already, if it stands still: another one would be the same
            self._silent(time)
            self.waits = now - self._woke >= STILL

    def _answered(self, states: List[Dict[str, Any]], time: float, running: bool) -> None:
        instances = [{key: each[key] for key in SHOWN} for each in states]
        answer = {"answers": True, "running": running, "silent_since": None, "instances": instances}
        self.shown = {"time": time, "asked": time, **answer}

    def _silent(self, time: float) -> None:
        since = self.shown["silent_since"] or time
        self.shown = {**self.shown, "time": time, "asked": time, "answers": False, "silent_since": since}

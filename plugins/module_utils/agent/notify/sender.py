# SPDX-License-Identifier: GPL-3.0-or-later
"""One channel: it delivers or gives up its messages in order, and no other channel waits for it."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional

from ..config import Channel, kind_of, whom
from ..journal import say
from ..queue import Queue, Waiting
from .errand import Errand, Outcome, send_out

FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 300.0
GIVE_UP_SECONDS = 86400.0
TESTS_REMEMBERED = 5
SendOut = Callable[[Channel, Mapping[str, Any], float], Errand]


class Progress(NamedTuple):
    """The progress of a channel, for the status page and for M(notify_test)."""

    delivered: int = 0
    refused: int = 0
    last_delivered: float = 0.0
    problem: str = ""
    tests: Mapping[str, str] = {}
    """The results of the last test messages by name: empty if delivered, else the problem."""


def retry_after(attempts: int) -> float:
    """Return how many seconds to wait after so many failed attempts: doubled every time, up to five minutes."""
    return float(min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 20)))


def progressed(progress: Progress, message: Mapping[str, Any], outcome: Outcome, final: bool, now: float) -> Progress:
    """Return the progress after an attempt."""
    if not outcome.problem:
        progress = progress._replace(delivered=progress.delivered + 1, last_delivered=now, problem="")
    else:
        progress = progress._replace(refused=progress.refused + final, problem=outcome.problem)
    if message["kind"] != "test" or not final:
        return progress
    tests = [*progress.tests.items(), (message["test"], outcome.problem)]
    return progress._replace(tests=dict(tests[-TESTS_REMEMBERED:]))


class Sender:
    """A channel, its queue, and the attempt that is under way.

    Of the times, `now` is in seconds since the epoch, and `clock` monotonic.
    """

    def __init__(self, channel: Channel, directory: str, send: SendOut = send_out) -> None:
        self.channel, self.queue, self.progress = channel, Queue(os.path.join(directory, channel.name)), Progress()
        self.errand: Optional[Errand] = None
        self.due = 0.0
        """When the next attempt may begin, by the monotonic clock."""
        self.began = 0.0
        """When the last one began."""
        self._send, self._attempts, self._hurried = send, 0, False
        self._waiting: Optional[Waiting] = self.queue.head()

    def put(self, message: Mapping[str, Any], now: float) -> None:
        """Queue a message."""
        self.queue.put({**message, "accepted": now})
        if not self.errand:
            self._waiting = self.queue.head()
        if message["kind"] == "test":  # a person waits for it: retry now
            self.due, self._hurried = 0.0, True

    def is_due(self, clock: float) -> bool:
        """Tell whether an attempt may begin."""
        return bool(self._waiting) and not self.errand and self.due <= clock

    def begin(self, now: float, clock: float) -> None:
        """Begin to deliver the oldest message."""
        if not self._waiting:
            return
        self.began, self._hurried = clock, False
        try:
            self.errand = self._send(self.channel, self._waiting.message, clock)
        except OSError as error:
            self._end(self._waiting, Outcome(f"no process for it: {error.strerror}"), now, clock)

    def finish(self, now: float, clock: float) -> None:
        """Take the outcome of the attempt, if it is over."""
        outcome = self.errand.outcome(clock) if self.errand else None
        if outcome and self._waiting:
            self.errand = None
            self._end(self._waiting, outcome, now, clock)

    def _end(self, waiting: Waiting, outcome: Outcome, now: float, clock: float) -> None:
        over = not outcome.problem or outcome.final or now - waiting.message["accepted"] > GIVE_UP_SECONDS
        before, self.progress = self.progress, progressed(self.progress, waiting.message, outcome, over, now)
        if over:
            self.queue.drop(waiting)
        self._waiting = self.queue.head()
        self._attempts = 0 if over else self._attempts + 1
        self.due = 0.0 if over or self._hurried else clock + retry_after(self._attempts)
        if outcome.problem and (over or outcome.problem != before.problem):
            end = "given up" if over else "will be tried again"
            say(f"{self.channel.name}: {waiting.message['id']} {end}: {outcome.problem}")

    def state(self) -> Dict[str, Any]:
        """Return the progress and the queue's length, as plain data."""
        about = {"name": self.channel.name, "kind": kind_of(self.channel), "whom": whom(self.channel)}
        return {**about, "waiting": len(self.queue), "lost": self.queue.lost, **self.progress._asdict()}

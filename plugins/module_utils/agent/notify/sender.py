# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread of one channel: it delivers or gives up its messages in order, and no other channel waits for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Dict, Mapping

from ..config import Channel, whom
from ..queue import Queue, complain
from .delivery import Outcome, deliver

FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 300.0
GIVE_UP_SECONDS = 86400.0
TESTS_REMEMBERED = 5
Deliver = Callable[[Channel, Mapping[str, Any]], Outcome]


@dataclass(frozen=True)
class Progress:
    """The progress of a channel, for the status page and for M(notify_test)."""

    delivered: int = 0
    refused: int = 0
    last_delivered: float = 0.0
    problem: str = ""
    tests: Dict[str, str] = field(default_factory=dict)
    """The results of the last test messages by name: empty if delivered, else the problem."""


def retry_after(attempts: int) -> float:
    """Return how many seconds to wait after so many failed attempts: doubled every time, up to five minutes."""
    return float(min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 20)))


def progressed(progress: Progress, message: Mapping[str, Any], outcome: Outcome, final: bool, now: float) -> Progress:
    """Return the progress after an attempt."""
    if not outcome.problem:
        progress = replace(progress, delivered=progress.delivered + 1, last_delivered=now, problem="")
    else:
        progress = replace(progress, refused=progress.refused + final, problem=outcome.problem)
    if message["kind"] != "test" or not final:
        return progress
    tests = [*progress.tests.items(), (message["test"], outcome.problem)]
    return replace(progress, tests=dict(tests[-TESTS_REMEMBERED:]))


class Sender(threading.Thread):
    """The thread of a channel."""

    def __init__(self, channel: Channel, directory: Path, deliver: Deliver = deliver) -> None:
        super().__init__(name=channel.name, daemon=True)
        self.channel, self.queue, self.progress = channel, Queue(directory / channel.name), Progress()
        self._deliver, self._lock = deliver, threading.Lock()
        self._news, self._hurry = threading.Event(), threading.Event()

    def put(self, message: Mapping[str, Any]) -> None:
        """Queue a message; returns at once."""
        with self._lock:
            self.queue.put({**message, "accepted": time.time()})
        self._news.set()
        if message["kind"] == "test":  # a person waits for it: retry now
            self._hurry.set()

    def run(self) -> None:
        """Deliver messages forever."""
        attempts = 0
        while True:
            attempts = 0 if self.attempt() else attempts + 1
            if attempts:
                self._hurry.wait(retry_after(attempts))
            self._hurry.clear()

    def attempt(self) -> bool:
        """Try to deliver the oldest message, or wait for one; return whether it is delivered or given up."""
        self._news.clear()
        with self._lock:
            waiting = self.queue.head()
        if waiting is None:
            self._news.wait()
            return True
        outcome = self._deliver(self.channel, waiting.message)
        now = time.time()
        over = not outcome.problem or outcome.final or now - waiting.message["accepted"] > GIVE_UP_SECONDS
        with self._lock:
            before, self.progress = self.progress, progressed(self.progress, waiting.message, outcome, over, now)
            if over:
                self.queue.drop(waiting)
        if outcome.problem and (over or outcome.problem != before.problem):
            end = "given up" if over else "will be tried again"
            complain(f"{self.name}: {waiting.message['id']} {end}: {outcome.problem}")
        return over

    def state(self) -> Dict[str, Any]:
        """Return the progress and the queue's length, as plain data."""
        with self._lock:
            kind = type(self.channel).__name__.lower()
            queued = {"waiting": len(self.queue), "lost": self.queue.lost}
            return {"name": self.name, "kind": kind, "whom": whom(self.channel), **queued, **vars(self.progress)}

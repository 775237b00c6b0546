# SPDX-License-Identifier: GPL-3.0-or-later
"""The notifier of a node: from keepalived's FIFO to the journal, the log file and the queues of all channels.

keepalived writes without waiting for a reader. A change that is lost because the FIFO is full, or because this process
does not run, is found by comparing the last known states with a look at keepalived.
"""

from __future__ import annotations

import json
import os
import select
import socket
import time
from typing import Any, List, Mapping, NamedTuple, Tuple

from ...basics.errors import HaLbError
from ..config import Config, read_config
from ..files import EVERYBODYS, write_whole
from ..journal import say
from ..last_look import NOTHING_YET, read_look
from ..states import (
    Known,
    Report,
    States,
    after,
    asked_for,
    changed,
    lines_of,
    missed,
    read_tracked,
    reason_of,
    report_of,
)
from ..systemd import notify_systemd
from . import news as reported
from . import pacing as pace
from .message import (
    Message,
    MessagePlace,
    as_journal,
    as_log,
    change_message,
    digest_message,
    news_message,
    test_message,
)
from .sender import Sender

JOURNAL = "/run/systemd/journal/socket"
KNOWN = "known.json"
TICK_SECONDS = 0.5
NEWS_SECONDS = 2.0  # between two looks at what the guard and the ear have written
MOST_AT_ONCE = 12  # deliveries, for the memory that the unit may take
MOST_BYTES = 65536  # the capacity of a FIFO (pipe(7))


class Paths(NamedTuple):
    """The files of the notifier."""

    config: str
    """In $CREDENTIALS_DIRECTORY, where systemd puts it for this process alone (systemd.exec(5), LoadCredential)."""
    fifo: str
    look: str
    tracked: str
    state: str
    log: str
    channels: str
    """The state of the channels, for the status page."""
    guard: str
    """What the guard has mended."""
    heard: str
    """What the ear has heard."""


class Notifier:
    """The known states, the pacing of messages, and the channels."""

    def __init__(self, config: Config, paths: Paths) -> None:
        self.config, self.paths = config, paths
        self.place = MessagePlace(config.cluster, config.node)
        self.states, self.pacing, self.number, self.told = read_memory(os.path.join(paths.state, KNOWN), time.time())
        self.senders = [Sender(each, os.path.join(paths.state, "queue")) for each in config.channels]
        self.look: Mapping[str, Any] = NOTHING_YET
        self._shown, self._tested = "", ""
        self._guard, self._ear = reported.NewsFile(paths.guard), reported.NewsFile(paths.heard)
        self._news_due = 0.0

    def receive(self, line: str, now: float) -> None:
        """Handle a line of the FIFO."""
        report = report_of(line)
        if report:
            self.observe(report, now)
        elif asked_for(line):
            self._tested = asked_for(line)
            message = {**test_message(self._count(now), self.place, self._tested, now), "test": self._tested}
            self.record(message)
            self.send(message, now)

    def observe(self, report: Report, now: float) -> None:
        """Record a change, if the report is one; send it now, or hold it back for a digest."""
        change = changed(self.states, report, now, reason_of(read_tracked(self.paths.tracked)))
        if change is None:
            return
        self.states = after(self.states, change)
        message = change_message(self._count(now), self.place, change)
        self.record(message)
        if change.state in self.config.on:
            self.pacing, at_once = pace.admit(self.pacing, change, self.config.changes_per_minute)
            if at_once:
                self.send(message, now)
        self.remember()

    def tick(self, now: float) -> None:
        """Compare the known states with a new look, and send the digest when it is due."""
        look = read_look(self.paths.look)
        if look["time"] != self.look["time"]:
            for report in missed(self.states, look, self.look):
                self.observe(report, now)
            self.look = look
        begin = self.pacing.first
        self.pacing, held = pace.due(self.pacing, now)
        if held:
            self.send(digest_message(self._count(now), self.place, held, begin, now), now)
            self.remember()
        if not 0 <= self._news_due - now < NEWS_SECONDS:
            self._news_due = now + NEWS_SECONDS
            self.tell_news(now)
        self.show()

    def tell_news(self, now: float) -> None:
        """Tell what the guard has mended and the ear has heard; what there is no room for now is told later."""
        news = [*reported.acts_of(self._guard.read()), *reported.findings_of(self._ear.read())]
        before, self.told = self.told, reported.still_there(self.told, news, now)
        for each in reported.untold(self.told, news):
            wanted = each.kind in self.config.on
            if wanted:
                self.pacing, at_once = pace.room(self.pacing, now, self.config.changes_per_minute)
                if not at_once:
                    break
            message = news_message(self._count(now), self.place, each)
            self.record(message)
            if wanted:
                self.send(message, now)
            self.told = reported.with_told(self.told, each, now)
        if reported.as_data(self.told) != reported.as_data(before):
            self.remember()

    def send(self, message: Message, now: float) -> None:
        """Put a message into the queue of every channel."""
        for sender in self.senders:
            sender.put(message, now)

    def deliver(self, now: float, clock: float) -> None:
        """Go on with the deliveries, at the monotonic time `clock`: the channel that waits longest comes first."""
        for sender in self.senders:
            sender.finish(now, clock)
        free = MOST_AT_ONCE - sum(1 for each in self.senders if each.errand)
        due = sorted((each for each in self.senders if each.is_due(clock)), key=lambda each: each.began)
        for sender in due[:free]:
            sender.begin(now, clock)

    def answers(self) -> List[int]:
        """Return the descriptors that deliveries answer to."""
        return [each.errand.said for each in self.senders if each.errand]

    def record(self, message: Message) -> None:
        """Write to the journal and the log file; if one fails, the other and the channels go on."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as journal:
                journal.sendto(as_journal(message), JOURNAL)
        except OSError as error:
            say(f"not in the journal: {message['subject']}: {error}")
        try:
            with open(self.paths.log, "a", encoding="utf-8") as log:
                if log.tell() == 0:
                    os.fchmod(log.fileno(), EVERYBODYS)
                log.write(as_log(message))
        except OSError as error:
            say(f"not in the log file: {message['subject']}: {error}")

    def remember(self) -> None:
        """Save the known states and the pacing for the next start."""
        states = {name: each._asdict() for name, each in self.states.items()}
        told = reported.as_data(self.told)
        data = {"states": states, "pacing": pace.as_data(self.pacing), "number": self.number, "told": told}
        try:
            write_whole(os.path.join(self.paths.state, KNOWN), json.dumps(data), durable=True)
        except OSError as error:
            say(f"what is known cannot be written down: {error}")

    def show(self) -> None:
        """Write the state of the channels for the status page, if it has changed."""
        shown = {
            "channels": [each.state() for each in self.senders],
            "held": len(self.pacing.held),
            "test": self._tested,
            "number": self.number,
        }
        text = json.dumps(shown)
        if text == self._shown:
            return
        try:
            write_whole(self.paths.channels, text, EVERYBODYS)
            self._shown = text
        except OSError as error:
            say(f"how the channels are doing cannot be written down: {error}")

    def _count(self, now: float) -> int:
        """Return a number that no earlier message of this node had, even if the saved one is lost: ms since 1970."""
        self.number = max(self.number + 1, int(now * 1000))
        return self.number


def read_memory(path: str, now: float) -> Tuple[States, pace.Pacing, int, reported.Told]:
    """Return what was saved: states, pacing, the number of the last message, and what the others' news was."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        states = {name: Known(**each) for name, each in data["states"].items()}
        told = reported.from_data(data.get("told", {}), now)
        return states, pace.from_data(data["pacing"]), int(data["number"]), told
    except (AttributeError, OSError, KeyError, TypeError, ValueError):
        return {}, pace.Pacing(), 0, reported.Told()


def serve(notifier: Notifier, fifo: int) -> None:
    """Read the FIFO, and deliver, forever."""
    pending = b""
    ticked = 0.0
    notify_systemd("READY=1")
    while True:
        ready = select.select([fifo, *notifier.answers()], [], [], TICK_SECONDS)[0]
        if fifo in ready:
            lines, pending = lines_of(pending, os.read(fifo, MOST_BYTES))
            for line in lines:
                notifier.receive(line, time.time())
        clock = time.monotonic()
        if clock - ticked >= TICK_SECONDS:
            ticked = clock
            notifier.tick(time.time())
            notify_systemd("WATCHDOG=1")
        notifier.deliver(time.time(), clock)


def paths_from(environment: Mapping[str, str]) -> Paths:
    """Return the paths that the unit sets in the environment."""
    paths = Paths(*(environment[f"HA_LB_{name.upper()}"] for name in Paths._fields))
    return paths._replace(config=os.path.join(environment["CREDENTIALS_DIRECTORY"], paths.config))


def main() -> None:
    """Run the notifier of this node."""
    paths = paths_from(os.environ)
    try:
        with open(paths.config, encoding="utf-8") as file:
            notifier = Notifier(read_config(file.read()), paths)
        # Opened for writing too, because a FIFO without a writer is at its end whenever keepalived closes it
        serve(notifier, os.open(paths.fifo, os.O_RDWR | os.O_NONBLOCK))
    except (HaLbError, OSError) as error:
        raise SystemExit(f"the notifier cannot go on: {error}") from error


if __name__ == "__main__":
    main()

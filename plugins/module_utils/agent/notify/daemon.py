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
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, Mapping, NamedTuple, Tuple

from ...basics.errors import HaLbError
from ..config import Config, read_config
from ..states import NOTHING_YET, read_look
from ..queue import EVERYBODYS, complain, write_whole
from ..states import CAUSES, Known, Report, States, after, asked_for, changed, lines_of, missed, reason_of, report_of
from . import pacing as pace
from .message import Message, MessagePlace, as_journal, as_log, change_message, digest_message, test_message
from .sender import Sender

JOURNAL = "/run/systemd/journal/socket"
TICK_SECONDS = 0.5
MOST_BYTES = 65536  # the capacity of a FIFO (pipe(7))


class Paths(NamedTuple):
    """The files of the notifier."""

    config: Path
    """In $CREDENTIALS_DIRECTORY, where systemd puts it for this process alone (systemd.exec(5), LoadCredential)."""
    fifo: Path
    look: Path
    tracked: Path
    state: Path
    log: Path
    channels: Path
    """The state of the channels, for the status page."""


class Notifier:
    """The known states, the pacing of messages, and the channels."""

    def __init__(self, config: Config, paths: Paths) -> None:
        self.config, self.paths = config, paths
        self.place = MessagePlace(config.cluster, config.node)
        self.states, self.pacing, self.number = read_memory(paths.state / "known.json")
        self.senders = [Sender(each, paths.state / "queue") for each in config.channels]
        self.look: Mapping[str, Any] = NOTHING_YET
        self._shown, self._tested = "", ""

    def receive(self, line: str, now: float) -> None:
        """Handle a line of the FIFO."""
        report = report_of(line)
        if report:
            self.observe(report, now)
        elif asked_for(line):
            self._tested = asked_for(line)
            message = {**test_message(self._count(now), self.place, self._tested, now), "test": self._tested}
            self.record(message)
            self.send(message)

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
                self.send(message)
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
            self.send(digest_message(self._count(now), self.place, held, begin, now))
            self.remember()
        self.show()

    def send(self, message: Message) -> None:
        """Put a message into the queue of every channel."""
        for sender in self.senders:
            sender.put(message)

    def record(self, message: Message) -> None:
        """Write to the journal and the log file; if one fails, the other and the channels go on."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as journal:
                journal.sendto(as_journal(message), JOURNAL)
        except OSError as error:
            complain(f"not in the journal: {message['subject']}: {error}")
        try:
            with open(self.paths.log, "a", encoding="utf-8") as log:
                if log.tell() == 0:
                    os.fchmod(log.fileno(), EVERYBODYS)
                log.write(as_log(message))
        except OSError as error:
            complain(f"not in the log file: {message['subject']}: {error}")

    def remember(self) -> None:
        """Save the known states and the pacing for the next start."""
        states = {name: asdict(each) for name, each in self.states.items()}
        data = {"states": states, "pacing": pace.as_data(self.pacing), "number": self.number}
        try:
            write_whole(self.paths.state / "known.json", json.dumps(data))
        except OSError as error:
            complain(f"what is known cannot be written down: {error}")

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
            write_whole(self.paths.channels, text, durable=False, mode=EVERYBODYS)
            self._shown = text
        except OSError as error:
            complain(f"how the channels are doing cannot be written down: {error}")

    def _count(self, now: float) -> int:
        """Return a number that no earlier message of this node had, even if the saved one is lost: ms since 1970."""
        self.number = max(self.number + 1, int(now * 1000))
        return self.number


def read_memory(path: Path) -> Tuple[States, pace.Pacing, int]:
    """Return what was saved: states, pacing, and the number of the last message."""
    try:
        data = json.loads(path.read_text())
        states = {name: Known(**each) for name, each in data["states"].items()}
        return states, pace.from_data(data["pacing"]), int(data["number"])
    except (OSError, KeyError, TypeError, ValueError):
        return {}, pace.Pacing(), 0


def read_tracked(directory: Path) -> Dict[str, str]:
    """Return the content of the tracked files by name."""
    found = {}
    for name in CAUSES:
        try:
            found[name] = (directory / name).read_text(errors="replace")
        except OSError:
            continue
    return found


def notify_systemd(word: str) -> None:
    """Send systemd a state (sd_notify(3)), if it has set NOTIFY_SOCKET."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if name:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.sendto(word.encode(), "\0" + name[1:] if name.startswith("@") else name)


def serve(notifier: Notifier, fifo: int) -> None:
    """Read the FIFO forever."""
    for sender in notifier.senders:
        sender.start()
    pending = b""
    ticked = 0.0
    notify_systemd("READY=1")
    while True:
        if select.select([fifo], [], [], TICK_SECONDS)[0]:
            lines, pending = lines_of(pending, os.read(fifo, MOST_BYTES))
            for line in lines:
                notifier.receive(line, time.time())
        if time.monotonic() - ticked >= TICK_SECONDS:
            ticked = time.monotonic()
            notifier.tick(time.time())
            notify_systemd("WATCHDOG=1")


def paths_from(environment: Mapping[str, str]) -> Paths:
    """Return the paths that the unit sets in the environment."""
    paths = Paths(*(Path(environment[f"HA_LB_{name.upper()}"]) for name in Paths._fields))
    return paths._replace(config=Path(environment["CREDENTIALS_DIRECTORY"]) / paths.config)


def end_with(failed: threading.ExceptHookArgs) -> None:
    """Exit when a channel's thread fails: systemd restarts the notifier, and the queues are on disk."""
    complain(f"{failed.thread.name if failed.thread else 'a channel'} cannot go on: {failed.exc_value!r}")
    os._exit(1)


def main() -> None:
    """Run the notifier of this node."""
    threading.excepthook = end_with
    paths = paths_from(os.environ)
    try:
        notifier = Notifier(read_config(paths.config.read_text()), paths)
        # Opened for writing too, because a FIFO without a writer is at its end whenever keepalived closes it
        serve(notifier, os.open(paths.fifo, os.O_RDWR | os.O_NONBLOCK))
    except (HaLbError, OSError) as error:
        raise SystemExit(f"the notifier cannot go on: {error}") from error


if __name__ == "__main__":
    main()

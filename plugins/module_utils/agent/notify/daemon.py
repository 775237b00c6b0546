# SPDX-License-Identifier: GPL-3.0-or-later
"""The notifier of a node: from keepalived's FIFO to the journal, the log file and the queues of all channels.

keepalived writes without waiting, whoever reads or does not. What is lost when the FIFO is full, or this process is not
there, is found by comparing what was told last with a look at keepalived.
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
from ..look import NOTHING_YET, read_look
from ..queue import complain, write_whole
from ..states import CAUSES, Known, States, Told, after, asked_for, changed, lines_of, missed, reason_of, told
from . import pacing as pace
from .message import Message, Place, as_journal, as_log, change_message, digest_message, test_message
from .sender import Sender

JOURNAL = "/run/systemd/journal/socket"
TICK_SECONDS = 0.5
MOST_BYTES = 65536  # as much as a FIFO holds


class Paths(NamedTuple):
    """Where things are on a node; the tests have them elsewhere."""

    config: Path
    fifo: Path
    look: Path
    tracked: Path
    state: Path
    log: Path
    channels: Path
    """What the status page says of the channels."""


class Notifier:
    """What is known, what was told, and the channels."""

    def __init__(self, config: Config, paths: Paths) -> None:
        self.config, self.paths = config, paths
        self.place = Place(config.cluster, config.node)
        self.states, self.pacing, self.number = read_memory(paths.state / "known.json")
        self.senders = [Sender(each, paths.state / "queue") for each in config.channels]
        self.look: Mapping[str, Any] = NOTHING_YET
        self._shown, self._tested = "", ""

    def hear(self, line: str, now: float) -> None:
        """Take a line of the FIFO."""
        said = told(line)
        if said:
            self.observe(said, now)
        elif asked_for(line):
            self._tested = asked_for(line)
            message = {**test_message(self._count(now), self.place, self._tested, now), "test": self._tested}
            self.record(message)
            self.tell(message)

    def observe(self, said: Told, now: float) -> None:
        """Record what is new; tell it now, or hold it back."""
        change = changed(self.states, said, now, reason_of(read_tracked(self.paths.tracked)))
        if change is None:
            return
        self.states = after(self.states, change)
        message = change_message(self._count(now), self.place, change)
        self.record(message)
        if change.state in self.config.on:
            self.pacing, at_once = pace.admit(self.pacing, change, self.config.changes_per_minute)
            if at_once:
                self.tell(message)
        self.remember()

    def tick(self, now: float) -> None:
        """Do what is not begun by a line: compare with a new look, and tell what was held back."""
        look = read_look(self.paths.look)
        if look["time"] != self.look["time"]:
            for said in missed(self.states, look, self.look):
                self.observe(said, now)
            self.look = look
        begin = self.pacing.first
        self.pacing, held = pace.due(self.pacing, now)
        if held:
            self.tell(digest_message(self._count(now), self.place, held, begin, now))
            self.remember()
        self.show()

    def tell(self, message: Message) -> None:
        """Put a message into every queue."""
        for sender in self.senders:
            sender.tell(message)

    def record(self, message: Message) -> None:
        """Write to the journal and the log file; neither may hold up the other, or the channels."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as journal:
                journal.sendto(as_journal(message), JOURNAL)
        except OSError as error:
            complain(f"not in the journal: {message['subject']}: {error}")
        try:
            with open(self.paths.log, "a", encoding="utf-8") as log:
                log.write(as_log(message))
        except OSError as error:
            complain(f"not in the log file: {message['subject']}: {error}")

    def remember(self) -> None:
        """Write down what is known, for the next start."""
        states = {name: asdict(each) for name, each in self.states.items()}
        data = {"states": states, "pacing": pace.as_data(self.pacing), "number": self.number}
        try:
            write_whole(self.paths.state / "known.json", json.dumps(data))
        except OSError as error:
            complain(f"what is known cannot be written down: {error}")

    def show(self) -> None:
        """Say how the channels are doing, where that is new."""
        told = {
            "channels": [each.state() for each in self.senders],
            "held": len(self.pacing.held),
            "test": self._tested,
            "number": self.number,
        }
        text = json.dumps(told)
        if text == self._shown:
            return
        try:
            write_whole(self.paths.channels, text, durable=False)
            self._shown = text
        except OSError as error:
            complain(f"how the channels are doing cannot be written down: {error}")

    def _count(self, now: float) -> int:
        """Return a number that no message of this node had, even where the last one is forgotten."""
        self.number = max(self.number + 1, int(now * 1000))
        return self.number


def read_memory(path: Path) -> Tuple[States, pace.Pacing, int]:
    """Return what was known at the last stop: states, pacing, and the number of the last message."""
    try:
        data = json.loads(path.read_text())
        states = {name: Known(**each) for name, each in data["states"].items()}
        return states, pace.from_data(data["pacing"]), int(data["number"])
    except (OSError, KeyError, TypeError, ValueError):
        return {}, pace.Pacing(), 0


def read_tracked(directory: Path) -> Dict[str, str]:
    """Return the content of the tracked files."""
    found = {}
    for name in CAUSES:
        try:
            found[name] = (directory / name).read_text(errors="replace")
        except OSError:
            continue
    return found


def say_alive(word: str) -> None:
    """Tell systemd that this process is well (sd_notify), where systemd asked for it."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if name:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.sendto(word.encode(), "\0" + name[1:] if name.startswith("@") else name)


def serve(notifier: Notifier, fifo: int) -> None:
    """Read the FIFO for ever."""
    for sender in notifier.senders:
        sender.start()
    pending = b""
    ticked = 0.0
    say_alive("READY=1")
    while True:
        if select.select([fifo], [], [], TICK_SECONDS)[0]:
            lines, pending = lines_of(pending, os.read(fifo, MOST_BYTES))
            for line in lines:
                notifier.hear(line, time.time())
        if time.monotonic() - ticked >= TICK_SECONDS:
            ticked = time.monotonic()
            notifier.tick(time.time())
            say_alive("WATCHDOG=1")


def paths_from(environment: Mapping[str, str]) -> Paths:
    """Return the paths that the unit names."""
    return Paths(*(Path(environment[f"HA_LB_{name.upper()}"]) for name in Paths._fields))


def end_with(failed: threading.ExceptHookArgs) -> None:
    """End when a channel's thread fails: systemd starts all anew, with the messages that wait."""
    complain(f"{failed.thread.name if failed.thread else 'a channel'} cannot go on: {failed.exc_value!r}")
    os._exit(1)


def main() -> None:
    """Run the notifier of this node."""
    threading.excepthook = end_with
    paths = paths_from(os.environ)
    try:
        notifier = Notifier(read_config(paths.config.read_text()), paths)
        # For writing too: so it does not end each time that keepalived closes it
        serve(notifier, os.open(paths.fifo, os.O_RDWR | os.O_NONBLOCK))
    except (HaLbError, OSError) as error:
        raise SystemExit(f"the notifier cannot go on: {error}") from error


if __name__ == "__main__":
    main()

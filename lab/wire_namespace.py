# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts on one cable, in network namespaces of their own: one that listens and one that speaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.engine import as_root, execute, find

SENDER = Path(__file__).with_name("wire_sender.py")
LISTENER_MAC, SPEAKER_MAC = "02:00:00:00:00:11", "02:00:00:00:00:99"


@dataclass(frozen=True)
class Host:
    """A network namespace with an interface eth0."""

    namespace: str

    def command(self, *command: str) -> list[str]:
        """Return a command that runs in the namespace."""
        return as_root(find("ip"), "netns", "exec", self.namespace, *command)

    def ip(self, *commands: str) -> None:
        """Run commands of ip(8) there."""
        lines = "\n".join(commands) + "\n"
        execute(as_root(find("ip"), "-netns", self.namespace, "-batch", "-"), stdin=lines)

    @contextmanager
    def speaking(
        self, frames: Iterable[bytes], per_second: float, seconds: float = 30, interface: str = "eth0"
    ) -> Iterator[subprocess.Popen[str]]:
        """Send frames in turn while the block runs, or until the time is up."""
        command = self.command(sys.executable, str(SENDER), interface, f"{per_second:g}", f"{seconds:g}")
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sender:
            assert sender.stdin
            sender.stdin.write("\n".join(frame.hex() for frame in frames))
            sender.stdin.close()
            try:
                yield sender
            finally:
                sender.terminate()

    @contextmanager
    def later(self, command: str, seconds: float) -> Iterator[None]:
        """Run a command of ip(8) there while the block runs, after so many seconds."""
        timer = threading.Timer(seconds, self.ip, [command])
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


@contextmanager
def cable() -> Iterator[tuple[Host, Host]]:
    """Make the two hosts, 192.0.2.11 and 192.0.2.99, and remove them afterwards."""
    ip = as_root(find("ip"))
    # So that a run that is ended from outside removes them as well
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    listener, speaker = (Host(f"wire-{os.getpid()}-{end}") for end in ("listener", "speaker"))
    try:
        for host in (listener, speaker):
            execute([*ip, "netns", "add", host.namespace])
        peer = f"peer name eth0 address {SPEAKER_MAC} netns {speaker.namespace}"
        listener.ip(f"link add eth0 address {LISTENER_MAC} type veth {peer}")
        for host, number in ((listener, 11), (speaker, 99)):
            host.ip(
                f"address add 192.0.2.{number}/24 dev eth0",
                f"address add fe80::{number}/64 dev eth0 nodad",
                f"address add 2001:db8::{number}/64 dev eth0 nodad",
                "link set lo up",
                "link set eth0 up",
            )
        yield listener, speaker
    finally:
        for host in (listener, speaker):
            execute([*ip, "netns", "delete", host.namespace], check=False)
        signal.signal(signal.SIGTERM, before)

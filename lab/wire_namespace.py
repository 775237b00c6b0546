# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts as network namespaces on one cable (a veth pair): a listener and a speaker."""

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
        """Return the command line that runs a command in the namespace."""
        return as_root(find("ip"), "netns", "exec", self.namespace, *command)

    def ip(self, *commands: str) -> None:
        """Run commands of ip(8) in the namespace."""
        lines = "\n".join(commands) + "\n"
        execute(as_root(find("ip"), "-netns", self.namespace, "-batch", "-"), stdin=lines)

    @contextmanager
    def speaking(
        self, frames: Iterable[bytes], per_second: float, seconds: float = 30, interface: str = "eth0"
    ) -> Iterator[subprocess.Popen[str]]:
        """Send the frames in turn during the block, for at most `seconds`."""
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
        """Run a command of ip(8) in the namespace after some seconds, unless the block ends earlier."""
        timer = threading.Timer(seconds, self.ip, [command])
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


@contextmanager
def cable() -> Iterator[tuple[Host, Host]]:
    """Create the hosts 192.0.2.11 and 192.0.2.99 for the block."""
    ip = as_root(find("ip"))
    # On SIGTERM, exit through the `finally` that removes the namespaces
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

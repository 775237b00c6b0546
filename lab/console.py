# SPDX-License-Identifier: GPL-3.0-or-later
"""A shell in a node that stays open, so that a command takes milliseconds and hardly disturbs a measurement."""

from __future__ import annotations

import os
import select
import shlex
import subprocess
import threading
import time
from collections.abc import Sequence

from lab.cluster import Lab
from lab.engine import LabError

END = "\x1eend "
ANSWER_SECONDS = 60.0


class NodeGone(LabError):
    """The node does not answer: it is off or going down."""


class Console:
    """One node's shell, opened at the first command, and again after the node was off."""

    def __init__(self, lab: Lab, node: str) -> None:
        self.lab = lab
        self.node = node
        self._shell: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def run(self, command: str | Sequence[str], *, check: bool = True, seconds: float = ANSWER_SECONDS) -> str:
        """Run a line of bash, or a command, and return its output.

        Raises: LabError, if check is set and it fails; NodeGone, if the node does not answer.
        """
        line = command if isinstance(command, str) else shlex.join(command)
        with self._lock:
            try:
                output, status = self._exchange(line, seconds)
            except (OSError, NodeGone):
                self._hang_up()
                raise NodeGone(f"{self.node} does not answer") from None
        if check and status:
            raise LabError(f"{self.node}: `{line}` failed with status {status}: {output.strip()}")
        return output

    def close(self) -> None:
        """End the shell."""
        with self._lock:
            self._hang_up()

    def _exchange(self, line: str, seconds: float) -> tuple[str, int]:
        if self._shell is None:
            command = self.lab.command(self.node, ["bash", "--noprofile", "--norc"])
            self._shell = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
        shell = self._shell
        assert shell.stdin is not None
        shell.stdin.write(f"{{ {line}\n}} 2>&1 </dev/null; printf '{END}%d\\n' $?\n".encode())
        output, _, status = self._read(time.monotonic() + seconds).rpartition(END)
        return output, int(status)

    def _read(self, deadline: float) -> str:
        """Read up to the end mark."""
        shell = self._shell
        assert shell is not None
        assert shell.stdout is not None
        text = ""
        while not (END in text and text.endswith("\n")):
            if not select.select([shell.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise NodeGone
            more = os.read(shell.stdout.fileno(), 65536)
            if not more:
                raise NodeGone
            text += more.decode(errors="replace")
        return text

    def _hang_up(self) -> None:
        if self._shell is not None:
            self._shell.kill()
            self._shell.communicate()
            self._shell = None

# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages that wait for one channel: one file for every message, so that they survive a reboot."""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from pathlib import Path
from typing import Any, Deque, Mapping, NamedTuple, Optional

MOST = 1000
# The modes of what agents write, whatever the umask of their unit
OURS, EVERYBODYS = 0o600, 0o644


def complain(line: str) -> None:
    """Print a line, which systemd puts into the journal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Waiting(NamedTuple):
    """The oldest message, and its key: the file, or the identity of one in memory."""

    key: Path | int
    message: Mapping[str, Any]


class Queue:
    """First in, first out, of at most `most` messages; with more, the oldest is dropped and counted in `lost`.

    If the disk is full, messages wait in memory; they come after those on disk, because they are younger.
    """

    def __init__(self, directory: Path, most: int = MOST) -> None:
        self.directory, self.most = directory, most
        self.lost = 0
        self._memory: Deque[Mapping[str, Any]] = deque(maxlen=most)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._next = max((int(path.stem) for path in self._files()), default=0) + 1

    def put(self, message: Mapping[str, Any]) -> None:
        """Append a message; it is on disk when this returns, unless the disk is full."""
        files = self._files()
        for path in files[: max(0, len(files) + 1 - self.most)]:
            path.unlink()
            self.lost += 1
        if self._memory:
            self._memory.append(message)
            return
        path = self.directory / f"{self._next:012d}.json"
        self._next += 1
        try:
            write_whole(path, json.dumps(message))
        except OSError:
            self._memory.append(message)

    def head(self) -> Optional[Waiting]:
        """Return the oldest message; it stays until it is dropped."""
        for path in self._files():
            try:
                return Waiting(path, json.loads(path.read_text()))
            except FileNotFoundError:
                continue
            except ValueError:  # damaged, as after a power failure
                path.unlink()
                self.lost += 1
        return Waiting(id(self._memory[0]), self._memory[0]) if self._memory else None

    def drop(self, waiting: Waiting) -> None:
        """Remove a message, unless it was dropped already."""
        if isinstance(waiting.key, Path):
            waiting.key.unlink(missing_ok=True)
        elif self._memory and id(self._memory[0]) == waiting.key:
            self._memory.popleft()

    def __len__(self) -> int:
        return len(self._files()) + len(self._memory)

    def _files(self) -> list[Path]:
        return sorted(self.directory.glob("[0-9]*.json"))


def write_whole(path: Path, text: str, durable: bool = True, mode: int = OURS) -> None:
    """Replace a file atomically; with `durable`, it is on disk when this returns.

    Raises OSError; the file is then unchanged.
    """
    half = path.with_name(f".{path.name}.half")
    try:
        with open(half, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(half, path)
    except OSError:
        half.unlink(missing_ok=True)
        raise
    if durable:
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

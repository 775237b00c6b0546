# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages that wait for one channel: a file each, so that they survive the notifier and the node."""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from pathlib import Path
from typing import Any, Deque, Mapping, NamedTuple, Optional

MOST = 1000


def complain(line: str) -> None:
    """Tell the journal of this service."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Waiting(NamedTuple):
    """The message whose turn it is."""

    key: Path | int
    message: Mapping[str, Any]


class Queue:
    """First in, first out, of at most `most` messages: the oldest gives way.

    Where the disk takes no more, messages wait in memory; they come after those on disk, as they are younger.
    """

    def __init__(self, directory: Path, most: int = MOST) -> None:
        self.directory, self.most = directory, most
        self.lost = 0
        self._memory: Deque[Mapping[str, Any]] = deque(maxlen=most)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._next = max((int(path.stem) for path in self._files()), default=0) + 1

    def put(self, message: Mapping[str, Any]) -> None:
        """Append a message; it is on disk when this returns, if the disk takes it."""
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
            except ValueError:  # a disk that lost it
                path.unlink()
                self.lost += 1
        return Waiting(id(self._memory[0]), self._memory[0]) if self._memory else None

    def drop(self, waiting: Waiting) -> None:
        """Take a message away, unless it gave way already."""
        if isinstance(waiting.key, Path):
            waiting.key.unlink(missing_ok=True)
        elif self._memory and id(self._memory[0]) == waiting.key:
            self._memory.popleft()

    def __len__(self) -> int:
        return len(self._files()) + len(self._memory)

    def _files(self) -> list[Path]:
        return sorted(self.directory.glob("[0-9]*.json"))


def write_whole(path: Path, text: str, durable: bool = True) -> None:
    """Put a file in place at once; with `durable`, it is on disk when this returns.

    Raises OSError; the file is then as it was.
    """
    half = path.with_name(f".{path.name}.half")
    try:
        with open(half, "w", encoding="utf-8") as file:
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

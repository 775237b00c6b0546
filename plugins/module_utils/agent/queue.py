# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages that wait for one channel: one file for every message, so that they survive a reboot."""

from __future__ import annotations

import contextlib
import json
import os
from collections import deque
from typing import TYPE_CHECKING, Any, Deque, List, Mapping, NamedTuple, Optional

from .files import write_whole

if TYPE_CHECKING:
    from .states import AnyPath

MOST = 1000
SUFFIX = ".json"


class Waiting(NamedTuple):
    """The oldest message, and its key: the file, or the identity of one in memory."""

    key: str | int
    message: Mapping[str, Any]


class Queue:
    """First in, first out, of at most `most` messages; with more, the oldest is dropped and counted in `lost`.

    If the disk is full, messages wait in memory; they come after those on disk, because they are younger.
    """

    def __init__(self, directory: AnyPath, most: int = MOST) -> None:
        self.directory, self.most = os.fspath(directory), most
        self.lost = 0
        self._memory: Deque[Mapping[str, Any]] = deque(maxlen=most)
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        self._next = max((int(os.path.basename(path)[: -len(SUFFIX)]) for path in self._files()), default=0) + 1

    def put(self, message: Mapping[str, Any]) -> None:
        """Append a message; it is on disk when this returns, unless the disk is full."""
        files = self._files()
        for path in files[: max(0, len(files) + 1 - self.most)]:
            os.unlink(path)
            self.lost += 1
        if self._memory:
            self._memory.append(message)
            return
        path = os.path.join(self.directory, f"{self._next:012d}{SUFFIX}")
        self._next += 1
        try:
            write_whole(path, json.dumps(message), durable=True)
        except OSError:
            self._memory.append(message)

    def head(self) -> Optional[Waiting]:
        """Return the oldest message; it stays until it is dropped."""
        for path in self._files():
            try:
                with open(path, encoding="utf-8") as file:
                    return Waiting(path, json.load(file))
            except FileNotFoundError:
                continue
            except ValueError:  # damaged, as after a power failure
                os.unlink(path)
                self.lost += 1
        return Waiting(id(self._memory[0]), self._memory[0]) if self._memory else None

    def drop(self, waiting: Waiting) -> None:
        """Remove a message, unless it was dropped already."""
        if isinstance(waiting.key, str):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(waiting.key)
        elif self._memory and id(self._memory[0]) == waiting.key:
            self._memory.popleft()

    def __len__(self) -> int:
        return len(self._files()) + len(self._memory)

    def _files(self) -> List[str]:
        names = (name for name in os.listdir(self.directory) if name[0].isdigit() and name.endswith(SUFFIX))
        return [os.path.join(self.directory, name) for name in sorted(names)]

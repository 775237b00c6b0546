# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files of the agents: read without waiting, and written whole, so that nobody reads half of one."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import Optional

MOST_OCTETS = 2_000_000
# The modes of what agents write, whatever the umask of their unit
OURS, EVERYBODYS = 0o600, 0o644


def text_of(path: str) -> Optional[str]:
    """Return a small file's text; None if it cannot be read, or is a link or a pipe, which an agent with fewer rights
    could have made of it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return os.read(descriptor, MOST_OCTETS).decode(errors="replace")
    except OSError:
        return None
    finally:
        os.close(descriptor)


def write_whole(path: str, text: str, mode: int = OURS, uid: Optional[int] = None, durable: bool = False) -> None:
    """Put a text in the place of a file; with `durable`, it is on disk when this returns.

    `uid` is its owner, where that is not this process's. Raises OSError; the file is then unchanged.
    """
    half = f"{path}.half"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(descriptor, mode)
            if uid is not None and uid != os.geteuid():
                os.fchown(descriptor, uid, -1)
            if durable:
                os.fsync(descriptor)
        os.rename(half, path)
    except (OSError, UnicodeEncodeError):
        remove(half)
        raise
    if durable:
        _sync_directory(path)


def _sync_directory(path: str) -> None:
    directory = os.open(os.path.dirname(path) or os.curdir, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def remove(path: str) -> None:
    """Remove a file, if that can be done."""
    with contextlib.suppress(OSError):
        os.unlink(path)

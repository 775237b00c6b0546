# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing small files of /run whole, so that nobody reads half of one."""

from __future__ import annotations

import errno
import os
from typing import Optional

OURS, EVERYBODYS = 0o600, 0o644


def replace(path: str, text: str, mode: int, uid: Optional[int] = None) -> None:
    """Put a text in the place of a file; `uid` is its owner, where that is not this process's.

    Raises OSError; the file is then unchanged.
    """
    half = f"{path}.half"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        try:
            data = text.encode()
            if os.write(descriptor, data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fchmod(descriptor, mode)
            if uid is not None and uid != os.geteuid():
                os.fchown(descriptor, uid, -1)
        finally:
            os.close(descriptor)
        os.rename(half, path)
    except OSError:
        remove(half)
        raise


def remove(path: str) -> None:
    """Remove a file, if that can be done."""
    try:
        os.unlink(path)
    except OSError:
        return

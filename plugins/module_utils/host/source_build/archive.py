# SPDX-License-Identifier: GPL-3.0-or-later
"""A source archive on the controller: it leaves only if it is the one that was ordered."""

from __future__ import annotations

from pathlib import Path

from ...basics.errors import HaLbError
from .limits import summed


def checked_archive(archive: str, sha256: str) -> str:
    """Return the path of a file whose SHA-256 is right.

    Raises HaLbError where it is another, or no file at all: whoever named it may have meant something else to be read.
    """
    path = Path(archive)
    if not path.is_file():
        raise HaLbError(f"there is no file {archive} on the controller")
    if summed(path)[0] != str(sha256).lower():
        raise HaLbError(f"{archive} on the controller does not have the SHA-256 that was ordered: it is sent to nobody")
    return archive

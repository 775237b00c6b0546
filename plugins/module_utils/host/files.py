# SPDX-License-Identifier: GPL-3.0-or-later
"""Replacing a whole file at once: nobody sees half of it, or sees it with other rights than its own."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Callable, Optional

from ..basics.errors import HaLbError

Accept = Callable[[str], None]


def content(path: Path) -> Optional[bytes]:
    """Return the bytes of a file, or None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def replace(path: Path, data: bytes, mode: str, group: str, accept: Optional[Accept] = None) -> None:
    """Put `data` in the place of a file, owned by root; `accept` gets the name of the new file first, and may raise.

    Raises what `accept` raises, and HaLbError where it cannot be written; the file is then as it was.
    """
    try:
        _replace(path, data, mode, group, accept)
    except OSError as error:
        why = error.strerror or str(error)
        raise HaLbError(f"{path} on {platform.node()} cannot be written, and stays as it is: {why}") from error


def _replace(path: Path, data: bytes, mode: str, group: str, accept: Optional[Accept]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        if accept:
            accept(name)
        os.chmod(name, int(mode, 8))
        shutil.chown(name, "root", group)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise

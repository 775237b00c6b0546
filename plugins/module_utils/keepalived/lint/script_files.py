# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether keepalived can run a script, and does with enable_script_security (check_security in keepalived)."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, NamedTuple, Optional

SEARCH_PATH = ("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin")
RUNNABLE = (b"#!", b"\x7fE")


class ScriptUser(NamedTuple):
    """The user and group that run a script."""

    uid: int
    gid: int


def script_file(path: str, user: ScriptUser, root: Path = Path("/")) -> dict[str, Any]:
    """Return {exists, executable, shebang, writable_by} of a file, for this user.

    `writable_by` is the file or folder that others than root can change, or empty.
    """
    found = Path(os.path.realpath(root / path.lstrip("/")))
    if not found.is_file():
        return {"exists": False, "executable": False, "shebang": False, "writable_by": ""}
    return {
        "exists": True,
        "executable": _may_run(found, user, root),
        "shebang": _begins(found) in RUNNABLE,
        "writable_by": _insecure(found, root),
    }


def find_program(name: str, root: Path = Path("/")) -> Optional[str]:
    """Search a program as keepalived does with its default PATH; None if it is not found."""
    for folder in SEARCH_PATH:
        path = root / folder / name
        if path.is_file() and path.stat().st_mode & 0o111:
            return f"/{folder}/{name}"
    return None


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2)


def _may_run(path: Path, user: ScriptUser, root: Path) -> bool:
    return all(_has_x(each.stat(), user) for each in _components(path, root))


def _has_x(status: os.stat_result, user: ScriptUser) -> bool:
    if user.uid == 0:
        return stat.S_ISDIR(status.st_mode) or bool(status.st_mode & 0o111)
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    return bool(status.st_mode & (stat.S_IXGRP if status.st_gid == user.gid else stat.S_IXOTH))


def _components(path: Path, root: Path) -> list[Path]:
    """Return the file and its parent folders, up to the root."""
    top = Path(os.path.realpath(root))
    return [path, *(each for each in path.parents if each != top and top in each.parents)]


def _insecure(path: Path, root: Path) -> str:
    """Return the first component from the root on that others than root can change; empty if none."""
    for component in reversed(_components(path, root)):
        status = component.stat()
        sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
        others = status.st_mode & stat.S_IWOTH or (status.st_gid and status.st_mode & stat.S_IWGRP)
        if status.st_uid or (others and not sticky):
            return "/" + str(component.relative_to(os.path.realpath(root)))
    return ""

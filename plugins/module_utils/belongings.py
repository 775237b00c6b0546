# SPDX-License-Identifier: GPL-3.0-or-later
"""What this collection brought to a host, and what was there before: so that all of it can be taken away again.

The record is written before the files are, so an interrupted run leaves no file that nobody knows.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Sequence

from .files import content, replace
from .service import Runner

HOME = Path("/var/lib/ha_lb")
MADE, KEPT = "made", "kept"
UNIT = re.compile(r"/systemd/system/[^/]+\.(?:service|socket|timer|path)$")
USERS = re.compile(r"/sysusers\.d/[^/]+\.conf$")
USER = re.compile(r"^u[!]? +(\S+)", re.MULTILINE)

Exists = Callable[[str], bool]


def read_record(home: Path = HOME) -> Dict[str, str]:
    """Return what is recorded: `made` or `kept` by path, in the order in which the paths came."""
    lines = (content(home / "belongings") or b"").decode().splitlines()
    return {path: how for how, _sep, path in (line.partition(" ") for line in lines)}


def note(paths: Iterable[Path], home: Path = HOME) -> None:
    """Record that these files and directories are about to be written; keep those files that are there already.

    Raises OSError.
    """
    record = read_record(home)
    before = len(record)
    for path in paths:
        for each in (*reversed(path.parents), path):
            if str(each) in record:
                continue
            if not each.exists():
                record[str(each)] = MADE
            elif each.is_file():
                _copy(each, _kept(each, home))
                record[str(each)] = KEPT
    if len(record) > before:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = "".join(f"{how} {path}\n" for path, how in record.items())
        replace(home / "belongings", lines.encode(), "0600", "root")


def take_away(run: Runner, among: str = "", home: Path = HOME) -> List[str]:
    """Stop our own units, and take away what was made and put back what was kept; return what changed.

    `among` limits it to the paths that it is part of. Can be run again after it was interrupted.
    Raises OSError.
    """
    record = {path: how for path, how in read_record(home).items() if among in path}
    done = [] if among else _stop_units(record, run)
    users = _users(record)
    for path, how in reversed(list(record.items())):
        if _undo(Path(path), how, home):
            done.append(path)
    done += [] if among else _remove_users(users, run)
    if done:
        run(["systemctl", "daemon-reload"])
    return done


def _undo(path: Path, how: str, home: Path) -> bool:
    if how == KEPT:
        kept = _kept(path, home)
        if not kept.exists() or content(kept) == content(path):
            return False
        _copy(kept, path)
        return True
    if path.is_dir() and not path.is_symlink():
        return home not in (path, *path.parents) and _remove_if_empty(path)
    if not path.exists():
        return False
    path.unlink()
    return True


def _remove_if_empty(directory: Path) -> bool:
    try:
        directory.rmdir()
    except OSError:
        return False
    return True


def _stop_units(record: Iterable[str], run: Runner) -> List[str]:
    units = [Path(path).name for path in record if UNIT.search(path) and Path(path).exists()]
    for unit in units:
        run(["systemctl", "disable", "--quiet", "--now", unit])
    return [f"unit {unit}" for unit in units]


def _users(record: Iterable[str]) -> List[str]:
    texts = [(content(Path(path)) or b"").decode() for path in record if USERS.search(path)]
    return [name for text in texts for name in USER.findall(text)]


def _remove_users(names: Sequence[str], run: Runner) -> List[str]:
    return [f"user {name}" for name in names if run(["userdel", name])[0] == 0]


def _kept(path: Path, home: Path) -> Path:
    return home / "before" / path.relative_to("/")


def _copy(source: Path, target: Path) -> None:
    """Copy a file with its owner, rights and times; whoever looks sees all of it or none."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.ha_lb")
    shutil.copy2(source, beside)
    stat = source.stat()
    os.chown(beside, stat.st_uid, stat.st_gid)
    os.replace(beside, target)

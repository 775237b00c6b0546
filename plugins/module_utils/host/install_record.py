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
from typing import Iterable

from ..basics.errors import HaLbError
from . import paths
from .files import content, replace
from .runner import Runner

HOME = Path(paths.STATE)
MADE, KEPT = "made", "kept"
CLOSE_FIREWALL = (paths.OPEN_FIREWALL, "--close")
TAKE_VIPS = (paths.REAL_SERVER, "remove")
LET_STRANGERS_IN = (paths.DROP_STRANGERS, "--close")
RESTORE_KERNEL = ("sysctl", "--quiet", "--ignore", "--load={home}/sysctl.before")
USER = "user "  # before the name of one, in the place of a path
UNIT = re.compile(r"/systemd/system/[^/]+\.(?:service|socket|timer|path)$")


def read_record(home: Path = HOME) -> dict[str, str]:
    """Return what is recorded: `made` or `kept` by path, in the order in which the paths came."""
    lines = (content(home / "belongings") or b"").decode().splitlines()
    return {path: how for how, _sep, path in (line.partition(" ") for line in lines)}


def note(paths: Iterable[Path], users: Iterable[str] = (), home: Path = HOME) -> None:
    """Record that these files, directories and users are about to be made; keep those files that are there already.

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
    for name in users:
        record.setdefault(USER + name, KEPT if _is_user(name) else MADE)
    if len(record) > before:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = "".join(f"{how} {path}\n" for path, how in record.items())
        replace(home / "belongings", lines.encode(), "0600", "root")


def present(among: str = "", home: Path = HOME) -> list[str]:
    """Return what `take_away` would change."""
    record = {path: how for path, how in read_record(home).items() if among in path}
    return [path for path, how in reversed(list(record.items())) if _differs(path, how, home)]


def take_away(run: Runner, among: str = "", home: Path = HOME) -> list[str]:
    """Stop our own units, take away what was made, and put back what was kept; return what changed.

    `among` limits it to the paths that it is part of, and to our directories that are then empty: of settings, only
    those of a program among them are undone. Can be run again after it was interrupted.
    Raises HaLbError and OSError.
    """
    paths = present(among, home)
    _undo_settings(run, home, among)
    for unit in (Path(path).name for path in paths if UNIT.search(path)):
        run(["systemctl", "disable", "--quiet", "--now", unit])
    done = [path for path in paths if _undo(path, run, home)]
    if among:
        done += [path for path in present("", home) if _is_empty(Path(path)) and _undo(path, run, home)]
    if done:
        run(["systemctl", "daemon-reload"])
    if not present("", home):
        shutil.rmtree(home, ignore_errors=True)
    return done


def _undo_settings(run: Runner, home: Path, among: str) -> None:
    """Close the firewall and give the kernel its values back, while what knows them is there.

    A real server's VIPs go first: without its settings it would answer ARP for them.
    """
    programs = ((each, each[0]) for each in (TAKE_VIPS, CLOSE_FIREWALL, LET_STRANGERS_IN))
    for command, needed in (*programs, (RESTORE_KERNEL, f"{home}/sysctl.before")):
        if among in needed and Path(needed).exists():
            code, out, err = run([part.format(home=home) for part in command])
            if code:
                raise HaLbError(f"{' '.join(command)} failed, and nothing is taken away yet: {(err or out).strip()}")


def _differs(path: str, how: str, home: Path) -> bool:
    if path.startswith(USER):
        return how == MADE and _is_user(path[len(USER) :])
    if how == KEPT:
        kept = content(_kept(Path(path), home))
        return kept is not None and kept != content(Path(path))
    directory = Path(path).is_dir() and not Path(path).is_symlink()
    return os.path.lexists(path) and not (directory and home in (Path(path), *Path(path).parents))


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


def _undo(path: str, run: Runner, home: Path) -> bool:
    if path.startswith(USER):
        return run(["userdel", path[len(USER) :]])[0] == 0
    kept = _kept(Path(path), home)
    if kept.exists():
        _copy(kept, Path(path))
    elif Path(path).is_dir() and not Path(path).is_symlink():
        shutil.rmtree(Path(path) / "__pycache__", ignore_errors=True)  # what Python has made of files that are gone
        try:
            os.rmdir(path)
        except OSError:  # others have put something there
            return False
    else:
        os.unlink(path)
    return True


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


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

# SPDX-License-Identifier: GPL-3.0-or-later
"""Which program a unit runs: the distribution's, or one that was built from source, in the prefix of its version.

One link says it, /usr/local/sbin/NAME: people and scripts find the program by it, and so does a unit file of ours,
which stands before the distribution's. To switch is to change the link; every version stays where it is.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from ..basics.errors import HaLbError
from .files import content
from .files import replace as replace_file
from .runner import Runner

PACKAGED = "packaged"
"""The distribution's: no link and no unit file of ours."""


@dataclass(frozen=True)
class Program:
    """A unit, the program that it shall run, and the directory with the staged unit file."""

    unit: str
    staging: Path
    wanted: str = PACKAGED
    noting: bool = True
    """Whether a switch is noted, to go back to what it was before; a switch that takes one back is not."""
    links: Path = Path("/usr/local/sbin")
    prefixes: Path = Path("/usr/local")
    units: Path = Path("/etc/systemd/system")

    @property
    def link(self) -> Path:
        """Return the link that says which version runs."""
        return self.links / self.unit

    @property
    def unit_file(self) -> Path:
        """Return the unit file of ours."""
        return self.units / f"{self.unit}.service"

    @property
    def staged(self) -> Path:
        """Return the unit file where it is staged."""
        return self.staging / f"{self.unit}.service"

    @property
    def previous(self) -> Path:
        """Return the file that says what ran before the last switch."""
        return self.staging / f"{self.unit}.previous"

    @property
    def before(self) -> Path:
        """Return the file that says what ran before the last configuration was put in force."""
        return self.staging / f"{self.unit}.before"


def chosen(program: Program) -> str:
    """Return the program that is chosen now: its path, or PACKAGED."""
    try:
        path = os.readlink(program.link)
    except OSError:
        return PACKAGED
    pattern = rf"{re.escape(str(program.prefixes))}/{program.unit}-[^/]+/sbin/{program.unit}"
    return path if re.fullmatch(pattern, path) else PACKAGED


def runs_otherwise(program: Program, pid: str, run: Runner) -> bool:
    """Tell whether another program than the wanted one is chosen, or runs as the main process.

    Raises HaLbError where a link or a unit file of somebody else is in the way.
    """
    now = chosen(program)
    if program.wanted == PACKAGED or now != program.wanted:
        _refuse_foreign(program, now)
        return now != program.wanted
    if content(program.unit_file) != content(program.staged):
        return True
    return pid not in ("", "0") and run(["readlink", f"/proc/{pid}/exe"])[1].strip() != os.path.realpath(program.wanted)


def _refuse_foreign(program: Program, now: str) -> None:
    if program.wanted == PACKAGED or now != PACKAGED:
        return
    for path in (program.link, program.unit_file):
        if os.path.lexists(path):
            raise HaLbError(
                f"{path} is not ours, and in the way of {program.wanted}: remove it, or give it another name"
            )


def back(program: Program, note: Path) -> Program:
    """Return the program that a note of a switch names.

    Raises HaLbError where nothing is noted.
    """
    path = (content(note) or b"").decode().strip()
    if not path:
        raise HaLbError(f"{program.unit}: {note} names no program to go back to")
    return replace(program, wanted=path)


def note(path: Path, text: str) -> None:
    """Write down which program it was."""
    replace_file(path, f"{text}\n".encode(), "0644", "root")


def switch(program: Program) -> None:
    """Choose the wanted program, and note which one it was before. systemd and the unit do not know of it yet.

    Raises HaLbError where the program is not there, or somebody else's file is in the way.
    """
    now = chosen(program)
    _refuse_foreign(program, now)
    if program.wanted == PACKAGED:
        for path in (program.unit_file, program.link):
            path.unlink(missing_ok=True)
    else:
        if not os.access(program.wanted, os.X_OK):
            raise HaLbError(f"there is no program {program.wanted}: it was removed, or never built")
        unit = content(program.staged)
        if unit is None:
            raise HaLbError(f"{program.staged} is not there: run `site` once with {program.unit}_source")
        replace_file(program.unit_file, unit, "0644", "root")
        fresh = program.link.with_name(f".{program.unit}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(program.wanted)
        os.replace(fresh, program.link)
    if program.noting and now != program.wanted:
        note(program.previous, now)

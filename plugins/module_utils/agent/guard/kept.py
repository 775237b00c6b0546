# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files of the run directory said, kept in the guard's own, so that it can be put back after a wipe."""

from __future__ import annotations

import json
import os
import re
import stat
from typing import Any, Dict, NamedTuple, Optional, Tuple

from ..files import EVERYBODYS, OURS, text_of, write_whole
from .sights import read_mapping
from .tracked import ALLOWED, number_of

SUMS = re.compile(r"(?:[0-9a-f]{64}  [^\n]+\n)+\Z")
PORT = re.compile(r"[0-9]{1,5}\s*\Z")
PORT_FILE = "check_port"
LOADED = ".loaded"
ABOUT_KEEPALIVED = ("keepalived.loaded", PORT_FILE)
STATE = "state.json"


class Stamp(NamedTuple):
    """What changes when a file is written."""

    inode: int
    written: int
    size: int
    uid: int


def stamp_of(path: str) -> Optional[Stamp]:
    """Return a file's stamp; None where there is none, or it is no regular file."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return Stamp(found.st_ino, found.st_mtime_ns, found.st_size, found.st_uid) if stat.S_ISREG(found.st_mode) else None


def is_whole(name: str, text: str) -> bool:
    """Tell whether a file says what its writer writes."""
    if name in ALLOWED:
        return number_of(name, text) is not None
    return bool((PORT if name == PORT_FILE else SUMS).match(text))


def mode_of(name: str) -> int:
    """Return the mode of a file: checksums are for root alone, a short password could be found by its own."""
    return OURS if name.endswith(LOADED) else EVERYBODYS


class Kept:
    """The last whole text of every file, on disk too; and of what is said of a running keepalived, which it was.

    `texts` are by name. What was said of another keepalived is forgotten.
    """

    def __init__(self, directory: str, complain: Any) -> None:
        self._directory, self._complain = directory, complain
        state = read_mapping(os.path.join(directory, STATE)) or {}
        self.daemon = str(state.get("daemon", ""))
        self.texts: Dict[str, str] = {}
        self.written: Dict[str, int] = {}
        for name in os.listdir(directory) if os.path.isdir(directory) else ():
            text = text_of(os.path.join(directory, name)) or ""
            if name in (*ALLOWED, PORT_FILE) or name.endswith(LOADED):
                stamp = stamp_of(os.path.join(directory, name))
                if stamp and is_whole(name, text):
                    self.texts[name], self.written[name] = text, stamp.written

    def keep(self, name: str, text: str, written: int) -> None:
        """Keep a whole text, and when it was written (ns since the epoch)."""
        if self.texts.get(name) != text or self.written.get(name) != written:
            self.texts[name], self.written[name] = text, written
            self._write(name, text)
            date(os.path.join(self._directory, name), written)

    def of_daemon(self, daemon: str) -> None:
        """Forget what is said of another keepalived than this one."""
        if daemon != self.daemon:
            for name in ABOUT_KEEPALIVED:
                self.texts.pop(name, None)
            self.daemon = daemon
            self._write(STATE, json.dumps({"daemon": daemon}))

    def _write(self, name: str, text: str) -> None:
        try:
            write_whole(os.path.join(self._directory, name), text, OURS)
        except OSError as error:
            self._complain(f"{self._directory}/{name} cannot be written: {error.strerror}")


def date(path: str, written: int) -> None:
    """Give a file the time at which it was written first: others see by it that something was loaded since."""
    try:
        os.utime(path, ns=(written, written))
    except OSError:
        return


def names_in(directory: str) -> Tuple[str, ...]:
    """Return the names of a directory's files; none where there is no directory."""
    try:
        return tuple(os.listdir(directory))
    except OSError:
        return ()

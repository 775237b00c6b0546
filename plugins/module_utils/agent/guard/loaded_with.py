# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived has loaded, and what was there when it did: the directory that it watches, and its interfaces.

A keepalived that was loaded before one of them was made again does not notice that.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ...host.paths import KEEPALIVED_CONFIG
from ..files import EVERYBODYS, write_whole
from .cached import Cached
from .errands import Errands
from .kept import Stamp, stamp_of
from .process import Pulse
from .record import Complaints
from .run_directory import RunDirectory
from .sights import Link, read_mapping


class LoadedWith:
    """`instances` are those of instances.json, which a program of its own writes; `indexes` are by interface."""

    def __init__(self, own: str, errands: Errands, complain: Complaints) -> None:
        self._own, self._errands, self._complain = own, errands, complain
        self._file = Cached(f"{own}/instances.json", lambda found: "instances" in found)
        self.instances: List[Dict[str, Any]] = []
        self.rise_seconds = 1.0
        self.indexes: Dict[str, int] = {}
        self._inode = 0
        self._config = 0
        self._when: Tuple[str, int] = ("", 0)
        self._read_at: Optional[Tuple[str, int]] = None
        self._path = f"{own}/loaded_with.json"
        self._recall()

    def _recall(self) -> None:
        found = read_mapping(self._path, "daemon", "written", "inode", "config", "indexes")
        if found:
            self._when = (found["daemon"], found["written"])
            self._inode, self._config, self.indexes = found["inode"], found["config"], found["indexes"]
            self._read_at = self._when

    def tick(self, pulse: Optional[Pulse], directory: RunDirectory) -> None:
        """Have the configuration read when keepalived has loaded one."""
        stamp = directory.stamps.get("keepalived.loaded")
        if pulse and stamp and not self._errands.busy("instances"):
            when = (pulse.daemon, max(stamp.written, self._when[1] if pulse.daemon == self._when[0] else 0))
            if when != self._read_at or not os.path.exists(f"{self._own}/instances.json"):
                self._read_at = when
                argv = (sys.executable, "-S", "-B", "-m", "ha_lb.agent.guard.loaded")
                self._errands.start("instances", argv, self._told)
        found = self._file.mapping()
        self.instances = found["instances"] if found else []
        self.rise_seconds = float(found.get("rise_seconds", 1.0)) if found else 1.0

    def _told(self, code: int, said: str) -> None:
        if code:
            self._complain(f"the guard cannot read what keepalived has loaded: {said[-300:]}")

    def note(self, pulse: Optional[Pulse], links: Mapping[str, Link], directory: RunDirectory) -> None:
        """Note what is there, when keepalived has just been started or has just loaded its configuration."""
        if pulse is None or not links:
            return
        stamp: Optional[Stamp] = directory.stamps.get("keepalived.loaded")
        written = stamp.written if stamp else 0
        new = pulse.daemon != self._when[0] or written > self._when[1]
        indexes = {name: link.number for name, link in links.items()}
        if new:
            self._when, self._inode, self.indexes = (pulse.daemon, written), directory.inode, indexes
            self._config = _written(KEEPALIVED_CONFIG)
        elif set(indexes) != set(self.indexes):
            self.indexes = {**indexes, **self.indexes}
        else:
            return
        state = {"daemon": self._when[0], "written": self._when[1], "inode": self._inode}
        state = {**state, "config": self._config, "indexes": self.indexes}
        try:
            write_whole(self._path, json.dumps(state), EVERYBODYS)
        except OSError as error:
            self._complain(f"{self._path} cannot be written: {error.strerror}")

    @property
    def is_in_force(self) -> bool:
        """Tell whether the configuration is still the one that keepalived has loaded."""
        return self._config == _written(KEEPALIVED_CONFIG)

    def watches(self, directory: RunDirectory) -> bool:
        """Tell whether the directory is the one that keepalived watches."""
        return not self._inode or self._inode == directory.inode

    def forget_directory(self) -> None:
        """Have keepalived reloaded: what it has open there is not what is there."""
        self._inode = -1


def _written(path: str) -> int:
    stamp = stamp_of(path)
    return stamp.written if stamp else 0

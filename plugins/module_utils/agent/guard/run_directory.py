# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of the tracked files, reconciled with what these stand for, in every tick."""

from __future__ import annotations

import os
import pwd
import socket
from typing import Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ..files import text_of, write_whole
from .errands import unit_state
from .kept import LOADED, PORT_FILE, Kept, Stamp, date, is_whole, mode_of, names_in, stamp_of
from .tracked import ALLOWED, FAULT, FOR_A_LOOK, STOPPED, Known, doubtful, number_of, wanted

FIFO = "notify.fifo"
KEEPALIVED = "keepalived"
RECORD = f"{KEEPALIVED}{LOADED}"
SHOWN_NAMES = 4
ALL_TICKS = 4  # after which those are looked at that change seldom, if no name in the directory has changed
WATCHERS = "keepalived_script"
CONNECT_SECONDS = 0.1
NO_PORT = "0"  # of a node without a proxy
# After how many ticks of the same disagreement systemd is asked
ASK_TICKS, MOST_ASK_TICKS = (2, 4, 8), 16
UNITS = "/etc/systemd/system"
DROP_IN = "/etc/systemd/system/{}.service.d/ha_lb.conf"


class RunDirectory:
    """`numbers` are what the tracked files say, `stamps` change with them; `inode` is the directory's.

    `mended` is called with a cause and what was done, both clauses for people.
    """

    def __init__(self, path: str, kept: Kept, tracked: Sequence[str], mended: Callable[[str, str], None]) -> None:
        self.path, self._kept, self._mended = path, kept, mended
        self.tracked: Tuple[str, ...] = tuple(tracked)
        self.numbers: Dict[str, Optional[int]] = {}
        self.stamps: Dict[str, Optional[Stamp]] = {}
        self.inode = 0
        self.fifo_is_gone = self.is_new = False
        self._texts: Dict[str, str] = {}
        self._wrong: Dict[str, int] = {}
        self._doubted = self._ticks = 0
        self._entries = (0, 0)
        self._trouble: Optional[OSError] = None
        self._made: List[str] = []

    def tick(self, runs: bool, handing_over: bool, drained_at_boot: str) -> None:
        """Read what has changed, and put right what is wrong. Raises OSError where it cannot be written."""
        try:
            found = os.stat(self.path)
            entries = (found.st_ino, found.st_mtime_ns)
        except OSError:
            self._make()
            entries = (0, 0)
        self.inode = entries[0]
        self._ticks += 1
        others = entries != self._entries or any(self._wrong.values()) or self._ticks % ALL_TICKS == 0
        self._entries = entries
        self._read(others)
        known = self._known(runs, handing_over, drained_at_boot)
        # Before its first start, keepalived's unit has not made them
        began = runs or RECORD in self._kept.texts
        wrong = wanted(self.numbers, known) if began else {}
        for name in self.numbers:
            lasts = self._lasts(name, name in wrong)
            # What systemd was asked about has lasted
            if name in wrong and (lasts or known.units.get(name)):
                self._write(name, wrong[name])
        if others:
            self.fifo_is_gone = self._lasts(FIFO, not os.path.lexists(os.path.join(self.path, FIFO)))
            for name in self._lost():
                self._write(name, self._kept.texts[name])
        if self._made:
            self._mended(f"{_listed(self._made)} gone in {self.path}", "wrote what must be there")
            self._made = []
        trouble, self._trouble = self._trouble, None
        if trouble:
            raise trouble

    def _make(self) -> None:
        self.is_new = True
        os.mkdir(self.path, 0o755)
        os.chmod(self.path, 0o755)
        self._mended(f"{self.path} was gone", "made it again")

    def _read(self, others: bool) -> None:
        """Read what has changed; `others` than the tracked files only now and then."""
        names = {*names_in(self.path), *self.tracked, *self._kept.texts} if others else (*self.tracked, RECORD)
        for name in names:
            if name not in ALLOWED and name != PORT_FILE and not name.endswith(LOADED):
                continue
            path = f"{self.path}/{name}"
            stamp = stamp_of(path)
            if stamp != self.stamps.get(name, ()) or name not in self._texts:
                self.stamps[name] = stamp
                self._texts[name] = (text_of(path) or "") if stamp else ""
            if is_whole(name, self._texts[name]):
                self._kept.keep(name, self._texts[name], stamp.written if stamp else 0)
        self.numbers = {name: number_of(name, self._texts.get(name)) for name in self.tracked}

    def _known(self, runs: bool, handing_over: bool, drained_at_boot: str) -> Known:
        proxy, keepalived, port = doubtful(self.numbers, handing_over)
        engines = self.proxies() if proxy else []
        units: Dict[str, str] = {"proxy": ""} if engines or not proxy else {}
        self._doubted = self._doubted + 1 if proxy or keepalived else 0
        if self._doubted in ASK_TICKS or (self._doubted and self._doubted % MOST_ASK_TICKS == 0):
            if engines:
                units["proxy"] = _state_of(*engines)
            if keepalived:
                units["keepalived"] = _state_of("keepalived")
        answers = self._answers() if port else None
        return Known(units, answers, self._kept.texts, drained_at_boot, handing_over, runs)

    def _answers(self) -> Optional[bool]:
        port = self._port()
        if not port:
            return None
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asking:
            asking.settimeout(CONNECT_SECONDS)
            return asking.connect_ex(("127.0.0.1", port)) == 0

    def proxies(self) -> List[str]:
        """Return the units of proxies that are set up here."""
        return [unit for unit in self.configurations() if unit != KEEPALIVED]

    def configurations(self) -> Dict[str, str]:
        """Return the file that every unit has loaded, as it has recorded, by its name."""
        found = {}
        for name, text in self._kept.texts.items():
            path = text.partition("\n")[0].partition("  ")[2]
            if name.endswith(LOADED) and path.startswith("/") and os.path.exists(DROP_IN.format(name[: -len(LOADED)])):
                found[name[: -len(LOADED)]] = path
        return found

    def proxy_serves(self) -> bool:
        """Ask the proxy as keepalived's script does: whether it answers 200. Where there is none, nothing lacks."""
        if self._port_text() == NO_PORT:
            return True
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asking:
            asking.settimeout(CONNECT_SECONDS)
            try:
                asking.connect(("127.0.0.1", self._port()))
                asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return asking.recv(64).split()[1:2] == [b"200"]
            except OSError:
                return False

    @property
    def has_proxy(self) -> bool:
        """Tell whether a proxy is known: once it has started, keepalived's unit writes its port, or NO_PORT."""
        return self._port_text() not in ("", NO_PORT)

    def _port_text(self) -> str:
        return (self._texts.get(PORT_FILE) or self._kept.texts.get(PORT_FILE) or "").strip()

    def _port(self) -> int:
        text = self._port_text()
        return int(text) if text.isdigit() else 0

    def _lost(self) -> List[str]:
        """Return what else is kept, and is not there or not whole."""
        return [
            name
            for name in self._kept.texts
            if name not in ALLOWED
            and self._lasts(name, not is_whole(name, self._texts.get(name, "")))
            and _has_writer(name)
        ]

    def _lasts(self, name: str, wrong: bool) -> bool:
        """Tell whether a file is wrong for longer than its writer takes."""
        self._wrong[name] = self._wrong.get(name, 0) + 1 if wrong else 0
        return self._wrong[name] >= FOR_A_LOOK

    def _write(self, name: str, text: str) -> None:
        path = os.path.join(self.path, name)
        was = (self._texts.get(name) or "").strip()
        try:
            write_whole(path, text.rstrip("\n") + "\n", mode_of(name), _owner_of(name))
        except OSError as error:
            # The others all the same
            self._trouble = error
            return
        if name not in ALLOWED:
            date(path, self._kept.written[name])
        if self.stamps.get(name):
            shown = f" {text.strip()}" if name in ALLOWED else " what it said before"
            self._mended(f"{name} said {was or 'nothing'} in {self.path}", f"wrote{shown}")
        else:
            self._made.append(name)
        self._wrong[name] = 0

    def say(self, name: str, number: int) -> None:
        """Write a number into a tracked file at once."""
        write_whole(os.path.join(self.path, name), f"{number}\n", mode_of(name), _owner_of(name))

    @property
    def weight(self) -> Tuple[bool, int]:
        """Return whether no file says FAULT, and what all of them add to the priority."""
        known = [number or 0 for number in self.numbers.values()]
        return all(number > FAULT for number in known), sum(known)

    @property
    def traces(self) -> Mapping[str, Optional[Stamp]]:
        """Return what changes when a state may have changed."""
        return {name: self.stamps.get(name) for name in (*self.tracked, RECORD)}


def _state_of(*units: str) -> str:
    """Return the state of the only unit, or of the one of several that is not down."""
    found = [unit_state(unit) for unit in units]
    if any(each.get("Job") for each in found):
        return "busy"
    states = [each.get("ActiveState", "") for each in found]
    return next((state for state in states if state not in STOPPED), states[0])


def _listed(names: Sequence[str]) -> str:
    if len(names) > SHOWN_NAMES:
        return f"{', '.join(names[:SHOWN_NAMES])} and {len(names) - SHOWN_NAMES} more files were"
    return f"{' and '.join(names)} {'was' if len(names) == 1 else 'were'}"


def _has_writer(name: str) -> bool:
    """Tell whether the unit is there that has written a file."""
    unit = KEEPALIVED if name == PORT_FILE else name[: -len(LOADED)]
    # Of a socket, the record has the whole name
    own = unit if unit.endswith(".socket") else f"{unit}.service"
    return os.path.exists(DROP_IN.format(unit)) or os.path.exists(f"{UNITS}/{own}")


def _owner_of(name: str) -> Optional[int]:
    """Return whose the watcher's file is: it writes without being root."""
    if name != "watch":
        return None
    try:
        return pwd.getpwnam(WATCHERS).pw_uid
    except KeyError:
        return None

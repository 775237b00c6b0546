# SPDX-License-Identifier: GPL-3.0-or-later
"""A staged configuration against the one in force: what is different, and how it is put in force or taken back.

A unit records what it loaded as lines of `sha256sum`. So "is it in force?" has an answer that does not depend on
what an earlier, perhaps interrupted, run believed.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List, Tuple

from .errors import HaLbError
from .files import content

Runner = Callable[[List[str]], Tuple[int, str, str]]
Writer = Callable[[Path, bytes], None]
SETTLE_SECONDS = 10.0


@dataclass(frozen=True)
class Service:
    """A unit, its configuration, the staged one, and the record of what is loaded."""

    unit: str
    staged: Path
    path: Path
    loaded: Path
    drop_in: Path
    takeover: str = "reload"
    restart_lines: str = ""


@dataclass(frozen=True)
class Difference:
    """What keeps the staged configuration from being in force."""

    file: bool
    loaded: bool
    running: bool
    enabled: bool
    unit: bool

    def __bool__(self) -> bool:
        return self.file or self.loaded or self.running or self.enabled or self.unit


def compare(service: Service, run: Runner) -> Difference:
    """Compare the staged configuration with the file, the loaded state and the unit."""
    properties = "--property=ActiveState,UnitFileState,NeedDaemonReload,DropInPaths"
    code, out = run(["systemctl", "show", service.unit, properties])[:2]
    unit = dict(line.split("=", 1) for line in out.splitlines() if "=" in line) if code == 0 else {}
    wanted = content(service.staged)
    return Difference(
        file=wanted is None or wanted != content(service.path),
        loaded=not is_loaded(service),
        running=unit.get("ActiveState") not in ("active", "reloading"),
        enabled=unit.get("UnitFileState") != "enabled",
        # systemd does not notice a new drop-in folder by itself, and then says "no" to NeedDaemonReload
        unit=unit.get("NeedDaemonReload") == "yes" or str(service.drop_in) not in unit.get("DropInPaths", "").split(),
    )


def is_loaded(service: Service) -> bool:
    """Tell whether every file that the unit recorded is what is wanted now."""
    record = content(service.loaded)
    if not record:
        return False
    fields = [line.split(None, 1) for line in record.decode(errors="replace").splitlines()]
    sums = {each[1]: each[0] for each in fields if len(each) == 2}
    wanted = {path: service.staged if path == str(service.path) else Path(path) for path in sums}
    return str(service.path) in sums and all(sums[path] == checksum(wanted[path]) for path in sums)


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, or nothing where there is no file."""
    data = content(path)
    return "" if data is None else hashlib.sha256(data).hexdigest()


def activate(service: Service, difference: Difference, run: Runner, write: Writer) -> None:
    """Put the staged configuration in force; where the unit does not take it, bring the previous one back.

    Raises HaLbError when it did not work, saying which configuration is in force.
    """
    previous = content(service.path)
    staged = content(service.staged)
    if staged is None:
        raise HaLbError(f"{service.staged} is not there: stage the configuration first")
    if difference.unit:
        _systemctl(run, "daemon-reload")
    if difference.enabled:
        _systemctl(run, "enable", service.unit)
    if difference.file:
        write(service.path, staged)
    if not (difference.loaded or difference.running or difference.unit):
        return
    verb = _verb(service, difference, previous or b"", staged)
    try:
        _systemctl(run, verb, service.unit)
        _wait_until_loaded(service, run)
    except HaLbError as error:
        if previous is None or previous == staged:
            raise HaLbError(f"{error}; there is no other configuration to go back to") from error
        write(service.path, previous)
        try:
            _systemctl(run, "reload-or-restart", service.unit)
        except HaLbError as again:
            raise HaLbError(f"{error}; the previous configuration is back, and not in force either: {again}") from error
        raise HaLbError(f"{error}; the previous configuration is back in force") from error


def _verb(service: Service, difference: Difference, previous: bytes, staged: bytes) -> str:
    if difference.running:
        return "start"
    if service.restart_lines:
        pattern = re.compile(service.restart_lines.encode(), re.MULTILINE)
        if pattern.findall(previous) != pattern.findall(staged):
            return "restart"
    return "reload" if content(service.loaded) else service.takeover


def _wait_until_loaded(service: Service, run: Runner) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while run(["systemctl", "is-active", service.unit])[0] or not is_loaded(service):
        if time.monotonic() > deadline:
            log = run(["journalctl", "--unit", service.unit, "--lines=3", "--output=cat", "--no-pager"])[1]
            raise HaLbError(
                f"{service.unit} does not run with the new configuration: {' / '.join(log.split(os.linesep))}"
            )
        time.sleep(0.05)


def _systemctl(run: Runner, *arguments: str) -> None:
    code, out, err = run(["systemctl", *arguments])
    if code:
        raise HaLbError(f"systemctl {' '.join(arguments)} failed: {(err or out).strip()}")

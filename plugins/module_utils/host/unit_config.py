# SPDX-License-Identifier: GPL-3.0-or-later
"""A staged configuration against the one in force: what is different, and how it is put in force or taken back.

A unit records what it loaded as lines of `sha256sum`. So "is it in force?" has an answer that does not depend on
what an earlier, perhaps interrupted, run believed.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Mapping, Optional

from ..basics.errors import HaLbError
from .files import content
from .loaded import checksum, recorded
from .program import Program, back, chosen, note, runs_otherwise, switch
from .runner import Runner

Writer = Callable[[Path, bytes], None]
SETTLE_SECONDS = 10.0
ALARM = re.compile(r"\[(?:ALERT|emerg)\]")  # haproxy, nginx


@dataclass(frozen=True)
class UnitService:
    """A unit, its configuration, the staged one, and the record of what is loaded."""

    unit: str
    staged: Path
    path: Path
    loaded: Path
    drop_in: Path
    takeover: str = "reload"
    restart_lines: str = ""
    workers: bool = False
    program: Optional[Program] = None
    """Which program the unit runs; None: whichever is there."""

    @property
    def before(self) -> Path:
        """Return where the configuration is kept that was in force before this one."""
        return self.staged.with_name(f"{self.staged.name}.before")


def service_of(options: Mapping[str, Any]) -> UnitService:
    """Return the service that the options of M(service_config) describe; only the paths and the unit must be there."""
    fields: dict[str, Any] = {name: Path(options[name]) for name in ("staged", "path", "loaded", "drop_in")}
    fields.update({name: options[name] for name in ("unit", "takeover", "restart_lines", "workers") if name in options})
    return UnitService(**fields, program=_program_of(options))


def _program_of(options: Mapping[str, Any]) -> Optional[Program]:
    if options.get("program") is None:
        return None
    program = Program(options["unit"], Path(options["staged"]).parent, options["program"])
    return back(program, program.previous) if options.get("program_back") else program


@dataclass(frozen=True)
class Difference:
    """What keeps the staged configuration from being in force."""

    file: bool
    loaded: bool
    running: bool
    enabled: bool
    unit: bool
    program: bool = False

    def __bool__(self) -> bool:
        return self.file or self.loaded or self.running or self.enabled or self.unit or self.program


def compare(service: UnitService, run: Runner) -> Difference:
    """Compare the staged configuration with the file, the loaded state and the unit."""
    properties = "--property=ActiveState,UnitFileState,NeedDaemonReload,DropInPaths,MainPID"
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
        program=service.program is not None and runs_otherwise(service.program, unit.get("MainPID", ""), run),
    )


def is_loaded(service: UnitService) -> bool:
    """Tell whether every file that the unit recorded is what is wanted now."""
    sums = recorded(service.loaded)
    wanted = {path: service.staged if path == str(service.path) else Path(path) for path in sums}
    return str(service.path) in sums and all(sums[path] == checksum(wanted[path]) for path in sums)


def in_force(service: UnitService) -> Optional[bytes]:
    """Return the configuration that the unit has loaded; None where it left no record, or the file is gone.

    After a run that was interrupted the file in place can be a newer one.
    """
    wanted = recorded(service.loaded).get(str(service.path))
    return next((content(path) for path in (service.path, service.before) if wanted == checksum(path)), None)


def activate(service: UnitService, difference: Difference, run: Runner, write: Writer) -> bool:
    """Put the staged configuration in force; where the unit does not take it, bring the previous one back.

    Returns whether the previous one was kept for `restore`. Raises HaLbError when it did not work, saying which
    configuration is in force.
    """
    staged = content(service.staged)
    if staged is None:
        raise HaLbError(f"{service.staged} is not there: stage the configuration first")
    previous = in_force(service)
    kept = previous is not None and (previous != staged or difference.program)
    if previous is not None and kept:
        write(service.before, previous)
        if service.program:
            note(service.program.before, chosen(service.program))
    _force(service, difference, staged, content(service.path) if previous is None else previous, run, write)
    return kept


def restore(service: UnitService, run: Runner, write: Writer) -> bool:
    """Put the configuration back in force that `activate` kept; return whether that changed anything.

    Raises HaLbError when there is none, or when the unit does not take it any more.
    """
    data = content(service.before)
    if data is None:
        raise HaLbError(f"{service.before} is not there: there is no configuration to go back to")
    program = replace(back(service.program, service.program.before), noting=False) if service.program else None
    as_it_was = replace(service, staged=service.before, program=program)
    difference = compare(as_it_was, run)
    if difference:
        _force(as_it_was, difference, data, None, run, write)
    return bool(difference)


def _force(
    service: UnitService, difference: Difference, staged: bytes, previous: Optional[bytes], run: Runner, write: Writer
) -> None:
    program = service.program if difference.program else None
    unswitched = replace(program, wanted=chosen(program), noting=False) if program else None
    if program:
        switch(program)
    prepare(service, replace(difference, unit=difference.unit or bool(program)), run)
    verb = _verb(service, difference, in_force(service) or content(service.path) or b"", staged)
    workers = _children(service, run) if service.workers and verb == "reload" else None
    if difference.file:
        write(service.path, staged)
    if not (difference.loaded or difference.running or difference.unit or program):
        return
    try:
        _systemctl(run, verb, service.unit)
        _wait_until_loaded(service, run, workers)
    except HaLbError as error:
        if previous is None or (previous == staged and not program):
            raise HaLbError(f"{error}; there is no other configuration to go back to") from error
        write(service.path, previous)
        try:
            if unswitched:
                switch(unswitched)
                _systemctl(run, "daemon-reload")
            _systemctl(run, "restart" if program else "reload-or-restart", service.unit)
        except HaLbError as again:
            raise HaLbError(f"{error}; the previous configuration is back, and not in force either: {again}") from error
        what = f"{unswitched.wanted} and the" if unswitched else "the"
        raise HaLbError(f"{error}; {what} previous configuration is back in force") from error


def prepare(service: UnitService, difference: Difference, run: Runner) -> None:
    """Do what takes its time and changes nothing that runs."""
    if difference.unit:
        _systemctl(run, "daemon-reload")
    if difference.enabled:
        _systemctl(run, "enable", service.unit)


def _verb(service: UnitService, difference: Difference, previous: bytes, staged: bytes) -> str:
    if difference.running:
        return "start"
    if difference.program:
        return "restart"
    if service.restart_lines:
        pattern = re.compile(service.restart_lines.encode(), re.MULTILINE)
        if pattern.findall(previous) != pattern.findall(staged):
            return "restart"
    return "reload" if content(service.loaded) else service.takeover


def _wait_until_loaded(service: UnitService, run: Runner, workers: Optional[set[str]]) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while not _has_loaded(service, run, workers):
        if time.monotonic() > deadline:
            raise HaLbError(f"{service.unit} does not run with the new configuration: {_complaint(service, run)}")
        time.sleep(0.05)


def _complaint(service: UnitService, run: Runner) -> str:
    """Return what the unit's log says of it: the alarms, else its last lines."""
    since = f"--since=-{SETTLE_SECONDS + 5:g}s"
    lines = run(["journalctl", "--unit", service.unit, since, "--output=cat", "--no-pager"])[1].splitlines()
    return " / ".join([line for line in lines if ALARM.search(line)][:2] or lines[-3:])


def _has_loaded(service: UnitService, run: Runner, workers: Optional[set[str]]) -> bool:
    """Tell whether the unit is well, and has a worker more than before: one that cannot bind keeps the old ones."""
    if run(["systemctl", "is-active", service.unit])[0] or not is_loaded(service):
        return False
    return workers is None or bool(_children(service, run) - workers)


def _children(service: UnitService, run: Runner) -> set[str]:
    main = run(["systemctl", "show", "--property=MainPID", "--value", service.unit])[1].strip()
    return set(run(["cat", f"/proc/{main}/task/{main}/children"])[1].split())


def _systemctl(run: Runner, *arguments: str) -> None:
    code, out, err = run(["systemctl", *arguments])
    if code:
        raise HaLbError(f"systemctl {' '.join(arguments)} failed: {(err or out).strip()}")

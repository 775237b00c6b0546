# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host import unit_config as module
from module_utils.host.program import Program, chosen, switch
from module_utils.host.unit_config import (
    Difference,
    UnitService,
    activate,
    checksum,
    compare,
    content,
    in_force,
    is_loaded,
    restore,
)

OLD, NEW = b"old\n", b"new\n"
NOTHING = Difference(file=False, loaded=False, running=False, enabled=False, unit=False)


@dataclass
class Unit:
    """A unit as systemd sees it; what it refuses to load stops it, as a daemon that dies of its configuration does."""

    service: UnitService
    active: bool = True
    enabled: bool = True
    stale: bool = False
    dropped_in: bool = True
    refuses: tuple[bytes, ...] = ()
    cannot_bind: tuple[bytes, ...] = ()
    workers: int = 1
    log: str = "line 1\nline 2"
    calls: list[str] = field(default_factory=list)

    def run(self, command):
        verb = command[1]
        if command[0] == "journalctl":
            return 0, self.log, ""
        if verb == "is-active":
            return 0 if self.active else 3, "", ""
        if command[0] == "cat":
            return 0, " ".join(map(str, range(self.workers))), ""
        if verb == "show":
            return 0, "4711\n" if "--property=MainPID" in command else self.properties(), ""
        self.calls.append(verb)
        if verb in ("start", "reload", "restart", "reload-or-restart"):
            return self.load()
        if verb == "daemon-reload":
            self.stale, self.dropped_in = False, True
        if verb == "enable":
            self.enabled = True
        return 0, "", ""

    def properties(self):
        return "\n".join(
            [
                f"ActiveState={'active' if self.active else 'inactive'}",
                f"UnitFileState={'enabled' if self.enabled else 'disabled'}",
                f"NeedDaemonReload={'yes' if self.stale else 'no'}",
                f"DropInPaths=/x.conf{f' {self.service.drop_in}' if self.dropped_in else ''}",
            ]
        )

    def load(self):
        config = self.service.path.read_bytes()
        self.active = config not in self.refuses
        if not self.active:
            return 1, "", "Job failed.\n"
        self.service.loaded.write_text(record(self.service.path, config))
        self.workers += config not in self.cannot_bind
        return 0, "", ""


def record(path, data):
    return f"{hashlib.sha256(data).hexdigest()}  {path}\n"


def write(path, data):
    path.write_bytes(data)


@pytest.fixture
def service(tmp_path):
    """Return a service whose unit runs what is staged."""
    service = UnitService(
        "haproxy", *(tmp_path / name for name in ("staged", "path", "loaded", "drop_in")), takeover="restart"
    )
    service.staged.write_bytes(NEW)
    service.path.write_bytes(NEW)
    service.loaded.write_text(record(service.path, NEW))
    return service


@pytest.fixture
def unit(service):
    return Unit(service)


def outdated(service):
    """Make the old configuration the one in force, and the new one staged."""
    service.path.write_bytes(OLD)
    service.loaded.write_text(record(service.path, OLD))


def test_in_force(service, unit):
    assert compare(service, unit.run) == NOTHING
    assert not compare(service, unit.run)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"active": False}, {"running": True}),
        ({"enabled": False}, {"enabled": True}),
        ({"stale": True}, {"unit": True}),
        ({"dropped_in": False}, {"unit": True}),
    ],
)
def test_what_keeps_a_unit_from_being_as_wanted(service, change, expected):
    difference = compare(service, Unit(service, **change).run)
    assert difference == Difference(**{**vars(NOTHING), **expected})
    assert difference


def test_no_systemd_to_ask(service):
    assert compare(service, lambda command: (1, "", "no systemd")) == Difference(False, False, True, True, True)


def test_another_file(service, unit):
    outdated(service)
    assert compare(service, unit.run) == Difference(**{**vars(NOTHING), "file": True, "loaded": True})


def test_the_file_is_right_and_was_never_loaded(service, unit):
    """An earlier run was interrupted after it had written the file."""
    service.loaded.write_text(record(service.path, OLD))
    assert compare(service, unit.run) == Difference(**{**vars(NOTHING), "loaded": True})


@pytest.mark.parametrize("text", ["", "half-a-checksum", "\x00\xff", "0000  /elsewhere\n"])
def test_a_record_that_says_nothing_of_the_file(service, text):
    service.loaded.write_text(text)
    assert not is_loaded(service)


def test_every_recorded_file_counts(service, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(OLD)
    service.loaded.write_text(record(service.path, NEW) + record(secret, OLD))
    assert is_loaded(service)
    secret.write_bytes(NEW)
    assert not is_loaded(service)
    secret.unlink()
    assert not is_loaded(service)


def test_content_and_checksum(tmp_path):
    assert content(tmp_path / "none") is None
    assert checksum(tmp_path / "none") == ""
    (tmp_path / "empty").touch()
    assert checksum(tmp_path / "empty") == hashlib.sha256(b"").hexdigest()


def put_in_force(service, unit):
    activate(service, compare(service, unit.run), unit.run, write)
    assert not compare(service, unit.run)
    return unit.calls


@pytest.mark.parametrize(
    ("state", "calls"),
    [
        ({}, ["reload"]),
        ({"active": False}, ["start"]),
        ({"enabled": False}, ["enable", "reload"]),
        ({"stale": True}, ["daemon-reload", "reload"]),
        ({"active": False, "enabled": False, "dropped_in": False}, ["daemon-reload", "enable", "start"]),
    ],
)
def test_a_new_configuration_is_put_in_force(service, state, calls):
    outdated(service)
    assert put_in_force(service, Unit(service, **state)) == calls
    assert service.path.read_bytes() == NEW


def test_a_unit_that_somebody_else_started_is_taken_over(service, unit):
    service.loaded.unlink()
    assert put_in_force(service, unit) == ["restart"]


def test_a_unit_that_only_has_to_be_enabled_is_left_alone(service):
    assert put_in_force(service, Unit(service, enabled=False)) == ["enable"]


@pytest.mark.parametrize(
    ("old", "verb"), [(b"a\nuse_vmac\n", "restart"), (b"a\n", "restart"), (b"b\nuse_vmac x\n", "reload")]
)
def test_a_changed_line_that_no_reload_takes_in_restarts(service, old, verb):
    service = UnitService(**{**vars(service), "restart_lines": "^use_vmac .*$"})
    service.staged.write_bytes(b"a\nuse_vmac x\n")
    service.path.write_bytes(old)
    service.loaded.write_text(record(service.path, old))
    assert put_in_force(service, Unit(service)) == [verb]


def test_nothing_is_staged(service, unit):
    service.staged.unlink()
    with pytest.raises(HaLbError, match=r"staged is not there: stage the configuration first$"):
        activate(service, compare(service, unit.run), unit.run, write)
    assert unit.calls == []


def test_what_the_unit_does_not_take_is_taken_back(service):
    outdated(service)
    unit = Unit(service, refuses=(NEW,))
    with pytest.raises(HaLbError) as error:
        activate(service, compare(service, unit.run), unit.run, write)
    assert (
        str(error.value) == "systemctl reload haproxy failed: Job failed.; the previous configuration is back in force"
    )
    assert unit.calls == ["reload", "reload-or-restart"]
    assert (service.path.read_bytes(), unit.active) == (OLD, True)


def test_a_unit_that_takes_neither(service):
    outdated(service)
    unit = Unit(service, refuses=(NEW, OLD))
    with pytest.raises(HaLbError, match="the previous configuration is back, and not in force either: systemctl"):
        activate(service, compare(service, unit.run), unit.run, write)
    assert service.path.read_bytes() == OLD


@pytest.mark.parametrize("first", [True, False])
def test_there_is_nothing_to_go_back_to(service, first):
    if first:
        service.path.unlink()
    service.loaded.unlink()
    unit = Unit(service, refuses=(NEW,))
    with pytest.raises(HaLbError, match=r"Job failed\.; there is no other configuration to go back to$"):
        activate(service, compare(service, unit.run), unit.run, write)


def test_a_unit_that_reloads_and_never_records_it(service, monkeypatch):
    monkeypatch.setattr(module, "SETTLE_SECONDS", 0)
    outdated(service)
    unit = Unit(service)
    monkeypatch.setattr(unit, "load", lambda: (0, "", ""))
    with pytest.raises(HaLbError) as error:
        activate(service, compare(service, unit.run), unit.run, write)
    assert str(error.value) == (
        "haproxy does not run with the new configuration: line 1 / line 2; the previous configuration is back in force"
    )


def interrupted(service):
    """Leave what a run leaves that was killed between writing the file and reloading the unit."""
    service.before.write_bytes(OLD)
    service.loaded.write_text(record(service.path, OLD))


@pytest.mark.parametrize(("prepare", "expected"), [(outdated, OLD), (interrupted, OLD), (lambda _: None, NEW)])
def test_what_is_in_force_is_what_was_loaded(service, prepare, expected):
    prepare(service)
    assert in_force(service) == expected


def test_nobody_knows_what_is_in_force(service):
    service.loaded.unlink()
    assert in_force(service) is None


@pytest.mark.parametrize("prepare", [outdated, interrupted])
def test_what_was_put_in_force_is_taken_back(service, unit, prepare):
    prepare(service)
    assert activate(service, compare(service, unit.run), unit.run, write) is True
    assert restore(service, unit.run, write) is True
    assert (service.path.read_bytes(), in_force(service)) == (OLD, OLD)
    assert unit.calls == ["reload", "reload"]
    assert restore(service, unit.run, write) is False
    assert compare(service, unit.run) == Difference(**{**vars(NOTHING), "file": True, "loaded": True})


def test_an_interrupted_run_is_taken_back_as_well_when_the_unit_refuses(service):
    interrupted(service)
    unit = Unit(service, refuses=(NEW,))
    with pytest.raises(HaLbError, match="the previous configuration is back in force"):
        activate(service, compare(service, unit.run), unit.run, write)
    assert service.path.read_bytes() == OLD


def test_what_runs_decides_whether_an_interrupted_run_has_to_restart(service):
    service = UnitService(**{**vars(service), "restart_lines": "^new$"})
    interrupted(service)
    assert put_in_force(service, Unit(service)) == ["restart"]


@pytest.mark.parametrize("state", [{"active": False}, {"stale": True}])
def test_the_same_configuration_is_not_kept(service, state):
    unit = Unit(service, **state)
    assert activate(service, compare(service, unit.run), unit.run, write) is False
    assert not service.before.exists()


def test_there_is_nothing_that_was_kept(service, unit):
    with pytest.raises(HaLbError, match=r"staged\.before is not there: there is no configuration to go back to$"):
        restore(service, unit.run, write)


def test_a_proxy_whose_new_workers_do_not_come_goes_back(service, monkeypatch):
    monkeypatch.setattr(module, "SETTLE_SECONDS", 0)
    service = UnitService(**{**vars(service), "workers": True})
    outdated(service)
    assert put_in_force(service, Unit(service)) == ["reload"]
    outdated(service)
    unit = Unit(service, cannot_bind=(NEW,))
    with pytest.raises(
        HaLbError, match="haproxy does not run with the new configuration: line 1 / line 2; the previous"
    ):
        activate(service, compare(service, unit.run), unit.run, write)
    assert (in_force(service), unit.workers) == (OLD, 2)


def test_a_restart_has_no_workers_to_compare(service):
    service = UnitService(**{**vars(service), "workers": True})
    service.loaded.unlink()
    assert put_in_force(service, Unit(service, cannot_bind=(NEW,))) == ["restart"]


def test_alarms_are_what_is_said_of_a_log(service, monkeypatch):
    monkeypatch.setattr(module, "SETTLE_SECONDS", 0)
    outdated(service)
    alarm = "[ALERT]    (514) : Binding for proxy extra: cannot bind socket (Address already in use)"
    unit = Unit(service, log=f"a\n{alarm}\nb\nc\nd")
    monkeypatch.setattr(unit, "load", lambda: (0, "", ""))
    with pytest.raises(HaLbError, match=re.escape(f"configuration: {alarm}; the previous")):
        activate(service, compare(service, unit.run), unit.run, write)


@pytest.fixture
def built(service, tmp_path):
    """Return a service whose unit runs haproxy 1, and shall run haproxy 2."""
    folders = {name: tmp_path / name for name in ("links", "prefixes", "units")}
    programs = []
    for version in "12":
        path = folders["prefixes"] / f"haproxy-{version}/sbin/haproxy"
        path.parent.mkdir(parents=True)
        path.touch(mode=0o755)
        programs.append(Program("haproxy", tmp_path, str(path), **folders))
    folders["links"].mkdir()
    programs[0].staged.write_text("[Service]\n")
    switch(programs[0])
    return UnitService(**{**vars(service), "program": programs[1]})


def test_another_program_restarts_the_unit_and_is_taken_back(built):
    unit = Unit(built)
    difference = compare(built, unit.run)
    assert difference == Difference(**{**vars(NOTHING), "program": True})
    assert activate(built, difference, unit.run, write) is True
    assert unit.calls == ["daemon-reload", "restart"]
    assert chosen(built.program) == built.program.wanted
    assert restore(built, unit.run, write) is True
    assert chosen(built.program).endswith("haproxy-1/sbin/haproxy")
    assert unit.calls[2:] == ["daemon-reload", "restart"]


def test_a_program_that_does_not_start_is_taken_back(built):
    unit = Unit(built)
    load, starts = unit.load, []

    def refuse():
        starts.append(chosen(built.program))
        return (1, "", "Job failed.\n") if starts[-1] == built.program.wanted else load()

    unit.load = refuse
    with pytest.raises(HaLbError, match=r"haproxy-1/sbin/haproxy and the previous configuration is back in force$"):
        activate(built, compare(built, unit.run), unit.run, write)
    assert [each.split("-")[-1] for each in starts] == ["2/sbin/haproxy", "1/sbin/haproxy"]
    assert unit.active


def test_without_a_word_of_a_program_the_unit_runs_what_it_runs(service, unit):
    assert service.program is None
    assert not compare(service, unit.run).program

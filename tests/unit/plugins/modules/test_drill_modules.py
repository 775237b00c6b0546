# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of a drill as Ansible runs them; what they do to a host is tested in tests/lab."""

from __future__ import annotations

import importlib
import json
import os

import pytest
from ansible.module_utils.testing import patch_module_args
from answers import as_documented

COLLECTION = "ansible_collections.evenkeel.ha_lb.plugins"
LOG = "broken 12.5\nmended 16.5\n"


@pytest.fixture
def run(collections, capsys):
    """Run a module with options, and return its result."""

    def run(name, check_mode=False, **options):
        module = importlib.import_module(f"{COLLECTION}.modules.{name}")
        with patch_module_args({**options, "_ansible_check_mode": check_mode}), pytest.raises(SystemExit):
            module.main()
        return as_documented(name, json.loads(capsys.readouterr().out))

    return run


@pytest.fixture
def host(collections, tmp_path, monkeypatch):
    """A host whose systemctl and systemd-run only log their arguments; `state` is the exit status of is-active."""
    binaries, folder = tmp_path / "bin", tmp_path / "drill"
    binaries.mkdir()
    (tmp_path / "state").write_text("3")
    log = f'echo "${{0##*/}} $*" >>{tmp_path}/commands'
    scripts = {"systemctl": f'{log}\n[ "$1" != is-active ] || exit $(cat {tmp_path}/state)', "systemd-run": log}
    for name, text in scripts.items():
        (binaries / name).write_text(f"#!/bin/sh\n{text}\n")
        (binaries / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{binaries}:{os.environ['PATH']}")
    module = importlib.import_module(f"{COLLECTION}.modules.drill_fault")
    monkeypatch.setattr(module, "FOLDER", str(folder))
    return tmp_path


def commands(host):
    file = host / "commands"
    return file.read_text().splitlines() if file.exists() else []


def test_broken_starts_the_unit(run, host):
    answer = run("drill_fault", state="broken", drill="drained", settings={"drain": -253}, hold_seconds=4)
    assert (answer["changed"], answer["lacks"]) == (True, [])
    assert sorted(path.name for path in (host / "drill").iterdir()) == ["break", "fault", "log", "mend"]
    assert (host / "drill").stat().st_mode & 0o777 == 0o700
    asked, started = commands(host)
    assert asked == "systemctl is-active ha_lb-drill.service"
    assert started.startswith("systemd-run --quiet --collect --unit=ha_lb-drill.service --property=ExecStopPost=")


def test_check_mode_breaks_nothing(run, host):
    assert run("drill_fault", check_mode=True, state="broken", drill="drained")["changed"]
    assert commands(host) == []


def test_two_drills_at_once_are_refused(run, host):
    (host / "state").write_text("0")
    answer = run("drill_fault", state="broken", drill="drained")
    assert answer["failed"]
    assert answer["msg"].startswith("another drill is under way here")
    assert len(commands(host)) == 1


def test_commands_that_the_host_lacks_are_returned(run, host, monkeypatch):
    catalogue = importlib.import_module(f"{COLLECTION}.module_utils.operations.drill.catalogue")
    drill = catalogue.BY_NAME["vrrp_cut"]
    monkeypatch.setitem(catalogue.BY_NAME, "vrrp_cut", type(drill)(**{**vars(drill), "needs": ("no-such-command",)}))
    answer = run("drill_fault", state="broken", drill="vrrp_cut")
    assert (answer["changed"], answer["lacks"]) == (False, ["no-such-command"])
    assert commands(host) == []


@pytest.mark.parametrize(("options", "message"), [({"drill": "x"}, "no drill 'x'"), ({}, "drill")])
def test_a_drill_that_does_not_exist_is_refused(run, host, options, message):
    answer = run("drill_fault", state="broken", **options)
    assert answer["failed"]
    assert message in answer["msg"]


def test_mended_returns_the_times(run, host):
    (host / "drill").mkdir()
    (host / "drill/log").write_text(LOG)
    answer = run("drill_fault", state="mended")
    assert {key: answer[key] for key in ("changed", "broken", "mended", "failed_to_break")} == {
        "changed": True,
        "broken": 12.5,
        "mended": 16.5,
        "failed_to_break": False,
    }
    assert commands(host) == ["systemctl stop ha_lb-drill.service"]
    assert not (host / "drill").exists()


def test_mended_does_nothing_on_a_host_without_a_fault(run, host):
    answer = run("drill_fault", state="mended")
    assert (answer["changed"], answer["broken"]) == (False, None)


def test_a_log_that_was_changed_by_hand_fails_with_a_message(run, host):
    (host / "drill").mkdir()
    (host / "drill/log").write_text("what\n")
    assert "is not what a drill writes" in run("drill_fault", state="mended")["msg"]


def test_watched_ends_with_the_fault(run, host):
    assert run("drill_fault", state="watched")["changed"] is False


def test_vip_probe_measures(run):
    target = {"address": "127.0.0.1", "port": 1, "service": "none"}
    (measured,) = run("vip_probe", targets=[target], seconds=1, interval_seconds=0.1)["measured"]
    assert (measured["service"], measured["mode"]) == ("none", "http")
    assert measured["sent"] == measured["failed"] == len(measured["samples"])
    assert 1 <= measured["sent"] + measured["missed"] <= 11
    assert measured["errors"] == {"ECONNREFUSED": measured["sent"]}
    assert measured["outages"][0]["ended"] is False


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"seconds": 1}, "targets: there is nothing to ask"),
        ({"seconds": 9999, "targets": [{"address": "127.0.0.1", "port": 1}]}, "seconds: 9999 is not from 1 to 600"),
    ],
)
def test_vip_probe_refuses_wrong_bounds(run, options, finding):
    assert finding in run("vip_probe", **options)["msg"]


@pytest.mark.parametrize("seconds", [0, 601])
def test_vip_watch_refuses_wrong_bounds(run, seconds):
    assert "is not a number of seconds from 1 to 600" in run("vip_watch", addresses=[], seconds=seconds)["msg"]


def test_vip_watch_refuses_a_wrong_address(run):
    assert run("vip_watch", addresses=["x"], seconds=1)["failed"]

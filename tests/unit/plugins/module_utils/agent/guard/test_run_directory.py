# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of the tracked files, put right from what was kept of it."""

from __future__ import annotations

import os
import shutil
import socket

import pytest
from module_utils.agent.guard import run_directory
from module_utils.agent.guard.kept import Kept
from module_utils.agent.guard.run_directory import RunDirectory

NAMES = ("proxy", "watch", "keepalived", "drain")
SUMS = f"{'0' * 64}  /etc/keepalived/keepalived.conf\n"


class Host:
    """A directory that a guard keeps, and what it told."""

    def __init__(self, path, monkeypatch):
        self.path, self.own, self.told, self.states = path / "ha_lb", path / "kept", [], {}
        self.own.mkdir()
        self.asked = 0
        monkeypatch.setattr(run_directory, "unit_state", self.state)
        monkeypatch.setattr(run_directory, "DROP_IN", f"{path}/{{}}.conf")
        monkeypatch.setattr(run_directory, "UNITS", str(path))
        monkeypatch.setattr(run_directory, "_owner_of", lambda name: None)
        for unit in ("haproxy", "keepalived"):
            (path / f"{unit}.conf").write_text("")
        self.write(**dict.fromkeys(NAMES, "0\n"))
        (self.path / "keepalived.loaded").write_text(SUMS)
        (self.path / "haproxy.loaded").write_text(f"{'1' * 64}  /etc/haproxy/haproxy.cfg\n")
        (self.path / "notify.fifo").write_text("")
        self.start()

    def start(self):
        self.directory = RunDirectory(str(self.path), Kept(str(self.own), self.told.append), NAMES, self.tell)

    def tell(self, cause, did):
        self.told.append(f"{cause}: {did}")

    def state(self, unit):
        self.asked += 1
        return {"Job": "", "ActiveState": self.states.get(unit, "active")}

    def write(self, **texts):
        self.path.mkdir(exist_ok=True)
        for name, text in texts.items():
            (self.path / name).write_text(text)

    def tick(self, times=1, handing_over=False, runs=True):
        for _each in range(times):
            self.directory.tick(runs, handing_over, "")

    def says(self):
        return {name: (self.path / name).read_text() for name in NAMES}


@pytest.fixture
def host(tmp_path, monkeypatch):
    found = Host(tmp_path, monkeypatch)
    found.tick(8)
    return found


WELL = dict.fromkeys(NAMES, "0\n")


def test_what_is_well_is_left_alone(host):
    host.tick(40)
    assert (host.told, host.asked) == ([], 0)
    assert host.directory.weight == (True, 0)


@pytest.mark.parametrize("whole", [False, True])
def test_what_was_wiped_is_there_again(host, whole):
    loaded = (host.path / "keepalived.loaded").stat()
    if whole:
        shutil.rmtree(host.path)
    else:
        for path in host.path.iterdir():
            path.unlink()
    host.tick(4)
    assert host.says() == WELL
    found = host.path / "keepalived.loaded"
    assert (found.read_text(), found.stat().st_mtime_ns) == (SUMS, loaded.st_mtime_ns)
    assert found.stat().st_mode & 0o777 == 0o600
    assert (host.path / "drain").stat().st_mode & 0o777 == 0o644
    assert host.path.stat().st_mode & 0o777 == 0o755
    assert host.directory.fifo_is_gone
    assert host.directory.is_new == whole
    assert len(host.told) <= 3


def test_a_drain_outlives_a_wipe_and_the_guard(host):
    host.write(drain="-253 upgrade\n")
    host.tick()
    host.start()
    shutil.rmtree(host.path)
    host.tick(4)
    assert host.says()["drain"] == "-253 upgrade\n"


def test_a_writer_at_work_is_not_disturbed(host):
    (host.path / "drain").write_text("")
    host.tick()
    host.write(drain="-253\n")
    host.tick(4)
    assert (host.says()["drain"], host.told) == ("-253\n", [])


@pytest.mark.parametrize(("state", "text"), [("active", "0\n"), ("failed", "-254\n"), ("deactivating", "-253\n")])
def test_the_proxy_is_what_systemd_says(host, state, text):
    host.states["haproxy"] = state
    host.write(proxy="-253\n")
    if state == "failed":
        host.write(proxy="")
    host.tick(4)
    assert host.says()["proxy"] == text


def test_systemd_is_asked_more_and_more_seldom(host):
    host.states["haproxy"] = "deactivating"
    host.write(proxy="-253\n")
    host.tick(160)
    assert host.asked < 20


def test_the_watcher_is_what_the_port_says(host):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        (host.path / "check_port").write_text(f"{proxy.getsockname()[1]}\n")
        host.write(watch="-254\n")
        host.tick(8)
        assert host.says()["watch"] == "0\n"
    host.write(watch="-254\n")
    host.tick(8)
    assert host.says()["watch"] == "-254\n"


def test_a_stop_that_never_came_is_taken_back(host):
    host.write(keepalived="-253\n")
    host.tick(4, handing_over=True)
    assert host.says()["keepalived"] == "-253\n"
    host.tick(4)
    assert host.says()["keepalived"] == "0\n"


def test_a_record_whose_writer_is_gone_stays_away(host, tmp_path):
    (tmp_path / "keepalived.conf").unlink()
    (host.path / "keepalived.loaded").unlink()
    host.tick(8)
    assert not (host.path / "keepalived.loaded").exists()


@pytest.mark.parametrize(("unit", "record"), [("ha_lb-x.service", "ha_lb-x"), ("ha_lb-x.socket", "ha_lb-x.socket")])
def test_the_record_of_an_agent_is_put_back(host, tmp_path, unit, record):
    (tmp_path / unit).write_text("")
    path = host.path / f"{record}.loaded"
    path.write_text(f"{'2' * 64}  -\n")
    host.tick(8)
    path.unlink()
    host.tick(8)
    assert path.read_text() == f"{'2' * 64}  -\n"


def test_before_keepalived_was_ever_started_there_is_nothing_to_put_back(tmp_path, monkeypatch):
    host = Host(tmp_path, monkeypatch)
    shutil.rmtree(host.path)
    host.path.mkdir()
    host.tick(8, runs=False)
    assert (host.told, list(host.path.iterdir())) == ([], [])
    host.tick(8)
    assert (host.path / "drain").read_text() == "0\n"


def test_what_cannot_be_written_is_said_and_the_rest_goes_on(host):
    (host.path / "drain").unlink()
    (host.path / "drain").mkdir()
    (host.path / "watch").unlink()
    with pytest.raises(OSError, match="drain"):
        host.tick(2)
    assert (host.path / "watch").read_text() == "0\n"


def test_the_files_of_the_units_are_known_by_what_they_recorded(host):
    files = {"keepalived": "/etc/keepalived/keepalived.conf", "haproxy": "/etc/haproxy/haproxy.cfg"}
    assert host.directory.configurations() == files
    assert host.directory.proxies() == ["haproxy"]


def test_a_number_is_said_at_once(host):
    host.directory.say("keepalived", -253)
    assert host.says()["keepalived"] == "-253\n"
    assert not [name for name in os.listdir(host.path) if name.endswith(".half")]


def test_where_there_is_no_proxy_none_is_missed(host):
    assert not host.directory.has_proxy  # nobody has said so yet
    host.write(check_port="8405\n")
    host.tick()
    assert host.directory.has_proxy
    host.write(check_port="0\n")
    host.tick(run_directory.ALL_TICKS)
    assert not host.directory.has_proxy
    host.directory.tracked = ("keepalived", "drain")
    for name in ("proxy", "watch"):
        (host.path / name).unlink()
    asked, told = host.asked, list(host.told)
    host.tick(8)
    assert (host.asked, host.told) == (asked, told)
    assert not (host.path / "proxy").exists()
    assert host.directory.proxy_serves()
    assert host.directory.weight == (True, 0)

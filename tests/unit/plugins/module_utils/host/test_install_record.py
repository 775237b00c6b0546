# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host import install_record as belongings
from module_utils.host.install_record import KEPT, MADE, note, present, read_record, take_away

NOBODY = "nobody"
NEW = "ha_lb_test_user"


@pytest.fixture
def host(tmp_path):
    """Return a directory that stands for a host, with a home for the record."""
    (tmp_path / "etc").mkdir()
    return tmp_path


@pytest.fixture
def home(host):
    return host / "var/lib/ha_lb"


@pytest.fixture
def calls(monkeypatch):
    """What was run; it always works."""
    monkeypatch.setattr(belongings, "CLOSE_FIREWALL", ("/nowhere", "--close"))
    monkeypatch.setattr(os, "chown", lambda *_owner: None)
    monkeypatch.setattr("module_utils.host.files.shutil.chown", lambda *_owner: None)
    return []


def runner(calls, code=0):
    def run(command):
        calls.append(" ".join(command))
        return code, "", "no such thing"

    return run


def write(path, text, home, users=()):
    note([path], users, home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_what_was_made_goes_and_what_was_there_comes_back(host, home, calls):
    old = host / "etc/keepalived.conf"
    old.write_text("by hand")
    old.chmod(0o640)
    write(old, "ours", home)
    new = host / "etc/systemd/system/ha_lb-watch.service"
    write(new, "ours", home)
    assert read_record(home)[str(old)] == KEPT
    assert read_record(home)[str(new)] == MADE
    assert take_away(runner(calls), home=home)[0] == str(new)
    assert (old.read_text(), old.stat().st_mode & 0o777) == ("by hand", 0o640)
    assert os.listdir(host / "etc") == ["keepalived.conf"]
    assert not home.exists()
    assert calls == ["systemctl disable --quiet --now ha_lb-watch.service", "systemctl daemon-reload"]


def test_what_came_first_is_what_is_kept(host, home, calls):
    file = host / "etc/haproxy.cfg"
    file.write_text("by hand")
    write(file, "ours", home)
    write(file, "ours, later", home)
    take_away(runner(calls), home=home)
    assert file.read_text() == "by hand"


def test_a_directory_stays_where_others_have_put_something_in_it(host, home, calls):
    write(host / "etc/ours/file", "ours", home)
    (host / "etc/ours/theirs").write_text("")
    take_away(runner(calls), home=home)
    assert os.listdir(host / "etc/ours") == ["theirs"]


def test_a_part_is_taken_away_and_the_record_stays(host, home, calls):
    write(host / "etc/haproxy/file", "ours", home)
    write(host / "etc/nginx/file", "ours", home)
    assert len(take_away(runner(calls), "/haproxy", home)) == 2
    assert os.listdir(host / "etc") == ["nginx"]
    assert present("/haproxy", home) == []
    assert len(present("/nginx", home)) == 2


def test_a_part_goes_with_its_unit_its_settings_and_the_directories_that_it_leaves_empty(
    host, home, calls, monkeypatch
):
    program = host / "libexec/real-server"
    monkeypatch.setattr(belongings, "TAKE_VIPS", (str(program), "remove"))
    for path in (program, host / "etc/systemd/system/real-server.service", host / "etc/haproxy/file"):
        write(path, "ours", home)
    (home / "sysctl.before").write_text("")
    assert str(program.parent) in take_away(runner(calls), "real-server", home)
    assert calls == [
        f"{program} remove",
        "systemctl disable --quiet --now real-server.service",
        "systemctl daemon-reload",
    ]
    assert sorted(os.listdir(host)) == ["etc", "var"]
    assert os.listdir(host / "etc") == ["haproxy"]
    assert home.exists()
    take_away(runner(calls), "/haproxy", home)
    assert (os.listdir(host / "etc"), home.exists()) == ([], False)


def test_the_vips_of_a_real_server_go_before_the_settings_that_keep_it_silent(host, home, calls, monkeypatch):
    program = host / "real-server"
    monkeypatch.setattr(belongings, "TAKE_VIPS", (str(program), "remove"))
    write(program, "ours", home)
    (home / "sysctl.before").write_text("")
    take_away(runner(calls), home=home)
    assert calls[:2] == [f"{program} remove", f"sysctl --quiet --ignore --load={home}/sysctl.before"]


def test_only_users_that_were_made_are_removed(host, home, calls, monkeypatch):
    write(host / "etc/users.conf", "", home, [NOBODY, NEW])
    monkeypatch.setattr(belongings, "_is_user", lambda name: True)
    assert f"user {NEW}" in take_away(runner(calls), home=home)
    assert [each for each in calls if "userdel" in each] == [f"userdel {NEW}"]


def test_nothing_is_taken_away_while_the_kernel_does_not_take_its_values_back(host, home, calls):
    write(host / "etc/file", "ours", home)
    (home / "sysctl.before").write_text("net.ipv4.ip_nonlocal_bind = 0\n")
    with pytest.raises(HaLbError, match="nothing is taken away yet: no such thing"):
        take_away(runner(calls, code=1), home=home)
    assert (host / "etc/file").exists()
    assert take_away(runner(calls), home=home)
    assert calls[1] == f"sysctl --quiet --ignore --load={home}/sysctl.before"


def test_where_nothing_is_recorded_nothing_changes(home, calls):
    assert take_away(runner(calls), home=home) == []
    assert calls == []

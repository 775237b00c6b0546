# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host import drain_file as module
from module_utils.host.drain_file import Drain, DrainFiles, set_drain


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "replace", lambda path, data, mode, group: path.write_bytes(data))
    (tmp_path / "drain").write_text("0\n")
    return DrainFiles(tmp_path / "drain", tmp_path / "00.conf")


def wanted(value, survives_reboot=False, by=""):
    return Drain(value, 0, survives_reboot, by)


def test_a_drain_waits_until_the_vips_have_left(files):
    looks = [{"192.0.2.10"}, {"192.0.2.10", "192.0.2.11"}, {"192.0.2.11"}]
    assert set_drain(files, wanted(-253), ["192.0.2.10/24"], lambda: looks.pop(0), 5)
    assert (looks, files.read().value) == ([], -253)
    assert not set_drain(files, wanted(-253), ["192.0.2.10/24"], set, 5)


def test_vips_that_do_not_leave_end_the_drain(files):
    with pytest.raises(
        HaLbError, match=r"^after 0\.05 s no other node has taken 192\.0\.2\.10: the drain is taken back"
    ):
        set_drain(files, wanted(-253, True), ["192.0.2.10/24"], lambda: {"192.0.2.10"}, 0.05)
    assert (files.read().value, files.read().survives_reboot) == (0, False)


def test_coming_back_waits_until_the_vips_have_come(files):
    files.write(wanted(-253))
    looks = [set(), {"192.0.2.10"}]
    assert set_drain(files, wanted(0), ["192.0.2.10"], lambda: looks.pop(0), 5)
    assert (looks, files.read().value) == ([], 0)


def test_vips_that_do_not_come_back(files):
    files.write(wanted(-253))
    with pytest.raises(HaLbError, match=r"192\.0\.2\.10 did not come back to this node, which is no longer drained"):
        set_drain(files, wanted(0), ["192.0.2.10"], set, 0.05)
    assert files.read().value == 0


def test_a_drain_that_survives_a_reboot_comes_before_the_usual_line(files):
    assert set_drain(files, wanted(-253, True), [], set, 1)
    assert f"f {files.now} 0644 root root - -253\n" in files.at_boot.read_text()
    assert files.read().survives_reboot
    assert not set_drain(files, wanted(-253, True), [], set, 1)
    assert set_drain(files, wanted(0), [], set, 1)
    assert not files.at_boot.exists()


def test_a_dry_run_writes_nothing(files):
    assert set_drain(files, wanted(-253, True), ["192.0.2.10"], set, 1, dry=True)
    assert (files.read().value, files.read().survives_reboot) == (0, False)


def test_a_node_that_is_not_set_up(tmp_path):
    with pytest.raises(HaLbError, match="is not there: this node is not set up"):
        set_drain(DrainFiles(tmp_path / "drain", tmp_path / "00.conf"), wanted(-253), [], set, 1)


@pytest.mark.parametrize(
    ("text", "value", "by"),
    [
        ("-253\n", -253, ""),
        (" 0", 0, ""),
        ("", 0, ""),
        ("x", 0, ""),
        ("-200 maintenance", -200, ""),
        ("-253 upgraded\n", -253, ""),
        ("-253 upgrade\n", -253, "upgrade"),
    ],
)
def test_what_keepalived_reads_and_by_whom(files, text, value, by):
    files.now.write_text(text)
    assert (files.read().value, files.read().by) == (value, by)


def test_who_drains_it_for_a_while_is_written_behind_the_number(files):
    assert set_drain(files, wanted(-253, True, by="upgrade"), [], set, 1)
    assert files.now.read_text() == "-253 upgrade\n"
    assert files.at_boot.read_text().endswith(" - -253 upgrade\n")
    assert not set_drain(files, wanted(-253, True, by="upgrade"), [], set, 1)
    assert set_drain(files, wanted(-253), [], set, 1)
    assert files.now.read_text() == "-253\n"


def test_a_node_that_is_cut_off_does_not_wait_for_vips_that_its_peers_keep(files, tmp_path):
    set_drain(files, wanted(-253), [], set, 1)
    (tmp_path / "uplink").write_text("-126\n")
    assert set_drain(files, wanted(0), ["192.0.2.10"], set, 0.01)
    (tmp_path / "uplink").write_text("0\n")
    with pytest.raises(HaLbError, match="did not come back"):
        set_drain(files, wanted(0), ["192.0.2.10"], set, 0.01)


def test_a_node_that_is_cut_off_still_waits_until_a_drain_has_moved_its_vips(files, tmp_path):
    (tmp_path / "uplink").write_text("-126\n")
    with pytest.raises(HaLbError, match="no other node has taken"):
        set_drain(files, wanted(-253), ["192.0.2.10"], lambda: {"192.0.2.10"}, 0.01)

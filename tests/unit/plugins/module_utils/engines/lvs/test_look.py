# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a kernel, whose files and whose ipvsadm are those of tests/fixtures/ipvs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.engines.lvs import look as looking
from module_utils.engines.lvs.look import look, table

FIXTURES = Path(__file__).parents[5] / "fixtures/ipvs"
PRINTED = {"-Sn": "saved", "-Ln --persistent-conn": "connections", "-Ln --rate": "rates", "-Ln --daemon": "daemon"}


def ipvsadm(command):
    assert command[0] == "ipvsadm"
    return 0, (FIXTURES / PRINTED[" ".join(command[1:])]).read_text(), ""


def test_the_whole_table_is_data():
    found = table({"entries": True}, ipvsadm, FIXTURES)
    assert {*found} == {"services", "sync", "totals", "rates", "entries"}
    web = next(each for each in found["services"] if each["name"] == "tcp 192.0.2.10:80")
    assert [(each["name"], each["weight"], each["active"]) for each in web["servers"]] == [
        ("192.0.2.21:80", 3, 0),
        ("192.0.2.22:80", 1, 2),
    ]
    assert found["entries"] == {"all": 7, "synced": 0, "persistent": 1}
    assert [each["way"] for each in found["sync"]] == ["sends", "receives"]


def test_entries_are_not_read_unless_they_are_wanted(tmp_path):
    shutil.copy(FIXTURES / "ip_vs_stats", tmp_path)
    assert table({"entries": False}, ipvsadm, tmp_path)["entries"] is None


def not_there(command):
    raise FileNotFoundError(2, "No such file or directory", command[0])


def refusing(command):
    said = (
        "Can't initialize ipvs: Permission denied (you must be root)\nAre you sure that IP Virtual Server is built in"
    )
    return 255, "", said


@pytest.mark.parametrize(
    ("run", "proc", "said"),
    [
        (ipvsadm, "/nowhere", "has no table of IPVS: its module ip_vs is not loaded"),
        (not_there, FIXTURES, "there is no ipvsadm on"),
        (refusing, FIXTURES, "Permission denied (you must be root)"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(run, proc, said):
    with pytest.raises(HaLbError) as refused:
        table({"entries": False}, run, Path(proc))
    assert said in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_failure_is_an_answer(monkeypatch, tmp_path):
    monkeypatch.setattr(looking, "PROC", tmp_path)
    monkeypatch.setattr(looking, "as_root", lambda: None)
    answer = look({"entries": False})
    assert answer["failed"] is True
    assert "no table of IPVS" in answer["msg"]

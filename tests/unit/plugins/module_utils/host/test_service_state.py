# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import os
import stat

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host import service_state as module
from module_utils.host.service_state import compared, digested, service_state

OPTIONS = {"files": [], "packages": [], "commands": [], "unit": {}}


@pytest.fixture(autouse=True)
def root(monkeypatch):
    """Whoever runs the tests counts as root."""
    monkeypatch.setattr(module, "_name_of", lambda *_: "root")


def run_as(answers):
    """Return a runner that answers commands by their first word."""
    return lambda command: answers[command[0]]


def state(answers=None, **options):
    return service_state({**OPTIONS, **options}, run_as(answers or {}))


def wanted(path, text="a\n", mode="0644"):
    return {"path": str(path), "content": text, "mode": mode}


def test_nothing_differs(tmp_path):
    file = tmp_path / "file"
    file.write_text("a\n")
    file.chmod(0o644)
    tmp_path.chmod(0o755)
    found = state(files=[wanted(file), {"path": str(tmp_path), "mode": "0755"}])
    assert found == {"differs": False, "files": [], "packages": [], "pending": [], "unit": {}}


@pytest.mark.parametrize(
    ("text", "mode", "others"),
    [("b\n", "0644", {}), ("a\n", "0600", {}), ("a\n", "0644", {"group": "haproxy"}), (None, "0644", {})],
)
def test_a_file_that_differs(tmp_path, text, mode, others):
    file = tmp_path / "file"
    if text:
        file.write_text(text)
        file.chmod(0o644)
    found = state(files=[{**wanted(file, mode=mode), **others}], commands=[["never", "run"]])
    assert (found["differs"], found["files"], found["pending"]) == (True, [str(file)], [])


def test_a_directory_that_is_a_file(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    mode = f"{stat.S_IMODE(os.stat(file).st_mode):04o}"
    assert state(files=[{"path": str(file), "mode": mode}])["files"] == [str(file)]


def test_packages_that_are_not_installed():
    answers = {"dpkg-query": (1, "haproxy installed\nlibssl3:amd64 installed\nnginx config-files\n", "no packages")}
    found = state(answers, packages=["haproxy", "nginx", "keepalived", "libssl3"])
    assert (found["differs"], found["packages"]) == (True, ["nginx", "keepalived"])


def test_what_a_command_would_put_in_force():
    assert state({"settings": (0, "", "")}, commands=[["settings", "check"]])["differs"] is False
    found = state({"settings": (0, "opened lb2\n\n", "")}, commands=[["settings", "check"]])
    assert (found["differs"], found["pending"]) == (True, ["opened lb2"])
    with pytest.raises(HaLbError, match="settings check failed: no such user"):
        state({"settings": (1, "", "no such\nuser")}, commands=[["settings", "check"]])


def test_a_unit_that_does_not_run(tmp_path):
    unit = {
        "unit": "haproxy",
        "staged": str(tmp_path / "staged"),
        "path": str(tmp_path / "path"),
        "loaded": str(tmp_path / "loaded"),
        "drop_in": "/drop_in",
    }
    found = state({"systemctl": (0, "ActiveState=inactive\n", "")}, unit=unit)
    assert found["differs"]
    assert found["unit"]["running"]


def test_only_the_sum_of_a_content_is_sent():
    files = [
        {"path": "/a", "secret": "geheim", "mode": "0600"},
        {"path": "/b"},
        {"path": "/c", "sha256": "00", "group": "x"},
    ]
    assert digested(files) == [
        {"path": "/a", "sha256": hashlib.sha256(b"geheim").hexdigest(), "mode": "0600", "group": "root"},
        {"path": "/b", "sha256": None, "mode": "0644", "group": "root"},
        {"path": "/c", "sha256": "00", "mode": "0644", "group": "x"},
    ]


def test_compared_fails_with_a_sentence():
    assert compared({**OPTIONS, "commands": [["false"]]}) == {"failed": True, "msg": "false failed: "}
    assert compared(OPTIONS)["differs"] is False

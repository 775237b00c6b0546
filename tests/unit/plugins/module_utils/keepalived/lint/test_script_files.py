# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a script can be run, and whether others than root can change it."""

from __future__ import annotations

import os

import pytest
from module_utils.keepalived.lint.script_files import ScriptUser, find_program, script_file

ROOT, STRANGER = ScriptUser(0, 0), ScriptUser(54321, 54321)


@pytest.fixture
def script(tmp_path):
    """Return the path of a script below tmp_path, which stands for /."""
    path = tmp_path / "usr/local/bin/check"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    for folder in (path.parent, *path.parent.parents[:2]):
        folder.chmod(0o755)
    return path


def facts(script, tmp_path, user=STRANGER):
    return script_file("/usr/local/bin/check", user, tmp_path)


def test_a_script_that_can_be_run(script, tmp_path):
    found = facts(script, tmp_path)
    assert (found["exists"], found["executable"], found["shebang"]) == (True, True, True)


def test_a_missing_script(tmp_path):
    assert script_file("/usr/local/bin/check", ROOT, tmp_path) == {
        "exists": False,
        "executable": False,
        "shebang": False,
        "writable_by": "",
    }


@pytest.mark.parametrize(
    ("mode", "user", "executable"),
    [
        (0o755, STRANGER, True),
        (0o744, STRANGER, False),
        (0o744, ROOT, True),
        (0o644, ROOT, False),
        (0o654, ScriptUser(54321, os.getgid()), True),
        (0o645, ScriptUser(54321, os.getgid()), False),
        (0o455, ScriptUser(54321, 54321), True),
    ],
)
def test_mode_and_user_decide_who_may_run_it(script, tmp_path, mode, user, executable):
    script.chmod(mode)
    assert facts(script, tmp_path, user)["executable"] is executable


def test_a_folder_without_x_keeps_others_from_running_it(script, tmp_path):
    script.parent.chmod(0o700)
    assert facts(script, tmp_path)["executable"] is False
    assert facts(script, tmp_path, ROOT)["executable"] is True


@pytest.mark.parametrize(
    ("content", "runs"), [(b"#!/bin/sh\n", True), (b"\x7fELF\x02", True), (b"exit 0\n", False), (b"", False)]
)
def test_a_script_begins_with_shebang_or_elf(script, tmp_path, content, runs):
    script.write_bytes(content)
    assert facts(script, tmp_path)["shebang"] is runs


@pytest.mark.skipif(os.geteuid() != 0, reason="what root does not own is insecure anyway")
@pytest.mark.parametrize(
    ("path", "mode", "expected"),
    [
        ("usr/local/bin/check", 0o755, ""),
        ("usr/local/bin/check", 0o757, "/usr/local/bin/check"),
        ("usr/local/bin", 0o777, "/usr/local/bin"),
        ("usr/local/bin", 0o1777, ""),
        ("usr/local", 0o757, "/usr/local"),
    ],
)
def test_write_access_for_others_is_insecure(script, tmp_path, path, mode, expected):
    (tmp_path / path).chmod(mode)
    assert facts(script, tmp_path)["writable_by"] == expected


@pytest.mark.skipif(os.geteuid() != 0, reason="it gives files to others")
def test_a_script_of_another_owner_is_insecure(script, tmp_path):
    os.chown(script, 54321, 0)
    assert facts(script, tmp_path)["writable_by"] == "/usr/local/bin/check"


def test_a_program_is_found_in_path(script, tmp_path):
    assert find_program("check", tmp_path) == "/usr/local/bin/check"
    assert find_program("other", tmp_path) is None
    script.chmod(0o644)
    assert find_program("check", tmp_path) is None

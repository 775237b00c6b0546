# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.archive import CHECKOUT, FILES, MANIFEST, build, packed, sha256

# What a checkout has besides, and nobody wants on a controller
LEFT_OUT = ("ansible.cfg", "dist", "lab", "Makefile", "molecule", "pyproject.toml", "release", "tests")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def galaxy(*arguments: str | Path, home: Path) -> str:
    """Run `ansible-galaxy collection` away from anybody's settings; return what it says, and that it failed."""
    command = [sys.executable, "-m", "ansible.cli.galaxy", "collection", *map(str, arguments)]
    (home / "ansible.cfg").touch()
    own = {**os.environ, "ANSIBLE_HOME": str(home), "ANSIBLE_CONFIG": str(home / "ansible.cfg")}
    ran = subprocess.run(command, cwd=home, env=own, capture_output=True, text=True, check=False)
    return f"exit {ran.returncode}\n{ran.stdout}{ran.stderr}"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the archive of what is committed here."""
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def narrow_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("narrow_umask")
def test_a_clone_elsewhere_with_other_times_and_another_umask_builds_the_same_octets(archive, tmp_path):
    clone = tmp_path / "another name"
    subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(clone)], check=True)
    for path in clone.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    (clone / "plugins/modules/not_committed.py").write_text("")
    (clone / "README.md").write_text("changed, and not committed")

    assert sha256(build(tmp_path / "built", clone)) == sha256(archive)


def test_another_commit_is_another_archive(archive, tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(clone)], check=True)
    (clone / "README.md").write_text("changed")
    git(clone, "commit", "--quiet", "--all", "--no-gpg-sign", "--message=changed")

    assert sha256(build(tmp_path / "built", clone)) != sha256(archive)


def test_it_ships_what_is_committed_and_neither_hidden_files_nor_tools(archive):
    with tarfile.open(archive) as opened:
        files = {entry.name for entry in opened if entry.isfile()}
    committed = set(git(CHECKOUT, "ls-tree", "-r", "--name-only", "HEAD").splitlines())

    assert files - committed == {MANIFEST, FILES}
    assert [name for name in files if any(part.startswith(".") for part in name.split("/"))] == []
    assert [name for name in files if name.split("/")[0] in LEFT_OUT or name.startswith("requirements")] == []
    assert {"LICENSE", "README.md", "meta/runtime.yml", "playbooks/site.yml"} <= files


def test_nothing_in_it_tells_who_built_it_and_when(archive):
    at = int(git(CHECKOUT, "show", "--no-patch", "--format=%ct", "HEAD"))
    with tarfile.open(archive) as opened:
        entries = opened.getmembers()

    assert {(entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname) for entry in entries} == {(at, 0, 0, "", "")}
    assert {entry.mode for entry in entries} <= {0o644, 0o755}


def test_galaxy_installs_and_verifies_it(archive, tmp_path):
    installed = galaxy("install", archive, "--collections-path", tmp_path, "--offline", home=tmp_path)
    verified = galaxy("verify", "evenkeel.ha_lb", "--collections-path", tmp_path, "--offline", home=tmp_path)

    assert installed.startswith("exit 0\n"), installed
    assert verified.startswith("exit 0\n"), verified
    assert "Successfully verified that checksums for 'evenkeel.ha_lb:" in verified


def test_the_order_in_which_files_were_listed_does_not_count():
    def contents(names):
        listed = json.dumps({"files": [{"name": name} for name in names]}).encode()
        manifest = json.dumps({"file_manifest_file": {"chksum_sha256": ""}}).encode()
        return {MANIFEST: (manifest, False), FILES: (listed, False), **dict.fromkeys(names, (b"", False))}

    one, other = packed(contents(["a", "b"]), 1), packed(contents(["b", "a"]), 1)

    assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest()

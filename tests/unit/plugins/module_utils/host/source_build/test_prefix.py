# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import subprocess
import tarfile

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host.source_build import package as building
from module_utils.host.source_build.package import Order
from module_utils.host.source_build.prefix import install, is_there, members

ORDER = Order("haproxy", "2.9.9", "0" * 64, ())


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(autouse=True)
def prefixes(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "PREFIXES", tmp_path / "local")
    (tmp_path / "local").mkdir()
    return tmp_path / "local"


def packed(tmp_path, script):
    """Make a package whose program is a script."""
    program = tmp_path / "out/sbin/haproxy"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    package = tmp_path / "package.tar.gz"
    run(["tar", "--create", "--gzip", f"--file={package}", f"--directory={tmp_path / 'out'}", "."])
    return package, hashlib.sha256(package.read_bytes()).hexdigest()


def test_a_package_is_put_into_its_prefix(tmp_path, prefixes):
    assert not is_there(ORDER)
    install(ORDER, *packed(tmp_path, "echo HAProxy version 2.9.9-5b4b6c5 2024/05/31"), run)
    assert is_there(ORDER)
    assert (prefixes / "haproxy-2.9.9/sbin/haproxy").exists()
    assert [path.name for path in prefixes.iterdir()] == ["haproxy-2.9.9"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "echo HAProxy version 2.9.10",
            "the archive is not of haproxy 2.9.9: what was built says HAProxy version 2.9.10",
        ),
        ("true", "what was built says nothing"),
        ("echo libssl.so.3: no such file >&2; exit 127", "was built, and does not run here: libssl.so.3: no such file"),
    ],
)
def test_what_is_not_what_was_ordered(tmp_path, prefixes, script, message):
    with pytest.raises(HaLbError, match=message):
        install(ORDER, *packed(tmp_path, script), run)
    assert list(prefixes.iterdir()) == []


def test_a_package_that_was_changed_on_its_way(tmp_path, prefixes):
    package, _sum = packed(tmp_path, "echo 2.9.9")
    with pytest.raises(HaLbError, match="it was changed on its way"):
        install(ORDER, package, "0" * 64, run)
    assert list(prefixes.iterdir()) == []


def test_a_package_that_is_none(tmp_path, prefixes):
    package = tmp_path / "package"
    package.write_bytes(b"nothing")
    with pytest.raises(HaLbError, match="cannot be unpacked"):
        install(ORDER, package, hashlib.sha256(b"nothing").hexdigest(), run)
    assert list(prefixes.iterdir()) == []


@pytest.mark.parametrize("text", [None, "", "[]", '{"key": "of another"}'])
def test_another_build_is_in_the_way(prefixes, text):
    (prefixes / "haproxy-2.9.9").mkdir()
    if text is not None:
        (prefixes / "haproxy-2.9.9/.ha_lb.json").write_text(text)
    with pytest.raises(HaLbError, match=r"haproxy-2\.9\.9 is there, and not this build of haproxy 2\.9\.9"):
        is_there(ORDER)


def test_the_members_of_a_package_are_paths_below_the_prefix(tmp_path):
    package, _sum = packed(tmp_path, "true")
    assert members(package, run) == ["./", "./sbin/", "./sbin/haproxy"]


@pytest.mark.parametrize("name", ["../../etc/shadow", "sbin/../../x", "/etc/shadow"])
def test_a_package_that_leads_out_of_its_prefix_is_refused(tmp_path, name):
    package = tmp_path / "package.tar.gz"
    with tarfile.open(package, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(HaLbError, match="leads out of the prefix"):
        members(package, run)

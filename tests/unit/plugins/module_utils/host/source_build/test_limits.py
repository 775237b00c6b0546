# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of limited size, and packages that stay in their folder."""

from __future__ import annotations

import hashlib
import io
import tarfile

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host.source_build import limits
from module_utils.host.source_build.limits import LONGEST_SECONDS, MOST_BYTES, check_members, save, summed


class Endless:
    """A server that never stops sending."""

    def __init__(self):
        self.sent = 0

    def read(self, size):
        self.sent += size
        return b"x" * size


def test_a_download_is_written_whole(tmp_path):
    save(io.BytesIO(b"the source"), tmp_path / "archive")
    assert (tmp_path / "archive").read_bytes() == b"the source"
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_a_download_without_an_end_is_refused_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", 4 * limits.MIB)
    (tmp_path / "archive").write_bytes(b"an older one")
    endless = Endless()
    with pytest.raises(HaLbError, match="more than 4 MiB are no source archive"):
        save(endless, tmp_path / "archive")
    assert endless.sent == 5 * limits.MIB
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"archive": b"an older one"}


def test_a_download_that_drips_is_given_up(tmp_path):
    seconds = iter(range(0, 100000, 100))
    with pytest.raises(HaLbError, match=f"it is not here after {LONGEST_SECONDS:g} s"):
        save(Endless(), tmp_path / "archive", clock=lambda: next(seconds))
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_summed_in_pieces(tmp_path):
    data = b"\x1f\x8b" + bytes(3 * limits.MIB)
    (tmp_path / "archive").write_bytes(data)
    assert summed(tmp_path / "archive") == (hashlib.sha256(data).hexdigest(), b"\x1f\x8b")


def test_what_is_too_large_is_not_summed(tmp_path):
    with open(tmp_path / "archive", "wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(HaLbError, match="is larger than 256 MiB, and no archive of a program"):
        summed(tmp_path / "archive")


def packed(tmp_path, *members):
    """Make a package of members; every one is a name, and what differs from a small file."""
    path = tmp_path / "package.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, changes in members:
            member = tarfile.TarInfo(name)
            member.mode = 0o755
            for key, value in changes.items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(bytes(member.size)))
    return path


LINK, HARD, DEVICE, FIFO = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE


@pytest.mark.parametrize(
    "members",
    [
        [(".", {"type": tarfile.DIRTYPE}), ("./sbin/haproxy", {"size": 9})],
        [("bin/genhash", {}), ("bin/old", {"type": LINK, "linkname": "genhash"})],
        [("sbin/keepalived", {}), ("bin/k", {"type": HARD, "linkname": "sbin/keepalived"})],
        [("share/a..b/..c", {})],
    ],
)
def test_what_may_be_unpacked(tmp_path, members):
    check_members(packed(tmp_path, *members))


@pytest.mark.parametrize(
    ("name", "changes", "why"),
    [
        ("../haproxy", {}, "leads out of the prefix"),
        ("sbin/../../haproxy", {}, "leads out of the prefix"),
        ("sbin/..", {"type": tarfile.DIRTYPE}, "leads out of the prefix"),
        ("/etc/cron.d/x", {}, "leads out of the prefix"),
        ("sbin/x", {"type": LINK, "linkname": "/etc/shadow"}, "links to what may be outside of the prefix"),
        ("sbin/x", {"type": LINK, "linkname": "a/../../../etc"}, "links to what may be outside of the prefix"),
        ("sbin/x", {"type": HARD, "linkname": "../../etc/shadow"}, "links to what may be outside of the prefix"),
        ("dev/sda", {"type": DEVICE}, "is neither a file, nor a folder, nor a link"),
        ("run/fifo", {"type": FIFO}, "is neither a file, nor a folder, nor a link"),
        ("sbin/haproxy", {"mode": 0o4755}, "gives rights to others"),
        ("sbin/haproxy", {"mode": 0o2755}, "gives rights to others"),
        ("sbin/haproxy", {"mode": 0o757}, "gives rights to others"),
    ],
)
def test_what_is_not_unpacked(tmp_path, name, changes, why):
    package = packed(tmp_path, ("sbin/fine", {}), (name, changes))
    with pytest.raises(HaLbError) as error:
        check_members(package)
    assert str(error.value) == f"{package} is not unpacked: {name!r} {why}"


def test_what_would_fill_the_disk(tmp_path, monkeypatch):
    package = packed(tmp_path, *((f"share/{n}", {"size": limits.MIB}) for n in range(5)))
    check_members(package)
    for name, most in (("MOST_UNPACKED", 4 * limits.MIB), ("MOST_MEMBERS", 4)):
        with monkeypatch.context() as limited:
            limited.setattr(limits, name, most)
            with pytest.raises(HaLbError, match="has more than"):
                check_members(package)


@pytest.mark.parametrize("data", [b"", b"nothing", b"\x1f\x8b" + bytes(9)])
def test_what_is_no_package(tmp_path, data):
    (tmp_path / "package").write_bytes(data)
    with pytest.raises(HaLbError, match="cannot be unpacked"):
        check_members(tmp_path / "package")


@pytest.mark.parametrize("damage", [lambda data: data[:-20], lambda data: data[:60] + b"\xff" * 9 + data[69:]])
def test_a_package_that_was_damaged(tmp_path, damage):
    package = packed(tmp_path, *((f"share/{n}", {"size": 100_000}) for n in range(9)))
    package.write_bytes(damage(package.read_bytes()))
    with pytest.raises(HaLbError, match="cannot be unpacked"):
        check_members(package)

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import hashlib
import subprocess

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host.source_build.package import Order, build, last_lines, needs

ARCHIVE = gzip.compress(b"the source", mtime=0)
SUM = hashlib.sha256(ARCHIVE).hexdigest()


def order(**changes):
    return Order(**{"product": "haproxy", "version": "2.9.9", "sha256": SUM, "options": (), **changes})


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "haproxy.tar.gz"
    path.write_bytes(ARCHIVE)
    return path


def shell(command):
    """Run a command line for real, with `echo` in the place of systemd-run."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def sandbox(script):
    def run(command):
        line = command[2]
        redirections = line[line.rindex(" <") :]
        return shell(["sh", "-c", f"sh -c '{script}' {redirections}"])

    return run


def test_the_same_build_has_the_same_key():
    assert order().key == order(sha256=SUM.upper()).key
    assert len({order().key, order(options=("USE_QUIC=1",)).key, order(sha256="0" * 64).key}) == 3
    assert (order().title, str(order().prefix)) == ("haproxy 2.9.9", "/usr/local/haproxy-2.9.9")


def test_a_build(archive, tmp_path):
    commands = []

    def run(command):
        commands.append(command)
        return sandbox("cat; echo a line of the log >&2")(command)

    package = tmp_path / "package.tar.gz"
    build(order(options=("USE_QUIC=1",)), archive, "make", package, run)
    assert package.read_bytes() == ARCHIVE
    assert "DynamicUser=yes" in commands[0][2]
    assert "--gzip make /usr/local/haproxy-2.9.9 USE_QUIC=1 <" in commands[0][2]


def test_a_build_that_fails(archive, tmp_path):
    package = tmp_path / "package.tar.gz"
    with pytest.raises(HaLbError) as error:
        build(order(), archive, "make", package, sandbox("echo one >&2; echo no openssl >&2; exit 2"))
    assert str(error.value) == (
        f"haproxy 2.9.9 could not be built: one / no openssl; the whole log is {tmp_path}/package.tar.log "
        "on the build host"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["haproxy.tar.gz", "package.tar.log"]


def test_another_archive_is_not_built(archive, tmp_path):
    with pytest.raises(HaLbError, match=f"is {SUM}, and not {'0' * 64}: nothing is installed$"):
        build(order(sha256="0" * 64), archive, "make", tmp_path / "package.tar.gz", sandbox("exit 1"))


def test_what_is_no_archive_is_not_built(tmp_path):
    page = tmp_path / "page.tar.gz"
    page.write_bytes(b"<html>")
    with pytest.raises(HaLbError, match="is neither packed by gzip nor by xz"):
        build(order(sha256=hashlib.sha256(b"<html>").hexdigest()), page, "make", tmp_path / "p", sandbox("exit 1"))


def test_the_last_lines_of_a_log(tmp_path):
    log = tmp_path / "log"
    log.write_text("\n".join(f" line {number} \n" for number in range(9)))
    assert last_lines(log) == "line 5 / line 6 / line 7 / line 8"
    log.write_text("\n")
    assert last_lines(log) == "it said nothing"


def test_the_libraries_of_a_program(tmp_path):
    said = {
        "tar": "",
        "ldd": "\tlinux-vdso.so.1 (0)\n\tlibssl.so.3 => /lib/x/libssl.so.3 (0)\n\tlibm.so.6 => /usr/lib/x/libm.so.6",
        "*/lib/x/libssl.so.3": "libssl3:amd64: /usr/lib/x/libssl.so.3\n",
        "*/lib/x/libm.so.6": "diversion by x from: /lib/x/libm.so.6\nlibc6:amd64: /lib/x/libm.so.6\n",
    }

    def run(command):
        return 0, said[command[-1] if command[0] == "dpkg-query" else command[0]], ""

    assert needs(order(), tmp_path / "package", run) == ["libc6", "libssl3"]

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import hashlib
import shlex
import shutil
import subprocess
import tarfile

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host.source_build.limits import check_members
from module_utils.host.source_build.package import SANDBOX, Order, build, last_lines, needs

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


def unconfined(folder):
    """Run the sandbox's script for real, in a folder of its own in the place of a unit of systemd."""
    folder.mkdir()

    def run(command):
        return shell([part.replace(shlex.join(SANDBOX), f"env -C {folder}") for part in command])

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


LINKED = "\tlinux-vdso.so.1 (0)\n\tlibssl.so.3 => /lib/x/libssl.so.3 (0)\n\tlibm.so.6 => /usr/lib/x/libm.so.6"
OWNERS = {
    "*/lib/x/libssl.so.3": "libssl3:amd64: /usr/lib/x/libssl.so.3\n",
    "*/lib/x/libm.so.6": "diversion by x from: /lib/x/libm.so.6\nlibc6:amd64: /lib/x/libm.so.6\n",
}


def test_the_libraries_of_a_program_are_found_out_in_the_sandbox(tmp_path):
    commands = []

    def run(command):
        commands.append(command)
        return 0, OWNERS[command[-1]] if command[0] == "dpkg-query" else LINKED, ""

    assert needs(order(), tmp_path / "package", run) == ["libc6", "libssl3"]
    assert commands[0][2].startswith("systemd-run ")
    assert [command[0] for command in commands[1:]] == ["dpkg-query"] * 2


def test_a_program_that_cannot_be_looked_at(tmp_path):
    with pytest.raises(HaLbError, match=r"haproxy 2.9.9: .*/package cannot be looked at: no such member"):
        needs(order(), tmp_path / "package", lambda _command: (2, "", "no such member\n"))


@pytest.mark.parametrize(
    "wanted",
    [
        *("DynamicUser=yes", "PrivateNetwork=yes", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "ProtectHome=yes"),
        *("MemoryMax=", "TasksMax=", "RuntimeMaxSec=", "LimitFSIZE=", "TemporaryFileSystem=/mnt:size="),
    ],
)
def test_the_sandbox_has_no_rights_and_has_limits(wanted):
    assert [each for each in SANDBOX if each.startswith(f"--property={wanted}")]


def test_whatever_is_unpacked_or_run_is_in_the_sandbox(archive, tmp_path):
    """Neither what was downloaded nor what was built is opened by root."""
    lines = []

    def run(command):
        lines.append(command[2])
        return sandbox("cat")(command)

    build(order(), archive, "make", tmp_path / "package.tar.gz", run)
    needs(order(), tmp_path / "package.tar.gz", lambda command: (0, lines.append(command[2]) or "", ""))
    assert len(lines) == 2
    assert all(line.startswith(shlex.join(SANDBOX)) for line in lines)


RECIPE = """
mkdir -p "$2$1/sbin"
cp program "$2$1/sbin/haproxy"
shift 2
echo "options: $*"
"""


def test_the_script_of_a_build_makes_a_package_whose_libraries_are_found(tmp_path):
    source = tmp_path / "haproxy-2.9.9"
    source.mkdir()
    shutil.copy("/bin/ls", source / "program")
    path = tmp_path / "source.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(source, source.name)
    wanted = order(sha256=hashlib.sha256(path.read_bytes()).hexdigest(), options=("USE_QUIC=1", "A=b c"))
    package = tmp_path / "package.tar.gz"
    build(wanted, path, RECIPE, package, unconfined(tmp_path / "build"))
    check_members(package)
    with tarfile.open(package) as tar:
        assert [member.name for member in tar] == [".", "./sbin", "./sbin/haproxy"]
        assert {(member.uid, member.gid) for member in tar} == {(0, 0)}
    assert package.with_suffix(".log").read_text() == "options: USE_QUIC=1 A=b c\n"
    assert "libc6" in needs(wanted, package, unconfined(tmp_path / "look"))

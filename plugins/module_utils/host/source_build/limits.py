# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of limited size: a source archive as it is downloaded and summed, a package before it is unpacked."""

from __future__ import annotations

import hashlib
import os
import tarfile
import time
import zlib
from pathlib import Path
from typing import Callable, Protocol, Tuple

from ...basics.errors import HaLbError

MIB = 2**20
MOST_BYTES = 256 * MIB  # of an archive; haproxy's and keepalived's are below 6 MiB
MOST_UNPACKED = 1024 * MIB
MOST_MEMBERS = 20_000
LONGEST_SECONDS = 600.0  # of a download


class Readable(Protocol):
    """What is read in pieces, as the response of a server."""

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, and nothing at the end."""


def save(source: Readable, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
    """Write what a server sends to a file, whole or not at all.

    Raises HaLbError when it is more than MOST_BYTES, or takes longer than LONGEST_SECONDS; OSError.
    """
    half, deadline, size = path.with_name(f".{path.name}.half"), clock() + LONGEST_SECONDS, 0
    try:
        with open(half, "wb") as file:
            for piece in iter(lambda: source.read(MIB), b""):
                size += len(piece)
                if size > MOST_BYTES:
                    raise HaLbError(f"more than {MOST_BYTES // MIB} MiB are no source archive")
                if clock() > deadline:
                    raise HaLbError(f"it is not here after {LONGEST_SECONDS:g} s")
                file.write(piece)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


def summed(path: Path) -> Tuple[str, bytes]:
    """Return the SHA-256 of a file in hexadecimal, and its first two bytes.

    Raises HaLbError when it is larger than MOST_BYTES; OSError.
    """
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        beginning = file.read(2)
        file.seek(0)
        for piece in iter(lambda: file.read(MIB), b""):
            digest.update(piece)
            if file.tell() > MOST_BYTES:
                raise HaLbError(f"{path} is larger than {MOST_BYTES // MIB} MiB, and no archive of a program")
    return digest.hexdigest(), beginning


def check_members(package: Path) -> None:
    """Refuse a package that would write outside of its folder, give rights to others, or fill the disk.

    Raises HaLbError, also when it is no package at all.
    """
    size = 0
    try:
        with tarfile.open(package, "r:gz") as tar:
            for number, member in enumerate(tar):
                size += member.size
                if number >= MOST_MEMBERS or size > MOST_UNPACKED:
                    raise HaLbError(f"{package} has more than {MOST_MEMBERS} files or {MOST_UNPACKED // MIB} MiB")
                strange = _strange(member)
                if strange:
                    raise HaLbError(f"{package} is not unpacked: {member.name!r} {strange}")
    except (tarfile.TarError, zlib.error, OSError, EOFError, ValueError) as error:
        raise HaLbError(f"{package} cannot be unpacked: {error}") from error


def _strange(member: tarfile.TarInfo) -> str:
    """Return what is wrong with a member; nothing when it may be unpacked."""
    if _leaves(member.name):
        return "leads out of the prefix"
    if member.issym() or member.islnk():
        return "links to what may be outside of the prefix" if _leaves(member.linkname) else ""
    if not (member.isreg() or member.isdir()):
        return "is neither a file, nor a folder, nor a link"
    return "gives rights to others" if member.mode & 0o6002 else ""


def _leaves(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/")

# SPDX-License-Identifier: GPL-3.0-or-later
"""archive.py FOLDER [COMMIT]: build the collection's archive there, of what is committed and of nothing else.

Two builds of one commit are the same octets, whoever builds them, where and when. `ansible-galaxy collection build`
keeps the times of files and the order in which a file system lists them; so its archive is unpacked and packed again,
sorted, with the time of the commit and modes that no umask touches. What is left to differ is another zlib.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
MANIFEST, FILES = "MANIFEST.json", "FILES.json"


def build(folder: Path, checkout: Path = CHECKOUT, commit: str = "HEAD") -> Path:
    """Build the archive of a commit into a folder, and return its path.

    Raises: subprocess.CalledProcessError, if git or ansible-galaxy fails; what they say is on standard error.
    """
    at = int(_git(checkout, "show", "--no-patch", "--format=%ct", commit))
    with tempfile.TemporaryDirectory() as scratch:
        tree, built = Path(scratch, "tree"), Path(scratch, "built")
        tree.mkdir()
        committed = _git(checkout, "archive", commit)
        subprocess.run(["tar", "--extract", "--directory", str(tree)], check=True, input=committed)
        _galaxy(tree, built)
        (raw,) = built.glob("*.tar.gz")
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / raw.name
        target.write_bytes(packed(_contents(raw), at))
    return target


def packed(contents: Mapping[str, tuple[bytes | None, bool]], at: int) -> bytes:
    """Return the archive of these files: {name: (content, whether it can be run)}; a content of None is a folder.

    `at` is the time of everything in it, in seconds since 1970. The list of files is sorted, and its sum, which the
    manifest has, is written anew.
    """
    contents = {**contents, **_listed(contents)}
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in (MANIFEST, FILES, *sorted(set(contents) - {MANIFEST, FILES})):
            content, runs = contents[name]
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            entry.mode = 0o755 if content is None or runs else 0o644
            entry.size = len(content or b"")
            entry.mtime = at
            archive.addfile(entry, io.BytesIO(content or b""))
    return gzip.compress(plain.getvalue(), compresslevel=9, mtime=0)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _listed(contents: Mapping[str, tuple[bytes | None, bool]]) -> dict[str, tuple[bytes, bool]]:
    """Return the list of files, sorted by name, and the manifest with the sum of it."""
    files = _read(contents, FILES)
    files["files"].sort(key=lambda file: file["name"])
    text = _written(files)
    manifest = _read(contents, MANIFEST)
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(text).hexdigest()
    return {FILES: (text, False), MANIFEST: (_written(manifest), False)}


def _read(contents: Mapping[str, tuple[bytes | None, bool]], name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(contents[name][0] or b"{}")
    return read


def _written(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, indent=1) + "\n").encode()


def _contents(path: Path) -> dict[str, tuple[bytes | None, bool]]:
    contents: dict[str, tuple[bytes | None, bool]] = {}
    with tarfile.open(path) as archive:
        for entry in archive:
            if not (entry.isfile() or entry.isdir()):
                raise ValueError(f"{entry.name} is neither a file nor a folder: the collection ships nothing else")
            opened = archive.extractfile(entry)
            contents[entry.name] = (opened.read() if opened else None, bool(entry.mode & 0o100))
    return contents


def _git(checkout: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(checkout), *arguments], check=True, stdout=subprocess.PIPE).stdout


def _galaxy(tree: Path, built: Path) -> None:
    """Run ansible-galaxy of this Python's environment, away from anybody's settings."""
    settings = built.parent / "ansible.cfg"
    settings.touch()
    own = {"ANSIBLE_HOME": str(built.parent / "home"), "ANSIBLE_CONFIG": str(settings)}
    subprocess.run(
        [sys.executable, "-m", "ansible.cli.galaxy", "collection", "build", "--output-path", str(built), str(tree)],
        check=True,
        cwd=built.parent,
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    made = build(Path(sys.argv[1]), commit=sys.argv[2] if len(sys.argv) > 2 else "HEAD")
    print(f"{sha256(made)}  {made}")

# SPDX-License-Identifier: GPL-3.0-or-later
"""prepare.py: check that what is committed is a release, and lay it down in dist/, all but the signature.

It runs with the environment of developers, and needs that of release/requirements.txt, whose programs are in TOOLS.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from release.archive import CHECKOUT, MANIFEST, build, sha256
from release.bill import bill_of

TOOLS = CHECKOUT / ".ansible/release/bin"
DIST, SUMS = "dist", "SHA256SUMS"
COMPLAINT = re.compile(r"^(?:ERROR|FAIL\w*)\b.*", re.MULTILINE)
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(f"{wrong}" if wrong else 0)
"""
SIGN = """
{folder} has the release {version}, unsigned. To sign it, with a key whose public half people have from elsewhere:
  gpg --armor --detach-sign --output {folder}/{manifest}.asc {folder}/{manifest}
  gpg --armor --detach-sign --output {folder}/{sums}.asc {folder}/{sums}
What was installed from it is then verified with
  ansible-galaxy collection verify {name} --offline --keyring KEYRING --signature file:///…/{manifest}.asc
At last, tag the commit: git tag --sign {version}
"""


class NoRelease(Exception):
    """What is committed is no release: one line for each reason."""


def prepare(checkout: Path = CHECKOUT) -> str:
    """Lay the release down in dist/ of the checkout, whole or not at all, and return how it is signed.

    Raises: NoRelease, with every reason that can be known at once.
    """
    shutil.rmtree(checkout / DIST, ignore_errors=True)
    findings = [*changed(checkout), *version_findings(checkout)]
    if findings:
        raise NoRelease("\n".join(findings))
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, DIST)
        archive = _built_twice(made, checkout)
        _imported(archive)
        with tarfile.open(archive) as opened:
            manifest = opened.extractfile(MANIFEST)
            (made / MANIFEST).write_bytes(manifest.read() if manifest else b"")
        _billed(archive, checkout)
        files = sorted(made.iterdir())
        (made / SUMS).write_text("".join(f"{sha256(each)}  {each.name}\n" for each in files))
        shutil.copytree(made, checkout / DIST)
    about = _galaxy(checkout)
    name = f"{about['namespace']}.{about['name']}"
    return SIGN.format(folder=DIST, name=name, version=about["version"], manifest=MANIFEST, sums=SUMS)


def changed(checkout: Path) -> Iterator[str]:
    """Yield what is not committed: a release is made of a commit."""
    command = ["git", "-C", str(checkout), "status", "--porcelain"]
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        yield f"{line[3:]}: is not committed"


def version_findings(checkout: Path) -> Iterator[str]:
    """Yield where galaxy.yml, the changelog's data, its text and its fragments do not agree on the version."""
    version = str(_galaxy(checkout)["version"])
    data = checkout / "changelogs/changelog.yaml"
    releases = (yaml.safe_load(data.read_text()) or {}).get("releases") or {} if data.exists() else {}
    if version not in releases:
        yield f"changelogs/changelog.yaml: has no release {version}, as galaxy.yml says: antsibull-changelog release"
    text = (checkout / "CHANGELOG.md").read_text().replace("\\", "")  # its dots are escaped
    if f"## v{version}" not in text.splitlines():
        yield f"CHANGELOG.md: has no heading v{version}, the version of galaxy.yml"
    for fragment in sorted((checkout / "changelogs/fragments").glob("*.y*ml")):
        yield f"changelogs/fragments/{fragment.name}: is of no release yet"


def _galaxy(checkout: Path) -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.safe_load((checkout / "galaxy.yml").read_text())
    return read


def _built_twice(folder: Path, checkout: Path) -> Path:
    """Build the archive here, and once more from a clone of its own with another umask; both must be the same."""
    with tempfile.TemporaryDirectory() as scratch:
        clone = Path(scratch, "elsewhere")
        subprocess.run(["git", "clone", "--quiet", str(checkout), str(clone)], check=True)
        archive, before = build(folder, checkout), os.umask(0o077)
        try:
            again = build(Path(scratch, "again"), clone)
        finally:
            os.umask(before)
        if sha256(archive) != sha256(again):
            raise NoRelease(f"{archive.name}: two builds of the same commit differ")
    return archive


def _imported(archive: Path) -> None:
    """Let Galaxy's importer look at the archive, as Galaxy will."""
    with tempfile.TemporaryDirectory() as scratch:
        own = {"HOME": scratch, "PATH": f"{TOOLS}:{os.environ['PATH']}"}
        command = [str(TOOLS / "python"), "-m", "galaxy_importer.main", str(archive.resolve())]
        ran = subprocess.run(
            command, cwd=scratch, env={**os.environ, **own}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    said = [match[0] for match in COMPLAINT.finditer(ran.stdout)]
    if ran.returncode or said:
        raise NoRelease("\n".join(f"galaxy-importer: {line}" for line in said or ran.stdout.splitlines()[-1:]))


def _billed(archive: Path, checkout: Path) -> None:
    """Write the bills of materials of the collection and of the toolchain beside the archive."""
    stem = archive.name.removesuffix(".tar.gz")
    bill = json.dumps(bill_of(archive), indent=1) + "\n"
    ran = subprocess.run([str(TOOLS / "python"), "-c", VALIDATE], input=bill, text=True, capture_output=True)
    if ran.returncode:
        raise NoRelease(f"the bill of materials is not valid: {ran.stderr.strip()}")
    archive.with_name(f"{stem}.cdx.json").write_text(bill)
    toolchain = archive.with_name(f"{stem}-toolchain.cdx.json")
    command = [str(TOOLS / "cyclonedx-py"), "requirements", "--output-reproducible", "--output-file", str(toolchain)]
    subprocess.run([*command, str(checkout / "requirements.txt")], check=True)


def main() -> int:
    """Print how the release is signed, or why there is none."""
    try:
        print(prepare().strip())
    except NoRelease as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

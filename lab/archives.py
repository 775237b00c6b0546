# SPDX-License-Identifier: GPL-3.0-or-later
"""Download upstream's source archives from Debian, for a lab whose nodes have no Internet access.

`archives.py DIRECTORY` writes first.yml (versions of Debian 12) and second.yml (Debian 13) there: the variables of
source builds, with the checksums of Debian's signed package lists.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from lab.engine import LabError, execute

SUITES = {"first": "bookworm", "second": "trixie"}
PRODUCTS = ("keepalived", "haproxy")
# -O0 halves the time to build; haproxy names the variable CPU_CFLAGS before 3.0 and OPT_CFLAGS since
QUICK = {"keepalived": ["CFLAGS=-O0"], "haproxy": ["CPU_CFLAGS=-O0", "OPT_CFLAGS=-O0"]}
SETTINGS = """
Dir::Etc::sourcelist "{here}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "{here}/lists";
Dir::Cache "{here}/cache";
APT::Sandbox::User "root";
"""
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
URI = re.compile(r"'[^']*' (?P<file>\w+_(?P<version>[0-9.]+)\.orig\.tar\.\w+) [0-9]+ SHA256:(?P<sha256>[0-9a-f]{64})")


def fetch(directory: Path) -> None:
    """Download the archives, and write the variables.

    Raises: LabError, if apt-get fails or has no such archive.
    """
    for folder in ("lists/partial", "cache/archives/partial"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    lines = [f"deb-src [signed-by={KEYRING}] http://deb.debian.org/debian {suite} main\n" for suite in SUITES.values()]
    (directory / "sources.list").write_text("".join(lines))
    (directory / "apt.conf").write_text(SETTINGS.format(here=directory))
    apt = ["env", "-C", str(directory), f"APT_CONFIG={directory}/apt.conf", "apt-get", "--quiet=2"]
    execute([*apt, "update"])
    for name, suite in SUITES.items():
        variables = {}
        for product in PRODUCTS:
            wanted = ["source", "--tar-only", f"{product}/{suite}"]
            found = URI.search(execute([*apt, "--print-uris", *wanted]).stdout)
            if not found:
                raise LabError(f"{suite} has no source archive of {product}")
            execute([*apt, "--download-only", *wanted])
            variables[f"{product}_source"] = {
                "version": found["version"],
                "archive": str(directory / found["file"]),
                "sha256": found["sha256"],
                "options": QUICK[product],
                # The tests cover both: keepalived is built on every node, haproxy on one node for all
                **({"build_on": "lb1"} if product == "haproxy" else {}),
            }
        (directory / f"{name}.yml").write_text(yaml.safe_dump(variables))


if __name__ == "__main__":
    fetch(Path(sys.argv[1]).resolve())

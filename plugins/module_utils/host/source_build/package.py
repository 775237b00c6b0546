# SPDX-License-Identifier: GPL-3.0-or-later
"""Building a program from its source archive into a package: a tar file of what belongs under the prefix.

The build runs in a transient unit of systemd: as a user that exists only for it, without network and with no rights at
all, at the lowest priority, with limits of time, memory, processes and space. The archive is its input, the package
its output, so it needs no place on the host but a file system in memory. What was built is looked at in the same way.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Tuple

from ...basics.errors import HaLbError
from ..runner import Runner
from .limits import summed

PREFIXES = Path("/usr/local")
NOTE = ".ha_lb.json"
LONGEST_SECONDS = 3600
LAST_LINES = 4
MAGIC = {b"\x1f\x8b": "--gzip", b"\xfd7": "--xz"}
PLACE = "/mnt"  # is on every host; what is mounted there cannot be seen by the build
# Of haproxy or keepalived with eight jobs, less than a third of each is used
MOST_MEMORY, MOST_SPACE, MOST_FILE, MOST_TASKS = "4G", "2G", "1G", 1024
LIMITS = {
    **{"Nice": 19, "IOSchedulingClass": "idle", "OOMScoreAdjust": 1000, "RuntimeMaxSec": LONGEST_SECONDS},
    **{"MemoryMax": MOST_MEMORY, "TasksMax": MOST_TASKS, "LimitFSIZE": MOST_FILE, "LimitCORE": 0},
    # In memory, because that can be limited; it counts as memory of the build
    "TemporaryFileSystem": f"{PLACE}:size={MOST_SPACE},mode=1777",
    "InaccessiblePaths": "/tmp /var/tmp",
}
RIGHTS = {
    **{"DynamicUser": "yes", "PrivateNetwork": "yes", "RestrictAddressFamilies": "AF_UNIX"},
    **{"CapabilityBoundingSet": "", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes"},
    **{"PrivateDevices": "yes", "ProtectClock": "yes", "ProtectControlGroups": "yes", "ProtectHostname": "yes"},
    **{"ProtectKernelLogs": "yes", "ProtectKernelModules": "yes", "ProtectKernelTunables": "yes"},
    **{"ProtectProc": "invisible", "RestrictNamespaces": "yes", "RestrictRealtime": "yes", "RestrictSUIDSGID": "yes"},
    **{"LockPersonality": "yes", "SystemCallArchitectures": "native", "SystemCallFilter": "@system-service"},
    "SystemCallErrorNumber": "EPERM",
}
SANDBOX = (
    *("systemd-run", "--quiet", "--wait", "--collect", "--pipe"),
    *(f"--working-directory={PLACE}", f"--setenv=TMPDIR={PLACE}"),
    *(f"--property={name}={value}" for name, value in {**RIGHTS, **LIMITS}.items()),
)
# Arguments: how the archive is packed, the recipe, the prefix, and the options of the build
STEPS = """set -eu
mkdir source out
tar --extract "$1" --strip-components=1 --directory=source
printf '%s' "$2" >recipe
shift 2
{ cd source && sh ../recipe "$1" "$OLDPWD/out" "${@:2}" && cd ..; } >&2 </dev/null
tar --create --gzip --owner=0 --group=0 --numeric-owner --directory="out$1" .
"""
# Arguments: the program's name in the package
LINKED = """set -eu
tar --extract --gzip "$1"
ldd "$1" || true
"""


@dataclass(frozen=True)
class Order:
    """What is to be built: the product and its version, from which archive, with which options."""

    product: str
    version: str
    sha256: str
    options: Tuple[str, ...]

    @property
    def title(self) -> str:
        """Return how people call it."""
        return f"{self.product} {self.version}"

    @property
    def prefix(self) -> Path:
        """Return where it goes."""
        return PREFIXES / f"{self.product}-{self.version}"

    @property
    def key(self) -> str:
        """Return what is the same for the same archive and the same options, and for nothing else."""
        return hashlib.sha256(json.dumps([self.sha256.lower(), self.options]).encode()).hexdigest()

    @property
    def package(self) -> str:
        """Return the name of the package, the same on the controller, the build host and the nodes."""
        return f"{self.product}-{self.version}-{self.key[:12]}.tar.gz"


def package_name(source: Mapping[str, Any], product: str) -> str:
    """Return the name of the package of a source build as it is described in the input."""
    return Order(product, str(source["version"]), source["sha256"], tuple(source.get("options") or ())).package


def checked(archive: Path, order: Order) -> bytes:
    """Return the beginning of an archive whose checksum is right.

    Raises HaLbError when it is not.
    """
    found, beginning = summed(archive)
    if found != order.sha256.lower():
        raise HaLbError(
            f"{order.title}: the SHA-256 of {archive} is {found}, and not {order.sha256.lower()}: nothing is installed"
        )
    return beginning


def build(order: Order, archive: Path, recipe: str, package: Path, run: Runner) -> None:
    """Build a package; its log stays beside it.

    Raises HaLbError, with the last lines of the log, when the build fails: there is no package then.
    """
    flag = MAGIC.get(checked(archive, order))
    if flag is None:
        raise HaLbError(f"{order.title}: {archive} is neither packed by gzip nor by xz")
    log, made = package.with_suffix(".log"), package.with_suffix(".new")
    inner = [*SANDBOX, "bash", "-c", STEPS, "bash", flag, recipe, str(order.prefix), *order.options]
    command = f"{shlex.join(inner)} <{shlex.quote(str(archive))} >{shlex.quote(str(made))} 2>{shlex.quote(str(log))}"
    code = run(["sh", "-c", command])[0]
    if code:
        made.unlink()
        raise HaLbError(
            f"{order.title} could not be built: {last_lines(log)}; the whole log is {log} on the build host"
        )
    os.replace(made, package)


def last_lines(log: Path) -> str:
    """Return the end of a log on one line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-LAST_LINES:]) or "it said nothing"


def needs(order: Order, package: Path, run: Runner) -> list[str]:
    """Return the packages of the distribution whose libraries the program in a package is linked with.

    Raises HaLbError when the program cannot be looked at.
    """
    inner = [*SANDBOX, "bash", "-c", LINKED, "bash", f"./sbin/{order.product}"]
    code, out, err = run(["sh", "-c", f"{shlex.join(inner)} <{shlex.quote(str(package))}"])
    if code:
        raise HaLbError(f"{order.title}: {package} cannot be looked at: {(err or out).strip()}")
    lines = out.splitlines()
    found: set[str] = set()
    for path in {line.split("=>")[1].split()[0] for line in lines if "=> /" in line}:
        # Before the merge of /usr, or after it: a package's list may have the other name
        name = path[len("/usr") :] if path.startswith("/usr/") else path
        said = run(["dpkg-query", "--search", f"*{name}"])[1].splitlines()
        found.update(line.split(":")[0] for line in said if line.endswith(name) and "diversion" not in line)
    return sorted(found)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Run commands on this machine: podman, and whatever needs root.

Overrides: LAB_RUNTIME=<OCI runtime>.
"""

from __future__ import annotations

import json
import os
import resource
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

Completed = subprocess.CompletedProcess[str]

# podman's default limits for a container
MOST_FILES = 1048576
MOST_PROCESSES = 32768
CAP_SYS_RESOURCE = 24
TIMED_OUT = 124


class LabError(Exception):
    """A failure of the lab; its text tells the developer what to do."""


def find(program: str) -> str:
    """Return a program's path, searching PATH, /usr/sbin and /sbin.

    Raises: LabError, if it is not installed.
    """
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise LabError(f"{program} is not installed: `make setup` installs it")
    return path


def as_root(program: str, *arguments: str) -> list[str]:
    """Return the command line that runs a program as root."""
    command = [find(program), *arguments]
    return command if os.geteuid() == 0 else [find("sudo"), *command]


def execute(
    command: Sequence[str], *, check: bool = True, timeout: float | None = None, stdin: str | None = None
) -> Completed:
    """Run a command; with check=False, a failure or timeout is in the returned status and stderr.

    Raises: LabError, if check is set and it fails or takes longer than timeout.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout, input=stdin or "")
    except subprocess.TimeoutExpired:
        done = Completed(list(command), TIMED_OUT, "", f"no end within {timeout:g} s")
    if check and done.returncode:
        output = (done.stderr or done.stdout).strip()
        raise LabError(f"`{shlex.join(command)}` failed with status {done.returncode}: {output}")
    return done


def podman(*arguments: str, check: bool = True, timeout: float | None = None, stdin: str | None = None) -> Completed:
    """Run podman."""
    return execute(as_root("podman", *arguments), check=check, timeout=timeout, stdin=stdin)


def podman_making(*arguments: str) -> Completed:
    """Run a podman command that creates containers, with the OCI runtime that works here."""
    return podman(*runtime_options(), *arguments)


@cache
def runtime_options() -> tuple[str, ...]:
    """Return podman's option for the OCI runtime; empty where podman's default works."""
    runtime = os.environ.get("LAB_RUNTIME", "")
    if not runtime and Path("/sys/fs/cgroup/unified").is_mount():
        chosen = json.loads(podman("info", "--format", "json").stdout)["host"]["ociRuntime"]["name"]
        # crun refuses cgroups in hybrid mode (v1 and v2)
        runtime = find("runc") if chosen == "crun" else ""
    return ("--runtime", runtime) if runtime else ()


@cache
def limit_options() -> tuple[str, ...]:
    """Return options that keep the current limits: without CAP_SYS_RESOURCE, podman fails to raise them."""
    if _root_may_raise_limits():
        return ()
    files = _hard_limit(resource.RLIMIT_NOFILE, MOST_FILES)
    processes = _hard_limit(resource.RLIMIT_NPROC, MOST_PROCESSES)
    return (f"--ulimit=nofile={files}:{files}", f"--ulimit=nproc={processes}:{processes}")


def _root_may_raise_limits() -> bool:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    bounding = next(line.split()[1] for line in status.splitlines() if line.startswith("CapBnd:"))
    return bool(int(bounding, 16) >> CAP_SYS_RESOURCE & 1)


def _hard_limit(kind: int, most: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return most if hard == resource.RLIM_INFINITY else min(hard, most)

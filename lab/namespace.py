# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ip(8) in a container's network namespace or in this machine's own."""

from __future__ import annotations

import hashlib

from lab.engine import LabError, as_root, execute, find, podman


def pid_of(container: str) -> int:
    """Return the process whose network namespace is the container's.

    Raises: LabError, if the container is not running.
    """
    pid = int(podman("inspect", "--format", "{{.State.Pid}}", container).stdout)
    if pid == 0:
        raise LabError(f"{container} is not running")
    return pid


def ip(pid: int | None, *commands: str, check: bool = True) -> None:
    """Run commands of ip(8) in the namespace of a process, or in this machine's own."""
    tool = [find("ip"), "-batch", "-"]
    command = as_root(*tool) if pid is None else as_root("nsenter", "--target", str(pid), "--net", *tool)
    execute(command, check=check, stdin="\n".join(commands) + "\n")


def mac_of(cable: str) -> str:
    """Return a locally administered MAC that depends on the cable: a NIC keeps it over a power cut."""
    return ":".join(["02", *(f"{byte:02x}" for byte in hashlib.sha256(cable.encode()).digest()[:5])])

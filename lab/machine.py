# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes with a kernel of their own: user-mode Linux, for what this machine's kernel has not.

Such a kernel is an ordinary process. It runs in a container like any other node: so it has the container's cables,
power and end. But a command in the container is no command in the node, which is reached by SSH alone.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from lab import ssh
from lab.engine import LabError, as_root, execute

FILES = "/machine/files"
MEMORY = "256M"
CAPABILITIES = "NET_RAW"
LOADED = Path("/sys/module")


def missing(modules: Iterable[str], loaded: Path = LOADED) -> list[str]:
    """Return which of these modules this machine's kernel neither has nor can load: a container cannot load them."""
    return [module for module in modules if not (loaded / module).exists() and not _load(module)]


def options() -> list[str]:
    """Return what `podman run` must know besides the image."""
    return [
        f"--cap-add={CAPABILITIES}",
        "--systemd=false",
        # The memory of the machine
        "--tmpfs=/run:exec,mode=755",
        # It is the machine that speaks, not its container
        "--sysctl=net.ipv6.conf.default.disable_ipv6=1",
    ]


def arguments(management: str, addresses: Iterable[str]) -> list[str]:
    """Return the arguments of the image (lab/image/machine/boot)."""
    return [MEMORY, management, *addresses]


def command(state: Path, node: str, address: str, argv: Sequence[str]) -> list[str]:
    """Return the command line that runs a command in a node from this machine."""
    socket = ssh.control_path(state, node)
    shared = [f"-oControlPath={socket}", "-oControlMaster=auto", "-oControlPersist=60"] if socket else []
    patience = ["-oBatchMode=yes", "-oConnectTimeout=5", "-oServerAliveInterval=5", "-oServerAliveCountMax=3"]
    login = ["-i", str(ssh.key_path(state)), "-l", "root", address]
    return ["ssh", *ssh.options(state), *patience, *shared, *login, shlex.join(argv)]


def _load(module: str) -> bool:
    try:
        return execute(as_root("modprobe", "--quiet", module), check=False).returncode == 0
    except LabError:
        return False  # without modprobe, nothing can be loaded

# SPDX-License-Identifier: GPL-3.0-or-later
"""How the nodes of a lab are reached by SSH: with a key of the lab's own, and host keys that it has seen being made."""

from __future__ import annotations

from pathlib import Path

from lab.engine import execute

# ssh appends 17 characters to the name of a socket that it creates; the kernel's limit is 108
LONGEST_SOCKET = 108 - 17 - 1
SOCKET = ".sock"
HANG_UP_SECONDS = 60


def make_key(state: Path) -> str:
    """Make the lab's SSH key, and return its public half."""
    key = key_path(state)
    key.parent.mkdir(mode=0o700)
    execute(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "evenkeel lab", "-f", str(key)])
    return key.with_suffix(".pub").read_text(encoding="ascii")


def trust(state: Path, address: str, host_key: str) -> None:
    """Add a node's host key to known_hosts."""
    with _known_hosts(state).open("a", encoding="ascii") as file:
        file.write(f"{address} {host_key}\n")


def options(state: Path) -> list[str]:
    """Return the options of ssh(1) for every node, but for the key."""
    settings = {
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "StrictHostKeyChecking": "yes",
        # OpenSSH's default, a post-quantum key exchange, takes most of the time of a login
        "KexAlgorithms": "curve25519-sha256",
        "UserKnownHostsFile": _known_hosts(state),
    }
    # -F none: the user's ssh_config may have settings for these addresses
    return ["-F", "none", *(f"-o{key}={value}" for key, value in settings.items())]


def key_path(state: Path) -> Path:
    """Return the file of the lab's key."""
    return state / "ssh" / "id_ed25519"


def control_path(state: Path, node: str) -> Path | None:
    """Return the socket of the persistent connection to a node, or nothing where its name would be too long."""
    socket = state / "ssh" / f"{node}{SOCKET}"
    return socket if len(str(socket)) <= LONGEST_SOCKET else None


def hang_up(state: Path, node: str = "*") -> None:
    """Close the persistent connection to a node, or to all nodes."""
    for socket in (state / "ssh").glob(f"{node}{SOCKET}"):
        execute(["ssh", "-O", "exit", "-o", f"ControlPath={socket}", node], check=False, timeout=HANG_UP_SECONDS)


def _known_hosts(state: Path) -> Path:
    return state / "ssh" / "known_hosts"

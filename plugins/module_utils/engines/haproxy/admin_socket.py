# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy's admin socket: asking clients for another connection, and whether the stick tables are whole."""

from __future__ import annotations

import re
import socket
from pathlib import Path

PATIENCE = 3.0
VARIABLE = "proc.ha_lb_drain"
RESYNCHRONISED = 0x3  # flags of `show peers`: what there was locally, and what the peers had, has been learned


def ask(path: Path, command: str) -> str:
    """Return what haproxy says to a command; nothing where no haproxy listens, as with another engine."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(path))
            connection.sendall(command.encode() + b"\n")
            parts = iter(lambda: connection.recv(65536), b"")
            return b"".join(parts).decode(errors="replace")
    except OSError:
        return ""


def shed(path: Path, wanted: bool) -> None:
    """Say whether each response is to close its connection, so that no client keeps one that a move would break."""
    ask(path, f"experimental-mode on; set var {VARIABLE} int({int(wanted)})")


def unlearned(said: str) -> list[str]:
    """Return the sections of peers, from `show peers`, that have not learned yet what the other nodes know."""
    found = re.findall(r"^0x\w+: .*?\bid=(\S+) .*?\bflags=0x([0-9a-f]+)", said, re.MULTILINE)
    return [name for name, flags in found if int(flags, 16) & RESYNCHRONISED != RESYNCHRONISED]

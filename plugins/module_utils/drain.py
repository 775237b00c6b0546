# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking a node out of service and back, on the node: what is written, and waiting until the VIPs have moved.

A drained node adds a number to its priority (keepalived's tracked file) that puts it below every healthy peer.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable, Optional

from .errors import HaLbError
from .files import content, replace
from .vrrp.model import bare

Held = Callable[[], "set[str]"]
POLL_SECONDS = 0.02
AT_BOOT = "# Drained, also after a reboot. The first line for a path counts: restore takes this file away.\n"


@dataclass(frozen=True)
class Drain:
    """What is added to the priority of a node (0: it serves), since when (seconds since the epoch), and how long."""

    value: int
    since: float
    survives_reboot: bool


@dataclass(frozen=True)
class DrainFiles:
    """The tracked file, and the line of tmpfiles.d that makes it so at boot."""

    now: Path
    at_boot: Path

    def read(self) -> Optional[Drain]:
        """Return how it is, or None where there is no tracked file."""
        data = content(self.now)
        if data is None:
            return None
        number = re.match(rb"\s*(-?[0-9]{1,9})", data)
        return Drain(int(number[1]) if number else 0, self.now.stat().st_mtime, content(self.at_boot) is not None)

    def write(self, value: int, survives_reboot: bool) -> None:
        """Say how it is to be."""
        if survives_reboot:
            line = f"{AT_BOOT}f {self.now} 0644 root root - {value}\n"
            replace(self.at_boot, line.encode(), "0644", "root")
        elif self.at_boot.exists():
            self.at_boot.unlink()
        if (self.read() or Drain(0, 0, False)).value != value:
            self.now.write_text(f"{value}\n")


def set_drain(
    files: DrainFiles, wanted: Drain, addresses: Iterable[str], held: Held, seconds: float, dry: bool = False
) -> bool:
    """Drain this node, or bring it back; return whether that changed anything.

    Waits, at most so many seconds, until none of the addresses is here; for a node that comes back, until all are.
    Raises HaLbError when it is not set up, and when the addresses do not leave: then it serves as before.
    """
    before = files.read()
    if before is None:
        raise HaLbError(f"{files.now} is not there: this node is not set up, or by somebody else; run site first")
    changed = (before.value, before.survives_reboot) != (wanted.value, wanted.survives_reboot)
    if dry:
        return changed
    if changed:
        files.write(wanted.value, wanted.survives_reboot)
    of_interest = {bare(address) for address in addresses}
    wrong = _wait((lambda: of_interest & held()) if wanted.value else (lambda: of_interest - held()), seconds)
    if wrong and wanted.value:
        files.write(before.value, before.survives_reboot)
        raise HaLbError(
            f"after {seconds:g} s no other node has taken {_listed(wrong)}: the drain is taken back, and this node "
            "serves as before; status says what the others lack"
        )
    if wrong:
        raise HaLbError(
            f"after {seconds:g} s {_listed(wrong)} did not come back to this node, which is no longer drained; "
            "status says who is active"
        )
    return changed


def _wait(wrong: Held, seconds: float) -> set[str]:
    """Wait until nothing is wrong, and return what still is."""
    deadline = time.monotonic() + seconds
    while True:
        found = wrong()
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(POLL_SECONDS)


def _listed(addresses: Iterable[str]) -> str:
    return " and ".join(sorted(addresses))

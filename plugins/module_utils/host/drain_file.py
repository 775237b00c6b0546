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

from ..basics.address import bare
from ..basics.errors import HaLbError
from .files import content, replace
from .paths import UPLINK

Held = Callable[[], "set[str]"]
POLL_SECONDS = 0.02
# Playbooks that drain a node only for a while: one that still is, is left over from a run that was killed. keepalived
# reads the number before the word.
FOR_A_WHILE = ("upgrade", "remove")
_TEXT = re.compile(rf"\s*(-?[0-9]{{1,9}})(?:\s+({'|'.join(FOR_A_WHILE)})\b)?".encode())
AT_BOOT = "# Drained, also after a reboot. The first line for a path counts: restore takes this file away.\n"


@dataclass(frozen=True)
class Drain:
    """What is added to the priority of a node (0: it serves), since when (seconds since the epoch), and how long."""

    value: int
    since: float
    survives_reboot: bool
    by: str = ""
    """The playbook that drained it for a while; empty when it was people."""

    @property
    def text(self) -> str:
        """Return what the tracked file says."""
        return f"{self.value} {self.by}".rstrip()


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
        found = _TEXT.match(data)
        value, by = (int(found[1]), (found[2] or b"").decode()) if found else (0, "")
        return Drain(value, self.now.stat().st_mtime, content(self.at_boot) is not None, by)

    def cut_off(self) -> bool:
        """Tell whether this node reaches no uplink: then its peers keep the VIPs, whatever is said here."""
        found = _TEXT.match(content(self.now.with_name(Path(UPLINK).name)) or b"")
        return bool(found and int(found[1]))

    def write(self, wanted: Drain) -> None:
        """Say how it is to be."""
        if wanted.survives_reboot:
            line = f"{AT_BOOT}f {self.now} 0644 root root - {wanted.text}\n"
            replace(self.at_boot, line.encode(), "0644", "root")
        elif self.at_boot.exists():
            self.at_boot.unlink()
        if (self.read() or Drain(0, 0, False)).text != wanted.text:
            self.now.write_text(f"{wanted.text}\n")


def set_drain(
    files: DrainFiles, wanted: Drain, addresses: Iterable[str], held: Held, seconds: float, dry: bool = False
) -> bool:
    """Drain this node, or bring it back; return whether that changed anything.

    Waits, at most so many seconds, until none of the addresses is here; for a node that comes back, until all are,
    unless it is cut off from its uplinks.
    Raises HaLbError when it is not set up, and when the addresses do not leave: then it serves as before.
    """
    before = files.read()
    if before is None:
        raise HaLbError(f"{files.now} is not there: this node is not set up, or by somebody else; run site first")
    changed = (before.text, before.survives_reboot) != (wanted.text, wanted.survives_reboot)
    if dry:
        return changed
    if changed:
        files.write(wanted)
    of_interest = {bare(address) for address in addresses if wanted.value or not files.cut_off()}
    wrong = _wait((lambda: of_interest & held()) if wanted.value else (lambda: of_interest - held()), seconds)
    if wrong and wanted.value:
        files.write(before)
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

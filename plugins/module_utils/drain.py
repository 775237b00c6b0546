# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking a node out of service and back: whether it may go, what it gives up, what it takes back.

A drained node adds a number to its priority (keepalived's tracked file) that puts it below every healthy peer.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, Optional, Sequence

from .errors import HaLbError
from .files import content, replace
from .verdict import drained, misplaced, two_holders
from .vrrp.model import bare
from .vrrp.read import read_vips

Held = Callable[[], "set[str]"]
POLL_SECONDS = 0.02
ABLE = ("MASTER", "BACKUP")
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


def drain_outlook(
    node: str, vips: Any, asked: Sequence[Mapping[str, Any]], preempt: bool = True, key: str = "__ha_lb_peer"
) -> dict[str, Any]:
    """Say what draining a node, or bringing it back, means; `asked` is what M(vrrp_info) said, by `key`.

    Returns `drained`, `silent` (why it cannot be asked; empty when it answers), `refused` (why it must not be drained
    now, a sentence each), `misplaced` (VIPs without exactly one holder), `shared` (those with more than one) and
    `takes` (addresses that it will hold when it is back). Raises Refused for wrong VIPs.
    """
    infos = {each[key]: each for each in asked}
    already = drained(infos[node])
    return {
        "drained": already,
        "silent": "" if "running" in infos[node] else f"{node} {unable(infos[node])}",
        "refused": [] if already else _refused(node, infos),
        "misplaced": misplaced(vips, infos),
        "shared": [each.message for each in two_holders(read_vips(vips), infos)],
        "takes": _takes(node, infos, preempt),
    }


def unable(info: Mapping[str, Any]) -> str:
    """Say why a node could not take over; say nothing if it could."""
    if "running" not in info:
        return "cannot be reached" if info.get("unreachable") else f"does not say how it is ({info.get('msg')})"
    if not info["running"]:
        return "runs no keepalived"
    if info["proxy"] != "ok":
        return f"has a proxy that does not answer ({info['proxy']})"
    if drained(info):
        return "is drained"
    states = sorted({each["state"] for each in info["instances"] if each["state"] not in ABLE})
    return f"is in state {' and '.join(states)}" if states else ""


def _drained(info: Mapping[str, Any]) -> bool:
    return bool((info.get("drain") or {}).get("value"))


def _refused(node: str, infos: Mapping[str, Mapping[str, Any]]) -> list[str]:
    info = infos[node]
    if "running" not in info:
        return [f"{node} {unable(info)}, so it is left as it is"]
    if info.get("drain") is None:
        return [f"{node} is not set up by this collection: run site first"]
    if unable(info) and not info["held"]:
        return []
    why: dict[str, list[str]] = {}
    for each in info["instances"]:
        others = [other for other in infos if other != node and not _lacks(infos[other], each["name"])]
        reasons = {other: _lacks(infos[other], each["name"]) for other in infos if other != node}
        if not others:
            said = "; ".join(f"{other} {reason}" for other, reason in reasons.items())
            why.setdefault(said or "there is no other node", []).append(each["name"])
    return [
        f"{node} is the last node that can serve {' and '.join(names)}, and is not drained: {reasons}"
        for reasons, names in why.items()
    ]


def _lacks(info: Mapping[str, Any], instance: str) -> str:
    """Say why a node could not take over this instance."""
    there = "running" not in info or any(each["name"] == instance for each in info["instances"])
    return unable(info) or ("" if there else f"does not have {instance}")


def _takes(node: str, infos: Mapping[str, Mapping[str, Any]], preempt: bool) -> list[str]:
    addresses: list[str] = []
    for each in infos[node].get("instances") or ():
        rivals = [
            other["effective_priority"]
            for name, info in infos.items()
            for other in info.get("instances") or ()
            if name != node and other["name"] == each["name"] and other["state"] in ABLE
        ]
        if not rivals or (preempt and each["priority"] > max(rivals)):
            addresses += map(bare, each["addresses"])
    return addresses


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

# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a running keepalived for its status, and the kernel for the addresses of the host."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence

from ...basics.errors import HaLbError
from ...host.http_probe import SERVES
from .status import read_status

if TYPE_CHECKING:
    from ...host.runner import Runner

States = Optional[List[Dict[str, Any]]]
JSON_SIGNAL = signal.SIGRTMIN + 2  # `keepalived --signum=JSON`
ANSWER_SECONDS = 3.0


def instance_states(pid_file: Path, path: Path) -> States:
    """Return the states of all instances, or None when keepalived does not run.

    Raises HaLbError when it does not answer.
    """
    before = _stamp(path)
    try:
        os.kill(int(pid_file.read_text()), JSON_SIGNAL)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    except PermissionError as error:
        raise HaLbError("only root may ask keepalived: log in as root, or use become") from error
    deadline = time.monotonic() + ANSWER_SECONDS
    problem = HaLbError(f"keepalived runs, but does not write its status to {path}")
    while time.monotonic() < deadline:
        # Somebody else who asks may have taken it away
        if _stamp(path) not in (None, before):
            # It writes into the file that can be seen already, so the first look may find half of it
            try:
                return read_status(path.read_text())
            except HaLbError as error:
                problem = error
        time.sleep(0.01)
    raise problem


def watches_files(pid_file: Path, processes: Path = Path("/proc")) -> bool:
    """Tell whether a child of keepalived has an inotify instance; without, it ignores its tracked files.

    keepalived only logs that it got none (man inotify(7), max_user_instances). True where nothing can be told.
    """
    try:
        main = processes / pid_file.read_text().strip()
        children = (main / "task" / main.name / "children").read_text().split()
        handles = [handle for child in children for handle in (processes / child / "fd").iterdir()]
        return any(os.readlink(handle) == "anon_inode:inotify" for handle in handles)
    except OSError:
        return True


def lacking(
    wanted: str,
    states: States,
    proxy: str,
    earlier: States = None,
    *,
    drained: bool = False,
    watching: bool = True,
    peers_run: Sequence[str] = (),
) -> str:
    """Say what keeps a node from being `settled` or `fit`; say nothing when it is, or when nothing is wanted.

    A fit one has heard or sent an advert since it was asked `earlier`, and is `watching` its tracked files. One that
    is `drained` may be in FAULT: it is, where its peers do not preempt. A backup of which no peer speaks yet may be
    silent, if it is known what the `peers_run`: its group keeps it from becoming active.
    """
    if wanted == "nothing":
        return ""
    if states is None:
        return "keepalived does not run"
    states = [each for each in states if not (drained and each["state"] == "FAULT")]
    allowed = {"settled": ("MASTER", "BACKUP", "FAULT"), "fit": ("MASTER", "BACKUP")}[wanted]
    parts = [f"instance {each['name']} is in state {each['state']}" for each in states if each["state"] not in allowed]
    if wanted == "fit" and proxy not in SERVES:
        parts.append(f"the proxy does not answer to health checks ({proxy})")
    if wanted == "fit" and not watching:
        parts.append(_BLIND)
    if wanted == "fit" and not parts:
        parts += [
            _SILENT[each["state"]].format(each["name"])
            for each in states
            if _silent(each, earlier) and (each["state"] == "MASTER" or not peers_run or each["name"] in peers_run)
        ]
    return " and ".join(parts)


def patience(states: States) -> float:
    """Return in how many seconds an advert is heard or sent by each instance, if all is well."""
    return 2 * max((each["advert_interval"] for each in states or ()), default=0.0)


_BLIND = (
    "keepalived does not watch its tracked files, so nothing can make it give up a VIP: "
    "raise the sysctl fs.inotify.max_user_instances and restart it"
)
_COUNTS = {"MASTER": "adverts_sent", "BACKUP": "adverts_received"}
_SILENT = {
    "MASTER": "instance {} is active and sends no adverts",
    "BACKUP": "instance {} is a backup and hears no adverts: see that VRRP (IP protocol 112) comes through to it",
}


def _silent(now: Mapping[str, Any], earlier: States) -> bool:
    """Tell whether an instance has counted nothing since then; a restart begins to count anew."""
    count = _COUNTS[now["state"]]
    before = {each["name"]: each[count] for each in earlier or ()}
    return earlier is None or bool(now[count] == before.get(now["name"], 0))


def _stamp(path: Path) -> Optional[tuple[int, int]]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns


def held_addresses(run: Runner) -> set[str]:
    """Return every address of the host.

    Raises HaLbError when `ip` does not say.
    """
    code, out, err = run(["ip", "-json", "address"])
    if code:
        raise HaLbError(f"ip address: {err.strip()}")
    return {info["local"] for link in json.loads(out) for info in link.get("addr_info", ()) if "local" in info}

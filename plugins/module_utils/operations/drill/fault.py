# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault that mends itself: a transient unit of systemd whose ExecStopPost mends the node, however the unit ends.

So a node is mended also when nobody can reach it, when the run is killed, and when the controller dies.
"""

from __future__ import annotations

import re
import shlex
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ...basics.errors import HaLbError
from ...host import paths
from .catalogue import Drill

UNIT = "ha_lb-drill.service"
FOLDER = paths.DRILL
PATIENCE = 30.0  # seconds that breaking or mending may take
BROKEN, MENDED, FAILED = "broken", "mended", "failed"  # words of the log


class FaultPlan(NamedTuple):
    """The files to write into FOLDER, by name, and the command to run then."""

    files: Mapping[str, str]
    command: Sequence[str]


class Log(NamedTuple):
    """When a node was broken and mended, in seconds since the epoch, and whether breaking it failed."""

    broken: Optional[float]
    mended: Optional[float]
    failed: bool


def plan_of(drill: Drill, settings: Mapping[str, Any], lead: float, hold: float) -> FaultPlan:
    """Return the plan of a fault that begins after `lead` seconds and is mended `hold` seconds later.

    `settings` are the variables of the drill's shell, by name.
    """
    known = "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in settings.items())
    run = f"sleep {lead:g}\n{_note(BROKEN)}\nsh -e {FOLDER}/break || {{ {_note(FAILED)}; exit 1; }}\nsleep {hold:g}\n"
    files = {
        "fault": run,
        "break": f"{known}{drill.fault}\n",
        "mend": f"{_note(MENDED)}\n{known}{drill.mend}\n",
        "log": "",
    }
    properties = {
        "ExecStopPost": f"/bin/sh {FOLDER}/mend",
        "RuntimeMaxSec": f"{lead + hold + PATIENCE:g}",
        "TimeoutStopSec": f"{PATIENCE:g}",
    }
    options = [f"--property={name}={value}" for name, value in properties.items()]
    command = ["systemd-run", "--quiet", "--collect", f"--unit={UNIT}", *options, "/bin/sh", f"{FOLDER}/fault"]
    return FaultPlan(files, command)


def read_log(text: str) -> Log:
    """Return what the scripts have logged.

    Raises HaLbError for a line that they do not write.
    """
    times: dict[str, float] = {}
    for line in text.splitlines():
        word = re.fullmatch(r"(\w+) ([0-9]+\.[0-9]+)", line)
        if not word or word[1] not in (BROKEN, MENDED, FAILED):
            raise HaLbError(f"{FOLDER}/log: {line!r} is not what a drill writes: was it changed by hand?")
        times.setdefault(word[1], float(word[2]))
    return Log(times.get(BROKEN), times.get(MENDED), FAILED in times)


def _note(word: str) -> str:
    return f"echo {word} $(date +%s.%N) >>{FOLDER}/log"

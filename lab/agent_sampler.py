# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agents of this node take, as a line of JSON now and then, until standard input ends; it runs in a node.

It takes the interval in seconds and the file in which the guard writes its acts.
"""

from __future__ import annotations

import json
import os
import re
import select
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

UNIT = re.compile(r"/(ha_lb-[a-z]+)\.service$", re.MULTILINE)
MEMORY = re.compile(r"^(Rss|Pss): +([0-9]+) kB$", re.MULTILINE)
# Of proc(5)'s stat, counted from the state: utime, stime, cutime, cstime; and starttime
TIMES, BEGAN = slice(11, 15), 19


def processes() -> Iterator[dict[str, Any]]:
    """Yield every process of an agent: its unit, PID and start, seconds of a processor with its children's, and kB."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            unit = UNIT.search((folder / "cgroup").read_text())
            if not unit:
                continue
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            memory = {name.lower(): int(size) for name, size in MEMORY.findall((folder / "smaps_rollup").read_text())}
        except (FileNotFoundError, ProcessLookupError):
            continue
        seconds = sum(map(int, fields[TIMES])) / os.sysconf("SC_CLK_TCK")
        yield {"unit": unit[1], "process": f"{folder.name}@{fields[BEGAN]}", "seconds": seconds, **memory}


def acts(path: Path) -> list[str]:
    """Return the acts of the guard, each as a line."""
    try:
        return [
            f"{each['time']}: {each['did']}, because {each['cause']}" for each in json.loads(path.read_text())["acts"]
        ]
    except (OSError, ValueError, KeyError):
        return []


def main() -> None:
    """Print a sample every interval."""
    interval, guard = float(sys.argv[1]), Path(sys.argv[2])
    while True:
        print(json.dumps({"processes": list(processes()), "acts": acts(guard)}), flush=True)
        if select.select([sys.stdin], [], [], interval)[0]:
            return


if __name__ == "__main__":
    main()

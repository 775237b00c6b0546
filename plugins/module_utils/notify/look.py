# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking keepalived once a second for its states, for those who may not: the notifier and the status page.

It runs as root, who alone may signal keepalived: without capabilities or a network, and with one writable directory.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional

from ..errors import HaLbError
from ..keepalived.dump import instance_states
from .queue import write_whole

SECONDS = 1.0
SHOWN = ("name", "state", "priority", "effective_priority", "since", "addresses", "interface", "vrid")
NOTHING_YET: Mapping[str, Any] = {"time": 0.0, "answers": True, "running": False, "silent_since": None, "instances": []}
Ask = Callable[[], Optional[List[Dict[str, Any]]]]


def looked(ask: Ask, earlier: Mapping[str, Any], now: float) -> Dict[str, Any]:
    """Return what keepalived answers; where it does not, what it said last, and since when it is silent."""
    try:
        states = ask()
    except (HaLbError, OSError):
        return {**earlier, "time": now, "answers": False, "silent_since": earlier["silent_since"] or now}
    shown = [{key: each[key] for key in SHOWN} for each in states or ()]
    return {"time": now, "answers": True, "running": states is not None, "silent_since": None, "instances": shown}


def read_look(path: Path) -> Dict[str, Any]:
    """Return the last look; before the first one, that nothing is known."""
    try:
        return {**NOTHING_YET, **json.loads(path.read_text())}
    except (OSError, ValueError):
        return dict(NOTHING_YET)


def main() -> None:
    """Look for ever."""
    path = Path(os.environ["HA_LB_LOOK"])
    look: Mapping[str, Any] = NOTHING_YET
    while True:
        begin = time.monotonic()
        look = looked(
            lambda: instance_states(Path("/run/keepalived.pid"), Path("/run/keepalived/keepalived.json")),
            look,
            time.time(),
        )
        write_whole(path, json.dumps(look), durable=False)
        time.sleep(max(0.0, SECONDS - (time.monotonic() - begin)))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard's last look at keepalived, as it is written for the other agents."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Mapping

# `time` is that of the last look, `asked` that of the last answer or attempt; in seconds since the epoch
NOTHING_YET: Mapping[str, Any] = {
    **{"time": 0.0, "asked": 0.0, "answers": True},
    **{"running": False, "silent_since": None, "instances": []},
}


def read_look(path: str | os.PathLike[str]) -> Dict[str, Any]:
    """Return the last look; before the first one, NOTHING_YET."""
    try:
        with open(path, encoding="utf-8") as file:
            return {**NOTHING_YET, **json.load(file)}
    except (OSError, TypeError, ValueError):
        return dict(NOTHING_YET)

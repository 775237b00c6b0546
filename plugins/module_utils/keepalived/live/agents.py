# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guard and the ear of a node say, in files that they write: of a known shape and size, whatever lies there.

The ear runs with hardly any rights, and what it has heard was sent by anybody: its file is read as that of a stranger.
"""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

STALE_SECONDS = 10.0  # without a sign of life, after which an agent is taken to run no more
MOST_BYTES = 4_000_000
LONGEST = 300  # characters of a text
DIGITS = 20  # of a number
MOST_ACTS = 20
MOST = 100
KINDS = ("stranger", "second_holder", "foreign_owner", "peer_unheard")


def guard_said(path: Path, installed: bool, now: float) -> Dict[str, Any]:
    """Return what the guard says, by what M(vrrp_info) documents as `guard`; `now` is of CLOCK_MONOTONIC, in seconds.

    Whether it is `installed` is said by who knows: a node that has none has not lost it.
    """
    said = _read(path)
    unfit = said.get("unfit")
    named = list(unfit.items())[:MOST] if isinstance(unfit, dict) else []
    return {
        "installed": installed,
        "age_seconds": _age(said, "monotonic", now),
        "node_unfit": _of_node(_text(said.get("node_unfit"))),
        "unfit": [{"name": _text(name), "why": _of_node(_text(why))} for name, why in named if _text(why)],
        "acts": [act for each in _records(said, "acts")[-MOST_ACTS:] for act in _act(each, now)],
    }


def _of_node(why: str) -> str:
    """Return a reason of which a node is the subject, as in `it hears no peer`; some of the guard have keepalived."""
    return f"has a {why.replace(' ', ' that ', 1)}" if why.startswith("keepalived ") else why


def _act(said: Mapping[str, Any], now: float) -> List[Dict[str, Any]]:
    age = _age(said, "monotonic", now)
    what = {"time": _number(said.get("time")), "cause": _text(said.get("cause")), "did": _text(said.get("did"))}
    return [] if age is None or what["time"] is None or not what["did"] else [{**what, "age_seconds": age}]


def ear_said(path: Path, installed: bool, now: float) -> Dict[str, Any]:
    """Return what the ear says, by what M(vrrp_info) documents as `ear`; see guard_said."""
    said = _read(path)
    return {
        "installed": installed,
        "age_seconds": _age(said, "monotonic", now),
        "listened_seconds": _age(said, "began", now),
        "findings": [found for each in _records(said, "findings")[:MOST] for found in _finding(each)],
        "unreached": [lost for each in _records(said, "uplinks")[:MOST] for lost in _unreached(each, now)],
    }


def _finding(said: Mapping[str, Any]) -> List[Dict[str, Any]]:
    since = _number(said.get("since"))
    texts = {key: _text(said.get(key)) for key in ("name", "kind", "message")}
    is_known = texts["kind"] in KINDS and texts["message"] and since is not None
    return [{**texts, "since": since}] if is_known else []


def _unreached(said: Mapping[str, Any], now: float) -> List[Dict[str, Any]]:
    """Return an uplink that the node does not reach; of one that was not probed yet nothing is known."""
    port, since = said.get("port"), _age(said, "since", now)
    if said.get("reached") is not False or since is None or not _text(said.get("address")):
        return []
    is_port = isinstance(port, int) and not isinstance(port, bool) and 0 < port < 2**16
    shown = {"address": _text(said["address"]), "port": port if is_port else None, "why": _text(said.get("why"))}
    return [{**shown, "for_seconds": since}]


def runs(said: Mapping[str, Any]) -> bool:
    """Tell whether an agent has given a sign of life lately, by what it says."""
    age = said.get("age_seconds")
    return age is not None and bool(age <= STALE_SECONDS)


def stopped(said: Mapping[str, Any]) -> bool:
    """Tell whether a node has an agent that does not run."""
    return bool(said.get("installed")) and not runs(said)


def _read(path: Path) -> Dict[str, Any]:
    """Return the mapping of a JSON file; an empty one where there is none that can be read.

    Not through a link, which could lead anywhere, and nothing but a file, because a pipe would be waited for.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            data = file.read(MOST_BYTES + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
        said = json.loads(data, parse_int=_whole) if len(data) <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _whole(digits: str) -> float:
    """Return a whole number; of a long one, which takes Python long, about that."""
    return int(digits) if len(digits) <= DIGITS else float(digits)


def _records(said: Mapping[str, Any], key: str) -> List[Dict[str, Any]]:
    found = said.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _age(said: Mapping[str, Any], key: str, now: float) -> Optional[float]:
    """Return how long ago a moment was, in seconds; None for what is none, or has not come yet."""
    moment = _number(said.get(key))
    return None if moment is None or moment > now + 1 else round(max(0.0, now - moment), 3)


def _number(said: Any) -> Optional[float]:
    is_number = isinstance(said, (int, float)) and not isinstance(said, bool) and abs(said) < 1e12
    return float(said) if is_number and math.isfinite(said) else None


def _text(said: Any) -> str:
    return "" if not isinstance(said, str) else said[:LONGEST].replace("\n", " ").strip()

# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guard has mended and what the ear has heard, from their files, and which of it has not been told yet."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ...basics.visible import shortened

MENDED, HEARD = "mended", "heard"
NEWS = (MENDED, HEARD)
"""The words of `notify_on` for them."""

MOST_BYTES = 1_000_000
MOST_ACTS = 100  # that are remembered; the file has the last 20
MOST_FINDINGS = 100
LONGEST = 300
LAST_SECOND = 253402300800  # the year 10000, which no time as text can say
FORGET_SECONDS = 600.0  # for which a finding is gone before it is told again
NEXT = {
    "stranger": "find the sender by its address: it, or this cluster, needs another VRID",
    "second_holder": "`status` says who holds what; see the runbook of `split_brain`",
    "foreign_owner": "find the host with that MAC, and take the address from it",
    "peer_unheard": "look at the peer and at the network between: `status`",
}


class News(NamedTuple):
    """An act of the guard, or a finding of the ear; `time` is in seconds since the epoch."""

    kind: str
    """MENDED or HEARD."""
    key: str
    """Which one it is among those of its kind."""
    time: float
    instance: str
    """The instance of a finding."""
    said: str
    """What was done, or what is wrong, for people."""
    cause: str
    """Why it was done."""
    further: str
    """What to do next."""


class Told(NamedTuple):
    """What was told: the keys of acts, the oldest first, and when each finding was last there, by its key."""

    acts: Tuple[str, ...] = ()
    findings: Mapping[str, float] = {}


def acts_of(data: Any) -> Iterator[News]:
    """Yield the acts in the data of the guard's file; what is not of their shape is left out."""
    further = "nothing, if it does not come again; `journalctl -u ha_lb-guard` there says more"
    for each in _listed(data, "acts"):
        time, cause, did = _time(each.get("time")), each.get("cause"), each.get("did")
        if time is not None and isinstance(cause, str) and isinstance(did, str):
            said, why = shortened(did, LONGEST), shortened(cause, LONGEST)
            yield News(MENDED, f"{time:.3f} {said}", time, "", said, why, further)


def findings_of(data: Any) -> Iterator[News]:
    """Yield the findings in the data of the ear's file; what is not of their shape is left out."""
    for each in _listed(data, "findings"):
        name, kind, message = each.get("name"), each.get("kind"), each.get("message")
        since = _time(each.get("since"))
        if since is not None and isinstance(name, str) and isinstance(kind, str) and isinstance(message, str):
            who, said = shortened(name, LONGEST), shortened(message.rstrip("."), LONGEST)
            further = NEXT.get(kind, "`status` says more")
            yield News(HEARD, f"{shortened(kind, LONGEST)} {who}", since, who, said, "", further)


def _listed(data: Any, name: str) -> List[Mapping[str, Any]]:
    found = data.get(name) if isinstance(data, dict) else None
    return [each for each in found[-MOST_FINDINGS:] if isinstance(each, dict)] if isinstance(found, list) else []


def _time(value: Any) -> Optional[float]:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number and 0 <= value < LAST_SECOND else None


def untold(told: Told, news: Iterable[News]) -> List[News]:
    """Return what has not been told, the oldest first."""
    found: Dict[str, News] = {}
    for each in news:
        if each.key not in (told.acts if each.kind == MENDED else told.findings):
            found.setdefault(each.key, each)
    return sorted(found.values(), key=lambda each: each.time)


def with_told(told: Told, each: News, now: float) -> Told:
    """Return what is told with one more."""
    if each.kind == MENDED:
        return told._replace(acts=(*told.acts, each.key)[-MOST_ACTS:])
    return told._replace(findings={**told.findings, each.key: now})


def still_there(told: Told, news: Iterable[News], now: float) -> Told:
    """Return what is told without the findings that have been gone for FORGET_SECONDS."""
    here = {each.key: now for each in news if each.kind == HEARD and each.key in told.findings}
    seen = {**told.findings, **here}
    return told._replace(findings={key: last for key, last in seen.items() if 0 <= now - last < FORGET_SECONDS})


def as_data(told: Told) -> Dict[str, List[str]]:
    """Return what is told as plain data."""
    return {"acts": list(told.acts), "findings": list(told.findings)}


def from_data(data: Mapping[str, Any], now: float) -> Told:
    """Read what `as_data` wrote: what was there then may still be."""
    return Told(tuple(map(str, data.get("acts", ()))), {str(key): now for key in data.get("findings", ())})


class NewsFile:
    """A file of an agent, read again when it is another."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._stamp = (0, 0, 0)
        self._data: Any = {}

    def read(self) -> Any:
        """Return its data; an empty mapping while there is none that can be read."""
        try:
            stat = os.stat(self.path)
            stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if stamp != self._stamp:
                self._stamp = stamp
                with open(self.path, "rb") as file:
                    self._data = json.load(file) if stat.st_size <= MOST_BYTES else {}
        except (OSError, ValueError, RecursionError):
            self._data = {}
        return self._data

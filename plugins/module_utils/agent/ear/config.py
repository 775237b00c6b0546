# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ear is told: our instances, which the guard writes, and the uplinks, which the role writes; both as JSON."""

from __future__ import annotations

import json
import os
import socket
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional, Tuple

MOST_OCTETS = 1_000_000
MOST_INSTANCES = 512
MOST_UPLINKS = 32
MOST_ADDRESSES = 512  # of one instance


class Instance(NamedTuple):
    """An instance that keepalived has loaded; addresses are without a prefix length, no `peers` are not known ones."""

    name: str
    vrid: int
    family: str
    interface: str
    interval: float
    down_adverts: float
    source: str
    peers: FrozenSet[str]
    addresses: FrozenSet[str]

    def takeover(self) -> float:
        """Return the longest time in seconds after which a backup takes over: the skew time is less than an advert."""
        return (self.down_adverts + 1) * self.interval


class Uplink(NamedTuple):
    """An address to reach, by ICMP where there is no port; `fall` and `rise` count answers in a row."""

    address: str
    port: Optional[int]
    interval: float
    fall: int
    rise: int


def read_instances(text: str) -> Tuple[Instance, ...]:
    """Read what the guard writes.

    Raises ValueError, with a clause, for anything else.
    """
    listed = _parsed(text, dict).get("instances")
    return tuple(_each(listed, MOST_INSTANCES, _instance))


def read_uplinks(text: str) -> Tuple[Uplink, ...]:
    """Read what the role writes.

    Raises ValueError, with a clause, for anything else.
    """
    return tuple(_each(_parsed(text, list), MOST_UPLINKS, _uplink))


def _instance(given: Dict[str, Any]) -> Instance:
    family = given["family"]
    if family not in ("ipv4", "ipv6"):
        raise ValueError(f"the family {family!r}")
    return Instance(
        name=str(given["name"])[:200],
        vrid=_between(int(given["vrid"]), 1, 255),
        family=family,
        interface=str(given["interface"])[:15],
        interval=_between(float(given["interval_seconds"]), 0.01, 255),
        down_adverts=_between(float(given.get("down_timer_adverts") or 3), 1, 100),
        source=_address(given["source"]) if given.get("source") else "",
        peers=frozenset(map(_address, given.get("peers") or ())),
        addresses=frozenset(map(_address, (given.get("addresses") or ())[:MOST_ADDRESSES])),
    )


def _uplink(given: Dict[str, Any]) -> Uplink:
    port = given.get("port")
    return Uplink(
        address=_address(given["address"]),
        port=None if port is None else _between(int(port), 1, 65535),
        interval=_between(float(given["interval_seconds"]), 0.2, 3600),
        fall=_between(int(given["fall"]), 1, 1000),
        rise=_between(int(given["rise"]), 1, 1000),
    )


def _parsed(text: str, kind: type) -> Any:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is no JSON that can be read") from error
    if not isinstance(data, kind):
        raise ValueError("it has another shape")
    return data


def _each(listed: Any, most: int, read: Callable[[Dict[str, Any]], Any]) -> List[Any]:
    if not isinstance(listed, list) or len(listed) > most:
        raise ValueError("it has no list, or one that is too long")
    found = []
    for number, given in enumerate(listed):
        try:
            found.append(read(given))
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"[{number}] has or lacks {error}") from error
    return found


def _address(value: Any) -> str:
    """Return an address as the kernel writes it, without a prefix length."""
    text = str(value).partition("/")[0].partition("%")[0]
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, text))
    except OSError:
        raise ValueError(f"{text[:50]!r}, which is no address") from None


def _between(value: Any, least: float, most: float) -> Any:
    if not least <= value <= most:
        raise ValueError(f"{value}, which is not from {least:g} to {most:g}")
    return value


class Watched:
    """A file that is read again when it has changed; what cannot be read leaves what was known.

    `problem` is a sentence about it, or empty.
    """

    def __init__(self, path: str, read: Callable[[str], Tuple[Any, ...]], missing: str = "") -> None:
        self._path, self._read, self._missing = path, read, missing
        self._state: Any = ()
        self.value: Tuple[Any, ...] = ()
        self.problem = ""

    def refresh(self) -> bool:
        """Read the file if it has changed; tell whether the value has."""
        before = self.value
        try:
            found = os.stat(self._path)
            state = (found.st_ino, found.st_mtime_ns, found.st_size)
            if state != self._state:
                with open(self._path, encoding="utf-8") as file:
                    self.value = self._read(file.read(MOST_OCTETS))
                self._state, self.problem = state, ""
        except FileNotFoundError:
            self._state, self.problem = (), f"{self._path} is not there: {self._missing}" if self._missing else ""
            self.value = () if not self._missing else self.value
        except (OSError, ValueError) as error:
            self._state = ()
            self.problem = f"{self._path} cannot be read: {getattr(error, 'strerror', None) or error}"
        return self.value != before

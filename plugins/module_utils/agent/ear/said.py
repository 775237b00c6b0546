# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ear of this node has written, as records of Survey: of a known shape, and only if it can be relied on."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ...basics.answer import Shape, parsed, read_answer
from ...basics.errors import HaLbError

FRESH = 2.0  # seconds since it was written; the ear writes twice a second
ENOUGH = 60.0  # seconds for which it must have listened
SPEAKS = 4.0  # seconds within which a router was heard, or intervals where these are longer
PROTOCOLS = {"VRRPv2": "vrrp2", "VRRPv3": "vrrp3", "CARP": "carp"}
TEXT: Mapping[str, Any] = {"type": "str"}
NUMBER: Mapping[str, Any] = {"type": "float"}
COUNT: Mapping[str, Any] = {"type": "int"}
TEXTS: Mapping[str, Any] = {"type": "list", "elements": "str"}
COUNTS: Mapping[str, Any] = {"type": "list", "elements": "int"}
USUAL: Mapping[str, Any] = {"returned": "when it is not the usual one"}
ROUTER: Shape = {
    **dict.fromkeys(("interface", "family", "source", "protocol", "mac", "destination", "checksum"), TEXT),
    **dict.fromkeys(("vrid", "priority", "ttl", "adverts"), COUNT),
    **dict.fromkeys(("interval_seconds", "first", "last"), NUMBER),
    "own": {"type": "bool"},
    "addresses": TEXTS,
    "macs": {**TEXTS, **USUAL},
    "priorities": {**COUNTS, **USUAL},
    **{key: {**COUNT, **USUAL} for key in ("vlan", "inner_vlan", "addresses_left_out")},
    "auth": {**TEXT, **USUAL},
    "goodbye": {"type": "bool", **USUAL},
}
SHAPE: Shape = {
    "monotonic": {**NUMBER, "returned": "success"},
    "problem": {**TEXT, "returned": "success"},
    "interfaces": {"type": "dict", "returned": "success"},
    "routers": {"type": "list", "elements": "dict", "returned": "success", "contains": ROUTER},
}


class Said(NamedTuple):
    """What the ear has heard for so many seconds: records of Survey, and all VRIDs."""

    seconds: float
    heard: List[Dict[str, Any]]
    vrids: List[int]


def read_heard(text: str, names: Sequence[str], now: float, clock: float) -> Optional[Said]:
    """Return what was heard on all of these interfaces; None if that is not known for long enough, or is too old.

    `now` is of the monotonic clock of the node, `clock` its seconds since the epoch.
    """
    try:
        given = parsed(text)
        # What else the ear writes is not read here
        said = read_answer({key: given[key] for key in SHAPE if key in given} if isinstance(given, dict) else (), SHAPE)
    except HaLbError:
        return None
    since = [said["interfaces"].get(name) for name in names]
    began = [float(each) for each in since if isinstance(each, (int, float))]
    if said["problem"] or len(began) < max(1, len(names)) or not 0 <= now - said["monotonic"] <= FRESH:
        return None
    seconds = said["monotonic"] - max(began)
    if seconds < ENOUGH or any(each["protocol"] not in PROTOCOLS for each in said["routers"]):
        return None
    here = [each for each in said["routers"] if each["interface"] in names]
    speak = [each for each in here if now - each["last"] <= SPEAKS * max(1.0, each["interval_seconds"])]
    return Said(seconds, [_record(each, clock - now) for each in speak], sorted({each["vrid"] for each in here}))


def _record(said: Mapping[str, Any], offset: float) -> Dict[str, Any]:
    """Return a record of Survey, whose times are in seconds since the epoch."""
    usual = {
        **{"vlan": None, "inner_vlan": None, "macs": [said["mac"]], "priorities": [said["priority"]]},
        **{"addresses_left_out": 0, "auth": "none", "goodbye": False},
    }
    times = {key: round(said[key] + offset, 3) for key in ("first", "last")}
    seconds = {"seconds": round(said["last"] - said["first"], 3)}
    return {**usual, **said, **times, **seconds, "protocol": PROTOCOLS[said["protocol"]]}

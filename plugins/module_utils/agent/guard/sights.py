# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the guard reads to what the judge is told: instances, links, addresses, and what the ear hears."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ..files import text_of
from ..netlink import HostAddress
from .sight import Answer, Heard, Loaded, Sight

SYS = "/sys/class/net"
IFF_UP = 1
EAR_SECONDS = 2.5  # after which what an ear heard is old
MOST_NUMBER = 1e12  # of seconds, or anything else that an ear says
ROUTERS_TEXTS = ("interface", "family", "source")
ROUTERS_NUMBERS = ("vrid", "priority", "last")


class Link(NamedTuple):
    """An interface: its number, the index (0: it is not there), and whether it is up and has a carrier."""

    number: int
    up: bool


def link_of(interface: str, sys: str = SYS) -> Link:
    """Return how an interface is."""
    base = f"{sys}/{interface}"
    index = _number(text_of(f"{base}/ifindex"))
    # Of one that is down, the carrier cannot be read
    up = bool(_number(text_of(f"{base}/flags"), 16) & IFF_UP) and _number(text_of(f"{base}/carrier")) == 1
    return Link(index, up)


def _number(text: Optional[str], base: int = 10) -> int:
    try:
        return int(text or "0", base)
    except ValueError:
        return 0


def loaded_of(instance: Mapping[str, Any]) -> Loaded:
    """Return an instance of instances.json for the judge."""
    interval = float(instance["interval_seconds"])
    return Loaded(
        name=instance["name"],
        priority=int(instance["priority"]),
        interval=interval,
        # Its Skew_Time is at most an interval, or in version 2 a second
        down_seconds=instance["down_timer_adverts"] * interval + (1.0 if instance["version"] == 2 else interval),
        preempts=bool(instance["preempt"]),
        preempt_delay=float(instance["preempt_delay_seconds"]),
        grouped=bool(instance.get("grouped")),
    )


def answers_of(states: Sequence[Mapping[str, Any]], at: float) -> Dict[str, Answer]:
    """Return what keepalived said of every instance."""
    return {
        each["name"]: Answer(
            at, each["state"], each["effective_priority"], each["adverts_received"], each["adverts_sent"]
        )
        for each in states
    }


def heard_of(instance: Mapping[str, Any], ear: Optional[Mapping[str, Any]], now: float) -> Optional[Heard]:
    """Return what the ear heard of an instance; None where no ear listens, or not for long enough."""
    if ear is None:
        return None
    lasts = loaded_of(instance).down_seconds
    written = float(ear["monotonic"])
    if now - written > EAR_SECONDS or written - float(ear["began"]) < 2 * lasts + EAR_SECONDS:
        return None
    own, peer = False, 0
    for each in ear["routers"]:
        same = (each["vrid"], each["family"]) == (instance["vrid"], instance["family"])
        if not same or each["interface"] != instance["interface"] or written - float(each["last"]) > lasts:
            continue
        if each["own"]:
            own = own or each["priority"] > 0
        elif instance["transport"] == "multicast" or each["source"] in instance["peers"]:
            peer = max(peer, int(each["priority"]))
    return Heard(peer, own)


def sights_of(
    instances: Sequence[Mapping[str, Any]],
    answers: Mapping[str, Answer],
    here: Sequence[HostAddress],
    links: Mapping[str, Link],
    before: Mapping[str, int],
    ear: Optional[Mapping[str, Any]],
    now: float,
) -> List[Sight]:
    """Return what is seen of every instance; `before` is the index of every interface when keepalived loaded."""
    held = {each.address for each in here}
    found = []
    for each in instances:
        link = links[each["interface"]]
        source = each["source"]
        found.append(
            Sight(
                loaded=loaded_of(each),
                answer=answers.get(each["name"]),
                here=tuple(address for address in each["addresses"] if address in held),
                missing=tuple(address for address in each["addresses"] if address not in held),
                ready=link.up and (not source or source in held),
                made_anew=link.number > 0 and before.get(each["interface"], link.number) != link.number,
                heard=heard_of(each, ear, now),
            )
        )
    return found


def is_an_ears(found: Mapping[str, Any]) -> bool:
    """Tell whether it has the shape of what an ear writes: with fewer rights than the guard, it could say anything."""
    routers, uplinks = found.get("routers"), found.get("uplinks", [])
    if not isinstance(routers, list) or not isinstance(uplinks, list):
        return False
    texts = [router.get(key) for router in routers if isinstance(router, dict) for key in ROUTERS_TEXTS]
    numbers = [router.get(key) for router in routers if isinstance(router, dict) for key in ROUTERS_NUMBERS]
    since = [uplink.get("since") for uplink in uplinks if isinstance(uplink, dict)]
    return (
        all(isinstance(each, dict) for each in (*routers, *uplinks))
        and all(isinstance(each, str) for each in texts)
        and all(_is_number(each) for each in (found.get("monotonic"), found.get("began"), *numbers, *since))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and abs(value) < MOST_NUMBER


def read_mapping(path: str, *keys: str) -> Optional[Dict[str, Any]]:
    """Return a JSON file that has these keys; None where there is none, or it is none of ours."""
    try:
        found = json.loads(text_of(path) or "")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and all(key in found for key in keys) else None

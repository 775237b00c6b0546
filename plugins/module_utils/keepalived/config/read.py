# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a tree of directives into the model, with defaults, inheritance and rounding as in keepalived."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Iterable, Mapping, Optional, Sequence, Tuple

from ..language.tree import Directive, Place, Tree, Word
from .model import (
    AUTH_LENGTH,
    OWNER,
    USUAL_PRIORITY,
    Address,
    ConfiguredInstance,
    ConfiguredNode,
    Group,
    Peer,
    Track,
    Tracker,
)

TRACKERS = {
    "vrrp_script": "script",
    "track_file": "file",
    "vrrp_track_file": "file",
    "track_process": "process",
    "vrrp_track_process": "process",
    "bfd_instance": "bfd",
}
TRACKS = {
    "track_script": "script",
    "track_file": "file",
    "track_process": "process",
    "track_bfd": "bfd",
    "track_interface": "interface",
}
NAMELESS = "keepalived.conf"
VERSIONS = (2, 3)
MULTICAST = {"ipv4": ("vrrp_mcast_group4", "224.0.0.18"), "ipv6": ("vrrp_mcast_group6", "ff02::12")}


def read_node(name: str, tree: Tree, facts: Optional[Mapping[str, Any]] = None) -> ConfiguredNode:
    """Return the node with this configuration and these host facts."""
    settings = _settings(tree)
    trackers = tuple(_tracker(each) for each in tree.all(*TRACKERS) if each.arguments)
    return ConfiguredNode(
        name=name,
        tree=tree,
        settings=settings,
        trackers=trackers,
        groups=tuple(_group(each, trackers) for each in tree.all("vrrp_sync_group") if each.arguments),
        instances=tuple(_instance(each, settings, trackers) for each in tree.all("vrrp_instance") if each.arguments),
        facts=facts or {},
    )


def _settings(tree: Tree) -> Directive:
    """Merge all global_defs blocks; without one, return an empty block at the beginning of the file."""
    file = next((each.place.file for each in tree.directives), NAMELESS)
    words = next((each.words for each in tree.all("global_defs")), (Word("global_defs", Place(file, 1)),))
    return Directive(words, tuple(each for part in tree.all("global_defs") for each in part.block or ()))


def _tracker(directive: Directive) -> Tracker:
    kind = TRACKERS[directive.keyword]
    weight = directive.last("weight")
    arguments = weight.arguments if weight else ()
    return Tracker(kind, directive.arguments[0], _weight(arguments, kind), "reverse" in arguments, directive)


def _weight(arguments: Sequence[str], kind: str) -> int:
    """Return the weight; the default is 1 for a file, 0 otherwise."""
    weight = _whole(arguments[0]) if arguments else None
    return weight if weight is not None else int(kind == "file")


def _group(directive: Directive, trackers: Sequence[Tracker]) -> Group:
    members = [word for part in directive.all("group") for word in _words(part)]
    return Group(
        name=directive.arguments[0],
        members=tuple(members),
        tracks=_tracks(directive, trackers),
        weighs=directive.last("sync_group_tracking_weight", "global_tracking") is not None,
        directive=directive,
    )


def _words(directive: Directive) -> Iterable[str]:
    yield from directive.arguments
    for line in directive.block or ():
        yield from (word.text for word in line.words)


def _tracks(directive: Directive, trackers: Sequence[Tracker]) -> Tuple[Track, ...]:
    known = {(each.kind, each.name): each for each in reversed(trackers)}
    tracks = []
    for part in directive.all(*TRACKS):
        kind = TRACKS[part.keyword]
        for line in part.block or ():
            definition = known.get((kind, line.keyword))
            own = line.arguments[line.arguments.index("weight") + 1 :] if "weight" in line.arguments else None
            weight = definition.weight if definition else int(kind == "file")
            tracks.append(
                Track(
                    kind=kind,
                    name=line.keyword,
                    weight=weight if own is None else _weight(own, kind),
                    reverse=("reverse" in line.arguments)
                    if own is not None
                    else bool(definition and definition.reverse),
                    defined=definition is not None or kind == "interface",
                    place=line.place,
                )
            )
    return tuple(tracks)


def _instance(directive: Directive, settings: Directive, trackers: Sequence[Tracker]) -> ConfiguredInstance:
    addresses = _addresses(directive, "virtual_ipaddress")
    excluded = _addresses(directive, "virtual_ipaddress_excluded")
    family = _family(directive, addresses or excluded)
    version = 3 if family == "ipv6" else _version(directive, "version") or _version(settings, "vrrp_version") or 2
    state = _text(directive, "state") or "BACKUP"
    priority = _octet(directive, "priority") or (OWNER if state == "MASTER" else USUAL_PRIORITY)
    first = state == "MASTER" or priority == OWNER
    return ConfiguredInstance(
        name=directive.arguments[0],
        directive=directive,
        interface=_text(directive, "interface") or _text(settings, "default_interface"),
        vrid=_octet(directive, "virtual_router_id"),
        family=family,
        version=version,
        state=state,
        priority=priority,
        advert_interval=_interval(_text(directive, "advert_int"), version),
        down_timer_adverts=_octet(directive, "down_timer_adverts") or _octet(settings, "vrrp_down_timer_adverts") or 3,
        nopreempt=not first and _keyword(directive.last("nopreempt", "preempt")) == "nopreempt",
        preempt_delay=0.0 if first else _seconds(_text(directive, "preempt_delay")) or 0.0,
        source=_canonical(_text(directive, "unicast_src_ip", "mcast_src_ip")),
        peers=_peers(directive),
        group_address=_text(directive, "mcast_dst_ip") or _text(settings, MULTICAST[family][0]) or MULTICAST[family][1],
        auth_type=_auth(directive, "auth_type", version),
        auth_pass=_auth(directive, "auth_pass", version)[:AUTH_LENGTH],
        addresses=addresses,
        excluded=excluded,
        tracks=_tracks(directive, trackers),
    )


def _addresses(directive: Directive, keyword: str) -> Tuple[Address, ...]:
    lines = (line for part in directive.all(keyword) for line in part.block or ())
    return tuple(found for found in map(_address, lines) if found)


def _address(line: Directive) -> Optional[Address]:
    text, _slash, prefix = line.keyword.partition("/")
    ip = _canonical(text)
    return Address(ip, _whole(prefix), line.arguments, line.place) if ip else None


def _canonical(text: str) -> str:
    """Return an address in its canonical form; empty if it is none."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _family(directive: Directive, addresses: Sequence[Address]) -> str:
    ips = [address.ip for address in addresses] or [_text(directive, "unicast_src_ip", "mcast_src_ip")]
    return "ipv6" if ":" in ips[0] or directive.last("native_ipv6") else "ipv4"


def _peers(directive: Directive) -> Optional[Tuple[Peer, ...]]:
    lines = (line for part in directive.all("unicast_peer") for line in part.block or ())
    return tuple(found for found in map(_peer, lines) if found) or None


def _peer(line: Directive) -> Optional[Peer]:
    options = dict(zip(line.arguments, line.arguments[1:]))
    ip = _canonical(line.keyword)
    return Peer(ip, _whole(options.get("min_ttl", "")), _whole(options.get("max_ttl", "")), line.place) if ip else None


def _auth(directive: Directive, keyword: str, version: int) -> str:
    """Return a value of the authentication block; empty for VRRPv3, which has none."""
    blocks = directive.all("authentication") if version == 2 else ()
    values = [found for found in (_text(each, keyword) for each in blocks) if found]
    return values[-1] if values else ""


def _interval(text: str, version: int) -> float:
    """Return advert_int in seconds, rounded to whole seconds (VRRPv2) or to hundredths (VRRPv3)."""
    seconds = _seconds(text) or 1.0
    return float(max(1, int(seconds + 0.5))) if version == 2 else round(seconds, 2)


def _keyword(directive: Optional[Directive]) -> str:
    return directive.keyword if directive else ""


def _text(directive: Directive, *keywords: str) -> str:
    found = directive.last(*keywords)
    return found.arguments[0] if found and found.arguments else ""


def _octet(directive: Directive, keyword: str) -> Optional[int]:
    number = _whole_of(directive, keyword)
    return number if number and 1 <= number <= OWNER else None


def _version(directive: Directive, keyword: str) -> Optional[int]:
    number = _whole_of(directive, keyword)
    return number if number in VERSIONS else None


def _whole_of(directive: Directive, keyword: str) -> Optional[int]:
    return _whole(_text(directive, keyword))


def _whole(text: str) -> Optional[int]:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else None


def _seconds(text: str) -> Optional[float]:
    return float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{0,9})?", text) else None

# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that cannot be rolled: between the first node and the last, they would not take each other's adverts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Callable, DefaultDict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ...vrrp.simulation.routers import Generation, Router, accepts, reaches


@dataclass(frozen=True)
class Part:
    """One node's part in an instance: as it runs, and as it will be."""

    before: Router
    after: Router


@dataclass(frozen=True)
class Change:
    """What happens to one instance that cannot be rolled; the parts are those of the nodes that have it already."""

    instance: str
    what: str
    parts: Tuple[Part, ...]
    left_out: Tuple[str, ...] = ()
    """Nodes that are not in the run, and would not be changed."""


def unrolled(before: Sequence[Router], after: Sequence[Router], asked: Sequence[str]) -> Tuple[Change, ...]:
    """Return the changes that cannot be rolled; `before` is what runs on the nodes that were `asked`.

    A node that was not asked is taken to run what its neighbours do.
    """
    found = []
    for name, parts in _parts(before, after, asked).items():
        torn = [pair for pair in combinations(parts, 2) if _torn(*pair)] if any(map(differs, parts)) else []
        if torn:
            changed = [part for part in parts if part.before.node in asked and differs(part)]
            left_out = tuple(part.after.node for part in parts if part.after.node not in asked)
            what = ", ".join(dict.fromkeys(word for pair in torn for part in pair for word in _words(part)))
            found.append(Change(name, what, tuple(changed), left_out))
    return tuple(found)


def differs(part: Part) -> bool:
    """Tell whether anything changes for this node that an election depends on."""
    return part.before != replace(part.after, instance=part.before.instance)


def _parts(before: Sequence[Router], after: Sequence[Router], asked: Sequence[str]) -> DefaultDict[str, List[Part]]:
    """Return the parts of each instance that some node has already."""
    parts: DefaultDict[str, List[Part]] = defaultdict(list)
    there: DefaultDict[Tuple[str, str], List[Router]] = defaultdict(list)
    for router in before:
        there[router.node, router.family].append(router)
    for router in after:
        old = _match(router, there[router.node, router.family])
        if old:
            parts[router.instance].append(Part(replace(old, instance=router.instance), router))
    for router in after:
        if router.node not in asked and parts.get(router.instance):
            parts[router.instance].append(Part(_like(router, parts[router.instance][0].before), router))
    return parts


def _match(router: Router, here: Sequence[Router]) -> Optional[Router]:
    """Return what runs of an instance on its node: that of its name, else one that has a VIP in common."""
    named = (each for each in here if each.instance == router.instance)
    return next(named, next((each for each in here if each.addresses & router.addresses), None))


def _like(router: Router, neighbour: Router) -> Router:
    peers = None if neighbour.peers is None else (router.peers or frozenset()) | {neighbour.address}
    return replace(
        neighbour, node=router.node, priority=router.priority, address=router.address, peers=peers,
        instance=router.instance,
    )  # fmt: skip


def _torn(one: Part, other: Part) -> bool:
    """Tell whether these two speak now, and in the end, but not while only one of them is changed."""
    through = _speak(one.before, other.before) and _speak(one.after, other.after)
    return through and not (_speak(one.before, other.after) and _speak(one.after, other.before))


def _speak(one: Router, other: Router) -> bool:
    return all(reaches(a, b) and accepts(b, a) for a, b in ((one, other), (other, one)))


class _Wire(NamedTuple):
    """Something on which both ends must agree."""

    say: Callable[[Router], str]
    matters: Callable[[Part], bool] = lambda part: True


def _transport(router: Router) -> str:
    return "multicast" + (f" to {router.group}" if router.group else "") if router.peers is None else "unicast"


def _in_version_2(part: Part) -> bool:
    return part.before.version == part.after.version == 2


WIRE = (
    _Wire(lambda router: f"VRID {router.vrid}"),
    _Wire(lambda router: f"VRRP version {router.version}"),
    _Wire(lambda router: f"advert interval {router.interval:g} s", _in_version_2),
    _Wire(_transport),
    _Wire(lambda router: f"source {router.address}", lambda part: part.before.peers is not None),
    _Wire(
        lambda router: f"VIPs {', '.join(sorted(router.addresses)) or 'none'}",
        lambda part: Generation.BEFORE_2_3_3 in (part.before.generation, part.after.generation),
    ),
)


def _words(part: Part) -> Iterator[str]:
    """Say what changes for this node; of a password, only that it does."""
    for wire in WIRE:
        one, other = wire.say(part.before), wire.say(part.after)
        if one != other and wire.matters(part):
            yield f"{one} becomes {_ending(one, other)}"
    if _in_version_2(part) and part.before.auth != part.after.auth:
        yield "the authentication changes"


def _ending(one: str, other: str) -> str:
    """Return the second of two sayings without the words that both begin with."""
    words, others = one.split(), other.split()
    same = next((at for at, pair in enumerate(zip(words, others)) if pair[0] != pair[1]), 0)
    return " ".join(others[same:])

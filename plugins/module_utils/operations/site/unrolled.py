# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that cannot be rolled: a node with the new configuration and one with the old reject each other's adverts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Callable, DefaultDict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ...vrrp.simulation.routers import Generation, Router, accepts, reaches


@dataclass(frozen=True)
class NodePart:
    """An instance on one node: as it runs, and as it will be."""

    before: Router
    after: Router


@dataclass(frozen=True)
class UnrolledChange:
    """A change of one instance that cannot be rolled; `parts` are those of the nodes that run it already."""

    instance: str
    what: str
    parts: Tuple[NodePart, ...]
    left_out: Tuple[str, ...] = ()
    """Nodes that are not in the run, and would not be changed."""


def unrolled(before: Sequence[Router], after: Sequence[Router], asked: Sequence[str]) -> Tuple[UnrolledChange, ...]:
    """Return the changes that cannot be rolled.

    `before` is what runs on the nodes in `asked`, the nodes of this run. A node outside it (`--limit`) is assumed to
    run what the others run.
    """
    found = []
    for name, parts in _parts(before, after, asked).items():
        changes = any(map(differs, parts))
        rejected = [pair for pair in combinations(parts, 2) if changes and _reject_in_between(*pair)]
        if rejected:
            changed = [part for part in parts if part.before.node in asked and differs(part)]
            left_out = tuple(part.after.node for part in parts if part.after.node not in asked)
            what = ", ".join(dict.fromkeys(word for pair in rejected for part in pair for word in _words(part)))
            found.append(UnrolledChange(name, what, tuple(changed), left_out))
    return tuple(found)


def differs(part: NodePart) -> bool:
    """Tell whether anything changes on this node that an election depends on."""
    return part.before != replace(part.after, instance=part.before.instance)


def _parts(before: Sequence[Router], after: Sequence[Router], asked: Sequence[str]) -> DefaultDict[str, List[NodePart]]:
    """Return the parts of every instance that at least one node runs already, by name."""
    parts: DefaultDict[str, List[NodePart]] = defaultdict(list)
    there: DefaultDict[Tuple[str, str], List[Router]] = defaultdict(list)
    for router in before:
        there[router.node, router.family].append(router)
    for router in after:
        old = _match(router, there[router.node, router.family])
        if old:
            parts[router.instance].append(NodePart(replace(old, instance=router.instance), router))
    for router in after:
        if router.node not in asked and parts.get(router.instance):
            parts[router.instance].append(NodePart(_like(router, parts[router.instance][0].before), router))
    return parts


def _match(router: Router, here: Sequence[Router]) -> Optional[Router]:
    """Return the instance of the same name that runs on the node, else one with a VIP in common, else None."""
    named = (each for each in here if each.instance == router.instance)
    return next(named, next((each for each in here if each.addresses & router.addresses), None))


def _like(router: Router, neighbour: Router) -> Router:
    peers = None if neighbour.peers is None else (router.peers or frozenset()) | {neighbour.address}
    return replace(
        neighbour, node=router.node, priority=router.priority, address=router.address, peers=peers,
        instance=router.instance,
    )  # fmt: skip


def _reject_in_between(one: NodePart, other: NodePart) -> bool:
    """Tell whether two nodes accept each other's adverts before and after, but not while only one is changed."""
    through = _accept_each_other(one.before, other.before) and _accept_each_other(one.after, other.after)
    return through and not (_accept_each_other(one.before, other.after) and _accept_each_other(one.after, other.before))


def _accept_each_other(one: Router, other: Router) -> bool:
    return all(reaches(a, b) and accepts(b, a) for a, b in ((one, other), (other, one)))


class _Agreed(NamedTuple):
    """A value on which both ends of an advert must agree; `matters` tells whether they must in this part."""

    show: Callable[[Router], str]
    matters: Callable[[NodePart], bool] = lambda part: True


def _transport(router: Router) -> str:
    return "multicast" + (f" to {router.group}" if router.group else "") if router.peers is None else "unicast"


def _in_version_2(part: NodePart) -> bool:
    return part.before.version == part.after.version == 2


AGREED = (
    _Agreed(lambda router: f"VRID {router.vrid}"),
    _Agreed(lambda router: f"VRRP version {router.version}"),
    _Agreed(lambda router: f"advert interval {router.interval:g} s", _in_version_2),
    _Agreed(_transport),
    _Agreed(lambda router: f"source {router.address}", lambda part: part.before.peers is not None),
    _Agreed(
        lambda router: f"VIPs {', '.join(sorted(router.addresses)) or 'none'}",
        lambda part: Generation.BEFORE_2_3_3 in (part.before.generation, part.after.generation),
    ),
)


def _words(part: NodePart) -> Iterator[str]:
    """Yield what changes on this node, as phrases; a password is never part of them."""
    for value in AGREED:
        one, other = value.show(part.before), value.show(part.after)
        if one != other and value.matters(part):
            yield f"{one} becomes {_ending(one, other)}"
    if _in_version_2(part) and part.before.auth != part.after.auth:
        yield "the authentication changes"


def _ending(one: str, other: str) -> str:
    """Return the second of two phrases without the words that both begin with."""
    words, others = one.split(), other.split()
    same = next((at for at, pair in enumerate(zip(words, others)) if pair[0] != pair[1]), 0)
    return " ".join(others[same:])

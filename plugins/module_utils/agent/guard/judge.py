# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done about keepalived: a function of what was known, what is seen, and the time.

It is made so that it does no harm whatever it is told. What is claimed must last for longer than the protocol explains,
and be said by keepalived itself at the end of that time. A late tick forgets everything: then this machine was busy or
stood still, and so was keepalived. A node that holds a VIP is restarted only after a peer has taken it over. And pauses
grow for as long as an act does not help.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .claims import LASTING, Claim, Counted, claims_of
from .sight import (
    ASK,
    HAND_OVER,
    KILL,
    RELOAD,
    REMOVE,
    RESTART,
    TAKE_BACK,
    TAKEN_OVER,
    Act,
    Answer,
    Observation,
    Sight,
)

# All in seconds
LATE = 1.0  # between two ticks
ASK_AGAIN = 0.25
PATIENCE = 8  # what is claimed for so many times ASK_AGAIN is asked more and more seldom
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
HEALTHY_PAUSES = 2  # without a fault, after which pauses start anew
REMOVED_SECONDS = 2.0
HAND_OVER_SECONDS = 3.0  # more than the longest Active_Down_Interval here

Since = Mapping[Tuple[str, str, str], float]
NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Pause(NamedTuple):
    """Until when an act is not repeated, how long that is, and when its reason was last seen."""

    until: float
    length: float
    ill: float


class Memory(NamedTuple):
    """What the judge knows from earlier ticks, and what it found in the last one."""

    tick: Optional[float] = None
    daemon: str = ""
    since: Since = NOTHING
    counted: Counted = NOTHING
    pauses: Mapping[str, Pause] = NOTHING
    handing_over: Optional[float] = None
    unfit: Mapping[str, str] = NOTHING
    """By instance, why it only looks ready; of keepalived as a whole under the empty name."""

    @property
    def waits_until(self) -> Optional[float]:
        """Return until when nothing is done about what is wrong; None if nothing is wrong, or nothing waits."""
        until = max((pause.until for pause in self.pauses.values()), default=0.0)
        return until if self.unfit and self.tick is not None and until > self.tick else None


def judge(memory: Memory, seen: Observation, now: float) -> Tuple[Memory, Tuple[Act, ...]]:
    """Return what is known after a tick, and what is to be done at once, in this order."""
    if memory.tick is None or now - memory.tick > LATE or memory.daemon != seen.daemon:
        anew = memory.daemon != seen.daemon
        memory = memory._replace(since={}, counted={}, handing_over=None if anew else memory.handing_over)
    counted = _counted(memory.counted, seen.sights, now)
    claims = tuple(claims_of(seen, counted, now))
    since = {claim.key: min(memory.since.get(claim.key, now), claim.began) for claim in claims}
    removed = now - _last(memory, REMOVE) < REMOVED_SECONDS
    proved = [claim for claim in claims if claim.known - since[claim.key] >= _lasting(claim, removed)]
    memory = memory._replace(tick=now, daemon=seen.daemon, since=since, counted=counted, unfit=_unfit(proved))
    memory, acts = _decided(memory, seen, proved, now)
    if not acts and _to_ask(claims, since, now):
        acts = (Act(ASK),)
    return _noted(memory, proved, now), acts


def _lasting(claim: Claim, removed: bool) -> float:
    """Return for how long a claim must last; not at all where keepalived became active just as its VIP was removed."""
    return 0.0 if removed and claim.kind == "missing" else claim.lasts


def _counted(before: Counted, sights: Sequence[Sight], tick: float) -> Dict[str, Answer]:
    """Return, by instance, the answer in which the counter of its state had last grown.

    What was counted before an interface was ready proves nothing.
    """
    found = {}
    for sight in sights:
        now, then = sight.answer, before.get(sight.loaded.name)
        if now is None:
            continue
        if not sight.ready:
            found[sight.loaded.name] = now._replace(at=tick)
        elif then is not None and then.state == now.state and _count(then) == _count(now):
            found[sight.loaded.name] = then
        else:
            found[sight.loaded.name] = now
    return found


def _count(answer: Answer) -> int:
    return answer.sent if answer.state == "MASTER" else answer.received


def _unfit(proved: Sequence[Claim]) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for claim in proved:
        if claim.kind != "stray":
            found.setdefault(claim.instance, claim.why)
    return found


def _to_ask(claims: Sequence[Claim], since: Since, now: float) -> bool:
    return any(now - claim.known >= max(ASK_AGAIN, (now - since[claim.key]) / PATIENCE) for claim in claims)


def _decided(memory: Memory, seen: Observation, proved: Sequence[Claim], now: float) -> Tuple[Memory, Tuple[Act, ...]]:
    """Return the memory and the acts; one kind of act at a time, the most urgent one."""
    if memory.handing_over is not None:
        return _handed_over(memory, seen, proved, now)
    for kind in (KILL, REMOVE, RELOAD, RESTART):
        due = [claim for claim in proved if claim.act == kind and (kind != RESTART or _after_reload(memory, claim))]
        if not due or not (seen.may_act or kind == KILL) or now < memory.pauses.get(kind, NO_PAUSE).until:
            continue
        if kind == REMOVE:
            acts = tuple(Act(kind, claim.why, claim.instance, claim.address) for claim in due)
            return _paused(memory, kind, due, now), acts
        first = due[0]
        if kind == RESTART and _holds(seen.sights):
            handing = memory._replace(handing_over=now)
            return handing, (Act(HAND_OVER, first.why, first.instance),)
        acts = (Act(kind, first.why, first.instance), *(_let_go(seen.sights) if kind == KILL else ()))
        return _paused(memory, kind, due, now), acts
    return memory, ()


def _let_go(sights: Sequence[Sight]) -> Iterator[Act]:
    """Yield what a killed keepalived leaves behind and a peer has already; its unit would wait for the peer."""
    for sight in sights:
        if sight.heard and sight.heard.peer:
            for address in sight.here:
                yield Act(REMOVE, TAKEN_OVER, sight.loaded.name, address)


def _after_reload(memory: Memory, claim: Claim) -> bool:
    """Tell whether a claim is still proved by what was seen since the last reload, which may have helped."""
    return claim.kind == LASTING or claim.known - _last(memory, RELOAD) >= claim.lasts


def _last(memory: Memory, kind: str) -> float:
    """Return when an act of this kind was last done."""
    pause = memory.pauses.get(kind, NO_PAUSE)
    return pause.until - pause.length


def _handed_over(
    memory: Memory, seen: Observation, proved: Sequence[Claim], now: float
) -> Tuple[Memory, Tuple[Act, ...]]:
    """Go on with a restart that waits until a peer has taken over."""
    began = now if memory.handing_over is None else memory.handing_over
    due = [claim for claim in proved if claim.act == RESTART]
    over = memory._replace(handing_over=None)
    if not due or not seen.may_act:
        return over, (Act(TAKE_BACK, "the reason is gone" if seen.may_act else "somebody else is at work"),)
    if not _holds(seen.sights):
        return _paused(over, RESTART, due, now), (Act(RESTART, due[0].why, due[0].instance),)
    longest = max((sight.loaded.down_seconds for sight in seen.sights), default=0.0)
    if now - began > HAND_OVER_SECONDS + longest:
        return _paused(over, RESTART, due, now), (Act(TAKE_BACK, "no peer has taken over"),)
    return memory, ()


def _holds(sights: Sequence[Sight]) -> bool:
    """Tell whether clients are served by this node alone."""
    return any(sight.here and not (sight.heard and sight.heard.peer) for sight in sights)


NO_PAUSE = Pause(float("-inf"), 0.0, float("-inf"))


def _paused(memory: Memory, kind: str, due: Sequence[Claim], now: float) -> Memory:
    """Return the memory after an act; its pause grows unless there was no fault for a while."""
    before = memory.pauses.get(kind, NO_PAUSE)
    began = min(memory.since[claim.key] for claim in due)
    healthy = began - before.ill >= HEALTHY_PAUSES * before.length
    length = FIRST_PAUSE if healthy else min(LONGEST_PAUSE, 2 * before.length)
    return memory._replace(pauses={**memory.pauses, kind: Pause(now + length, length, now)})


def _noted(memory: Memory, proved: Sequence[Claim], now: float) -> Memory:
    """Return the memory with the time at which the reason of an act was last seen."""
    kinds: List[str] = [kind for kind in memory.pauses if any(claim.act == kind for claim in proved)]
    if not kinds:
        return memory
    return memory._replace(pauses={**memory.pauses, **{kind: memory.pauses[kind]._replace(ill=now) for kind in kinds}})

# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with keepalived by one observation, and for how long it must be so before that is proof."""

from __future__ import annotations

from typing import Iterator, Mapping, NamedTuple, Tuple

from .sight import (
    ASK,
    GONE,
    KILL,
    NO_KEEPALIVED,
    RELOAD,
    REMOVE,
    RESTART,
    RUNS,
    SILENT,
    STOPPED,
    Answer,
    Observation,
    Sight,
)

# All in seconds
STOPPED_SECONDS = 0.2  # a second look
SILENT_SECONDS = 1.0  # after it was seen to stand still
STRAY_SECONDS = 1.0
ORPHANED_SECONDS = 5.0  # without a keepalived: after a crash its unit removes the VIPs itself
COUNTED_SECONDS = 1.0  # in which a counter must grow, if it is not longer than some intervals
COUNTED_INTERVALS = 2.5
REMADE_SECONDS = 0.5  # the same, behind an interface that was made again
STUCK_SECONDS = 2.0  # more than the protocol explains
NEVER = float("inf")
FAULT_SECONDS = 3.0
EAR_SECONDS = 1.0  # by which what an ear has heard may be old
BLIND_SECONDS = 2.0
BLIND_STILL_SECONDS = 12.0  # and a reload did not help
UNWATCHED_SECONDS = 0.5
LASTING = "blind still"
"""The kind of a claim that counts across reloads."""
WHOLE = 254
OWNER = 255

Counted = Mapping[str, Answer]
"""By instance, the answer in which a counter had last grown."""


class Claim(NamedTuple):
    """Something that is wrong: its kind and the instance, why in a clause, and the seconds after which it is proved.

    `known` is when keepalived has said what it rests on. `kind` of the act is empty where nothing can be done.
    """

    kind: str
    instance: str
    why: str
    lasts: float
    known: float
    act: str
    address: str = ""
    began: float = float("inf")
    """Where it is known to be so for longer than it was claimed."""

    @property
    def key(self) -> Tuple[str, str, str]:
        """Return what makes it the same claim in another tick."""
        return self.kind, self.instance, self.address


def claims_of(seen: Observation, counted: Counted, now: float) -> Iterator[Claim]:
    """Yield what is wrong now."""
    if seen.process == STOPPED:
        yield Claim("stopped", "", "keepalived is stopped by a signal", STOPPED_SECONDS, now, KILL)
    elif seen.process == SILENT:
        yield Claim("silent", "", "keepalived stands still and does not answer", SILENT_SECONDS, now, KILL)
    elif seen.process == GONE:
        for sight in seen.sights:
            yield from _strays(sight, NO_KEEPALIVED, ORPHANED_SECONDS, now)
    elif seen.process == RUNS:
        if not seen.watches:
            yield Claim("unwatched", "", "keepalived does not watch its tracked files", UNWATCHED_SECONDS, now, RELOAD)
        for sight in seen.sights:
            if sight.answer:
                yield from _of(sight, sight.answer, seen, counted.get(sight.loaded.name, sight.answer))


def _of(sight: Sight, answer: Answer, seen: Observation, counted: Answer) -> Iterator[Claim]:
    name = sight.loaded.name
    if answer.state == "MASTER":
        yield from _active(sight, answer, counted)
    else:
        yield from _strays(sight, f"keepalived does not hold it ({answer.state.lower()})", STRAY_SECONDS, answer.at)
    if not sight.ready:
        return
    if sight.made_anew:
        yield Claim("made anew", name, "", NEVER, answer.at, ASK)
    if answer.state == "BACKUP":
        yield from _backup(sight, answer, seen, counted)
    if answer.state == "FAULT" and seen.fit and seen.proxy:
        lasts = FAULT_SECONDS + seen.rise_seconds
        yield Claim("fault", name, "is in FAULT, and nothing is wrong", lasts, answer.at, _cure(sight))
    if answer.state in ("BACKUP", "MASTER") and _blind(sight, answer, seen):
        yield Claim("blind", name, "does not heed its tracked files", BLIND_SECONDS, answer.at, RELOAD)
        yield Claim(LASTING, name, "does not heed its tracked files", BLIND_STILL_SECONDS, answer.at, RESTART)


def _cure(sight: Sight) -> str:
    """Return what is tried first: a reload opens new sockets on an interface that was made again, and moves no VIP."""
    return RELOAD if sight.made_anew else RESTART


def _strays(sight: Sight, why: str, lasts: float, known: float) -> Iterator[Claim]:
    # Where nobody else is active, a node that serves is better than none, until keepalived had time to become active
    unheld = sight.heard is not None and not sight.heard.peer
    patience = max(ORPHANED_SECONDS, 2 * sight.loaded.down_seconds) if unheld else 0.0
    for address in sight.here:
        yield Claim("stray", sight.loaded.name, why, max(lasts, patience), known, REMOVE, address)


def _active(sight: Sight, answer: Answer, counted: Answer) -> Iterator[Claim]:
    loaded, heard = sight.loaded, sight.heard
    if sight.missing:
        why = f"is active without {' and '.join(sight.missing)}"
        yield Claim("missing", loaded.name, why, STRAY_SECONDS, answer.at, RESTART)
    if not sight.ready:
        return
    if answer.at > counted.at:
        lasts = max(COUNTED_SECONDS, COUNTED_INTERVALS * loaded.interval)
        # Where nobody else is active, a node that serves is better than none
        act = _cure(sight) if sight.made_anew or heard is None or heard.peer else ""
        yield Claim("mute", loaded.name, "is active and sends no adverts", lasts, answer.at, act)
    elif heard and not heard.own:
        # An ear that hears nobody at all is no witness: then keepalived is only asked
        kind, act = ("unheard", _cure(sight)) if heard.peer else ("perhaps mute", ASK)
        lasts = STUCK_SECONDS if heard.peer else NEVER
        yield Claim(kind, loaded.name, "is active and nobody hears it", lasts, answer.at, act)
    if heard and heard.peer > answer.priority:
        why = f"is active beside a peer of priority {heard.peer}, which it does not hear"
        # A restart would not open its ears where a filter closes them
        kind = "second, made anew" if sight.made_anew else "second"
        yield Claim(kind, loaded.name, why, STUCK_SECONDS, answer.at, RELOAD if sight.made_anew else "")


def _backup(sight: Sight, answer: Answer, seen: Observation, counted: Answer) -> Iterator[Claim]:
    loaded, heard = sight.loaded, sight.heard
    peer = heard.peer if heard else 0
    if answer.at > counted.at and (peer or not loaded.grouped or sight.made_anew):
        yield _deaf(sight, answer) if peer else _alone(sight, answer, counted)
    if loaded.preempts and seen.fit and not loaded.grouped and 0 < peer < answer.priority:
        lasts = loaded.preempt_delay + loaded.down_seconds + STUCK_SECONDS
        why = f"does not take over from a peer of priority {peer}"
        yield Claim("stuck", loaded.name, why, lasts, answer.at, RESTART)


def _deaf(sight: Sight, answer: Answer) -> Claim:
    """Claim that a backup does not hear a peer that is active."""
    # An ear calls a peer active for a while after its last advert, and then its backup is about to take over
    memory = sight.loaded.down_seconds + (0.0 if sight.made_anew else EAR_SECONDS)
    why = "does not hear its peers' adverts"
    return Claim("deaf", sight.loaded.name, why, max(_counts(sight), memory), answer.at, _cure(sight))


def _counts(sight: Sight) -> float:
    """Return for how long a counter must not grow. Behind an interface that was made again, a reload does no harm."""
    return max(REMADE_SECONDS if sight.made_anew else COUNTED_SECONDS, COUNTED_INTERVALS * sight.loaded.interval)


def _alone(sight: Sight, answer: Answer, counted: Answer) -> Claim:
    """Claim that a backup hears nobody, and does not become active."""
    loaded = sight.loaded
    lasts = _counts(sight) + loaded.down_seconds
    began = counted.at if sight.made_anew else float("inf")
    why = "neither hears its peers nor takes over"
    return Claim("alone", loaded.name, why, lasts, answer.at, _cure(sight), began=began)


def _blind(sight: Sight, answer: Answer, seen: Observation) -> bool:
    if sight.loaded.priority == OWNER:
        return False
    return not seen.fit or answer.priority != max(1, min(WHOLE, sight.loaded.priority + seen.weight))

# SPDX-License-Identifier: GPL-3.0-or-later
"""Listening on several interfaces for a given time, and probing meanwhile."""

from __future__ import annotations

import select
import time
from contextlib import ExitStack, closing
from typing import Any, NamedTuple, Optional, Sequence

from .capture import Ear, join_ipv6
from .cbpf import ADVERTS, assemble
from .links import Link
from .packet import decode
from .prober import Prober, questions_of
from .survey import Survey

LONGEST = 255  # seconds: the longest interval of VRRPv2
ALWAYS = (
    "VRRP by unicast between other hosts: a switch delivers it to them alone.",
    "Backup routers, which say nothing, and clusters that are switched off.",
)


class Wire(NamedTuple):
    """What came of it, as plain data; `lost` counts packets that came faster than they were read."""

    heard: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    damaged: list[dict[str, Any]]
    lost: int
    unseen: list[str]


SILENCE = Wire([], [], [], 0, ["The wire: nobody listened."])


def listen(links: Sequence[Link], chosen: Sequence[Link], addresses: Sequence[str], seconds: float) -> Wire:
    """Listen on the chosen of this host's links, and ask there for these addresses.

    Raises HaLbError when that is not permitted or an interface does not take it.
    """
    survey = Survey()
    questions, unseen = questions_of(addresses, chosen)
    with ExitStack() as stack:
        ears = []
        for link in chosen:
            ears.append(Ear(link, assemble(ADVERTS)))
            stack.enter_context(closing(ears[-1].socket))
            member = join_ipv6(link)
            if member:
                stack.enter_context(closing(member))
            else:
                unseen.append(f"IPv6 on {link.name} behind a switch that snoops MLD: the group cannot be joined there.")
        begin = time.monotonic()
        prober = stack.enter_context(closing(Prober(questions, begin, begin + seconds)))
        _hear(ears, prober, survey, begin + seconds)
        lost = sum(ear.lost() for ear in ears)
        unseen += [f"What came on {ear.link.name} while it was down." for ear in ears if ear.is_down]
        if lost:
            unseen.append(f"{lost} packets that came faster than they were read.")
        if survey.left_out:
            unseen.append(f"{survey.left_out} adverts, of more routers with one VRID than any network has.")
        return Wire(survey.heard(), prober.answers(links), survey.damaged(), lost, _unseen(chosen, seconds) + unseen)


def _hear(ears: Sequence[Ear], prober: Prober, survey: Survey, end: float) -> None:
    """Read everything until the monotonic clock says `end`."""
    poll = select.poll()
    by_number = {ear.socket.fileno(): ear for ear in [*ears, *prober.ears]}
    probing = {ear.socket.fileno() for ear in prober.ears}
    for number in by_number:
        poll.register(number, select.POLLIN)
    while time.monotonic() < end:
        due = prober.next_round()
        if due is not None and due <= time.monotonic():
            prober.ask()
        for number, events in poll.poll(_milliseconds(end, prober.next_round())):
            ear = by_number[number]
            if number in probing:
                prober.read(ear)
            else:
                _take(ear, survey)
            if events & (select.POLLHUP | select.POLLNVAL):
                poll.unregister(number)


def _take(ear: Ear, survey: Survey) -> None:
    now = time.time()
    for frame in ear.read():
        what = decode(frame.data, frame.tag)
        if what is not None:
            survey.add(ear.link.name, what, now, frame.own)


def _milliseconds(end: float, due: Optional[float]) -> float:
    moment = end if due is None else min(end, due)
    return max(0.0, moment - time.monotonic()) * 1000


def _unseen(chosen: Sequence[Link], seconds: float) -> list[str]:
    names = ", ".join(link.name for link in chosen)
    sentences = [*ALWAYS, f"Networks and VLANs that do not reach {names}."]
    if seconds < LONGEST:
        sentences.append(f"Routers that advertise less often than every {seconds:g} s; VRRPv2 allows 255 s.")
    return sentences

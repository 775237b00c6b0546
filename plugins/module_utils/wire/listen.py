# SPDX-License-Identifier: GPL-3.0-or-later
"""Listen on several interfaces for some time, and probe addresses meanwhile."""

from __future__ import annotations

import select
import time
from contextlib import ExitStack, closing
from typing import Any, Iterable, NamedTuple, Optional, Sequence

from .capture import Listener, join_ipv6
from .cbpf import ADVERTS, assemble
from .links import Link
from .packet import decode
from .prober import Prober, questions_of
from .survey import Ours, Survey

LONGEST = 255  # seconds; the longest advert interval of VRRPv2
QUICK = 0.3  # seconds between two rounds of questions where nobody listens
ALWAYS = (
    "VRRP by unicast between other hosts: a switch delivers it to them alone.",
    "Backup routers, which say nothing, and clusters that are switched off.",
)


class ListenResult(NamedTuple):
    """The result as plain data: records of Survey and Prober.

    `vrids` are all that were heard, `lost` is the number of packets that were not read fast enough; `unseen` are
    sentences on what could not be heard, or was too much; `listened_seconds` is how long was listened.
    """

    heard: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    damaged: list[dict[str, Any]]
    vrids: list[int]
    lost: int
    unseen: list[str]
    listened_seconds: float = 0.0


SILENCE = ListenResult([], [], [], [], 0, ["The wire: nobody listened."])


def listen(
    links: Sequence[Link], chosen: Sequence[Link], addresses: Sequence[str], seconds: float, vrids: Iterable[int] = ()
) -> ListenResult:
    """Listen on the chosen links for so many seconds, and probe these addresses there; `links` are all of this host.

    Of a flood, what has these addresses or `vrids` is kept first.

    Raises HaLbError when the host does not permit it or an interface does not support it.
    """
    survey = Survey(Ours(frozenset(vrids), frozenset(addresses)))
    questions, unseen = questions_of(addresses, chosen)
    with ExitStack() as stack:
        listeners = []
        for link in chosen:
            listeners.append(Listener(link, assemble(ADVERTS)))
            stack.enter_context(closing(listeners[-1].socket))
            member = join_ipv6(link)
            if member:
                stack.enter_context(closing(member))
            else:
                unseen.append(f"IPv6 on {link.name} behind a switch that snoops MLD: the group cannot be joined there.")
        begin = time.monotonic()
        prober = stack.enter_context(closing(Prober(questions, begin, begin + seconds)))
        _hear(listeners, prober, survey, begin + seconds)
        lost = sum(listener.lost() for listener in listeners)
        unseen += [
            f"What came on {listener.link.name} while it was down." for listener in listeners if listener.is_down
        ]
        if lost:
            unseen.append(f"{lost} packets that came faster than they were read.")
        unseen += [*survey.unheard(), *prober.unheard()]
        return ListenResult(
            survey.heard(),
            prober.answers(links),
            survey.damaged(),
            survey.vrids(),
            lost,
            _unseen(chosen, seconds) + unseen,
            seconds,
        )


def ask(links: Sequence[Link], chosen: Sequence[Link], addresses: Sequence[str], earlier: ListenResult) -> ListenResult:
    """Probe these addresses on the chosen links, a few times within a second, and add the answers to what was heard.

    Raises HaLbError when the host does not permit it or an interface does not support it.
    """
    questions, unseen = questions_of(addresses, chosen)
    begin = time.monotonic()
    with closing(Prober(questions, begin, begin + 3 * QUICK, QUICK)) as prober:
        if questions:
            _hear([], prober, Survey(), begin + 3 * QUICK)
        return earlier._replace(
            answers=prober.answers(links),
            # In whole tens, so that all nodes say the same
            unseen=_unseen(chosen, earlier.listened_seconds // 10 * 10) + unseen + prober.unheard(),
        )


def _hear(listeners: Sequence[Listener], prober: Prober, survey: Survey, end: float) -> None:
    """Read all listeners, and send the probes that are due, until the monotonic clock is at `end`."""
    poll = select.poll()
    by_number = {listener.socket.fileno(): listener for listener in [*listeners, *prober.listeners]}
    probing = {listener.socket.fileno() for listener in prober.listeners}
    for number in by_number:
        poll.register(number, select.POLLIN)
    while time.monotonic() < end:
        due = prober.next_round()
        if due is not None and due <= time.monotonic():
            prober.ask()
        for number, events in poll.poll(_milliseconds(end, prober.next_round())):
            listener = by_number[number]
            if number in probing:
                prober.read(listener)
            else:
                _read(listener, survey)
            if events & (select.POLLHUP | select.POLLNVAL):
                poll.unregister(number)


def _read(listener: Listener, survey: Survey) -> None:
    now = time.time()
    for frame in listener.read():
        packet = decode(frame.data, frame.tag)
        if packet is not None:
            survey.add(listener.link.name, packet, now, frame.own)


def _milliseconds(end: float, due: Optional[float]) -> float:
    """Return the time until the end or the next probe, for poll()."""
    moment = end if due is None else min(end, due)
    return max(0.0, moment - time.monotonic()) * 1000


def _unseen(chosen: Sequence[Link], seconds: float) -> list[str]:
    names = ", ".join(link.name for link in chosen)
    sentences = [*ALWAYS, f"Networks and VLANs that do not reach {names}."]
    if seconds < LONGEST:
        sentences.append(f"Routers that advertise less often than every {seconds:g} s; VRRPv2 allows 255 s.")
    return sentences

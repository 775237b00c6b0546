# SPDX-License-Identifier: GPL-3.0-or-later
"""The ear: hears VRRP, CARP, ARP and neighbour discovery all the time, asks who has a VIP, and probes the uplinks.

It wakes four times a second, whatever comes; it needs CAP_NET_RAW and sends nothing but questions. Without that right,
and without the files that tell it what is ours, it waits, says so once, and stays.
"""

from __future__ import annotations

import json
import os
import time
from socket import NETLINK_ROUTE
from typing import Any, Dict, List, Optional, Tuple

from ...wire.probe import arp_probe, solicitation
from ...wire.survey import Ours
from ..files import EVERYBODYS, write_whole
from ..journal import say
from ..netlink import LINKS_AND_ADDRESSES, Netlink
from .claims import Claims, Question
from .config import Watched, read_instances, read_uplinks
from .filter import MOST_LINKS, program_of
from .findings import found, scene_of
from .hearing import Hearing
from .netlink import Interface, interfaces
from .probes import Probes
from .report import answers_of, report, routers_text
from .ring import Ring
from .routers import Routers
from .told import CHANGING, Told
from .uplinks import record

TICK = 0.25  # seconds
STOOD_STILL = 1.0  # seconds between two ticks, after which what was not heard says nothing
JUDGE = 4  # ticks between two judgements
WRITE = 2  # ticks between two reports
ANSWERS = 40  # ticks after which claims that no longer hold are gone from it
AGAIN = 20  # ticks after which a socket that could not be opened is tried again
RENEW = 240  # ticks after which old routers are forgotten


class Journal:
    """Says a sentence on a subject once, until it is another one."""

    def __init__(self) -> None:
        self._said: Dict[str, str] = {}

    def say(self, subject: str, sentence: str) -> None:
        """Print the sentence, which systemd puts into the journal; an empty one means that all is well again."""
        if self._said.get(subject, "") != sentence:
            self._said[subject] = sentence
            if sentence:
                say(sentence)


class Ear:
    """Everything that the ear knows; `step` is called at every tick."""

    def __init__(self, instances: str, uplinks: str, heard: str, lock: str) -> None:
        missing = "which instances are ours is not known yet"
        self._instances = Watched(instances, read_instances, missing)
        self._uplinks = Watched(uplinks, read_uplinks)
        self._heard, self._lock = heard, lock
        self._routers, self._claims = Routers(), Claims(lambda: os.urandom(1)[0] / 255)
        self._hearing, self._told, self._probes = Hearing(self._routers, self._claims), Told(), Probes()
        self._journal = Journal()
        self._ring: Optional[Ring] = None
        self._changes: Optional[Netlink] = None
        self._links: Tuple[Interface, ...] = ()
        self._since: Dict[str, float] = {}
        self._changing_since: Optional[float] = None
        self._parts: Dict[str, str] = {"answers": "[]", "findings": "[]", "uplinks": "[]"}
        self._ticks, self._lost, self._left_out, self._last = 0, 0, 0, time.monotonic()
        self._began = self._complete = self._last
        self._problem = ""

    def step(self, now: float, clock: float) -> None:
        """Hear, ask, judge and write what is due; `now` is of the monotonic clock, `clock` since the epoch."""
        if now - self._last > STOOD_STILL:
            self._begin_anew(now)
        self._last = now
        if self._ticks % JUDGE == 0 and self._refresh(now):
            self._aim(now)
        if self._ring is None and self._ticks % AGAIN == 0:
            self._open(now)
        if self._ring and self._changes and self._changes.news():
            self._look_around(now)
        self._hear(now, clock)
        if self._probes.step(now):
            self._parts["uplinks"] = json.dumps([record(*each) for each in self._probes.states()])
        if self._ticks % JUDGE == 0:
            self._judge(now, clock)
        if self._ticks % WRITE == 0:
            self._write(now, clock)
        self._ticks += 1

    def _begin_anew(self, now: float) -> None:
        """Take nothing for silence that was not heard while this host stood still."""
        self._since = dict.fromkeys(self._since, now)
        self._claims.forget_silence()
        self._told.forget_doubts()
        self._probes.forget()

    def _refresh(self, now: float) -> bool:
        """Read the files that have changed; tell whether what is ours has."""
        if self._uplinks.refresh():
            self._probes.want(self._uplinks.value, now)
            self._parts["uplinks"] = json.dumps([record(*each) for each in self._probes.states()])
        changed = self._instances.refresh()
        self._journal.say("uplinks", self._uplinks.problem)
        self._journal.say("instances", self._instances.problem)
        return changed

    def _open(self, now: float) -> None:
        try:
            self._changes = self._changes or Netlink(NETLINK_ROUTE, LINKS_AND_ADDRESSES)
            self._ring = Ring(program_of((), ()))
            self._problem = ""
        except PermissionError:
            self._problem = "Nothing is heard on the wire: that needs the capability CAP_NET_RAW."
        except OSError as error:
            self._problem = f"Nothing is heard on the wire: {(error.strerror or str(error)).lower()}."
        self._journal.say("ring", self._problem)
        if self._ring:
            self._look_around(now)

    def _look_around(self, now: float) -> None:
        """Find the interfaces, and hear on those that are new; one that was made again is new."""
        try:
            links = interfaces()
        except OSError as error:
            self._journal.say("links", f"The interfaces cannot be listed: {error}.")
            return
        before = {(each.name, each.number) for each in self._links if each.is_up}
        wanted = {each.interface for each in self._instances.value}
        hearable = [each for each in links if each.is_hearable() or each.name in wanted]
        self._links = links
        here = sorted(hearable, key=lambda each: (each.name not in wanted, each.number))[:MOST_LINKS]
        new = [each for each in here if each.is_up and (each.name, each.number) not in before]
        self._since = {each.name: self._since.get(each.name, now) for each in here if each.is_up}
        self._since.update((each.name, now) for each in new)
        self._hearing.names = {each.number: each.name for each in here}
        if self._ring:
            self._ring.join(each.number for each in new)
        self._aim(now)

    def _aim(self, now: float) -> None:
        """Hear and ask for what is ours now."""
        instances = self._instances.value
        vips = [Question(address, each.interface) for each in instances for address in sorted(each.addresses)]
        on_link = {each.name: each for each in self._links}
        peers = [
            Question(peer, each.interface, True)
            for each in instances
            for peer in sorted(each.peers)
            if each.interface in on_link and on_link[each.interface].reaches(peer)
        ]
        self._claims.want(dict.fromkeys([*vips, *peers]), now)
        addresses = frozenset(each.address for each in vips)
        places = {(each.vrid, each.family, peer) for each in instances for peer in each.peers}
        self._routers.belong(Ours(frozenset(each.vrid for each in instances), addresses), places)
        self._hearing.forget()
        if self._ring:
            self._ring.filter(program_of(self._hearing.names, [each.address for each in (*vips, *peers)]))

    def _hear(self, now: float, clock: float) -> None:
        if self._ring is None:
            return
        try:
            self._hearing.hear(self._ring.read(), now, clock)
            lost = self._ring.lost() if self._ticks % JUDGE == 0 else 0
        except OSError as error:
            self._problem = f"Nothing is heard on the wire: {(error.strerror or str(error)).lower()}."
            self._journal.say("ring", self._problem)
            self._ring.close()
            self._ring = None
            return
        lost += self._hearing.missed
        self._hearing.missed = 0
        if lost:
            self._lost += lost
            self._since = dict.fromkeys(self._since, now)
        if lost or self._routers.left_out != self._left_out:
            self._left_out, self._complete = self._routers.left_out, now
        self._ask(now)

    def _ask(self, now: float) -> None:
        links = {each.name: each for each in self._links}
        for question in self._claims.due(now):
            link = links.get(question.interface)
            if link is None or not link.is_up or self._ring is None:
                continue
            if ":" not in question.address:
                self._ring.send(link.name, arp_probe(link.mac, question.address))
            elif link.link_local():
                self._ring.send(link.name, solicitation(link.mac, link.link_local() or "", question.address))

    def _judge(self, now: float, clock: float) -> None:
        links = {each.name: each for each in self._links}
        scene = scene_of(now, self._instances.value, self._routers, self._claims, links, self._since)
        if self._ring and self._told.update(found(scene), now, clock, self._is_changing(now)):
            self._parts["findings"] = json.dumps(self._told.told())
            for finding in self._told.new:
                say(finding.message)
        if self._ticks % ANSWERS == 0 or self._claims.changed:
            self._claims.changed = False
            self._parts["answers"] = json.dumps(answers_of(self._claims, self._links, now))
        if self._ticks % RENEW == 0:
            self._routers.forget(now, {each.name for each in self._links})
            self._hearing.forget()

    def _is_changing(self, now: float) -> bool:
        """Tell whether a run of this collection changes the cluster; one that was killed does not count for ever."""
        if not os.path.exists(self._lock):
            self._changing_since = None
            return False
        if self._changing_since is None:
            self._changing_since = now
        return now - self._changing_since < CHANGING

    def _without_a_gap(self, now: float) -> float:
        """Return since when every network of ours that is up was heard without a gap."""
        ours = {each.interface for each in self._instances.value}
        return max([self._began if self._ring else now, *(at for name, at in self._since.items() if name in ours)])

    def _heard_since(self) -> Dict[str, float]:
        """Return since when everything on each interface is in the report."""
        return {name: round(max(since, self._complete), 3) for name, since in self._since.items()}

    def _write(self, now: float, clock: float) -> None:
        problems = [self._problem, self._probes.problem, self._instances.problem, self._uplinks.problem]
        rest: Dict[str, Any] = {
            "began": round(self._without_a_gap(now), 3),
            "interfaces": self._heard_since() if self._ring else {},
            "lost": self._lost,
            "damaged": self._hearing.damaged,
            "left_out": self._routers.left_out,
            "problem": " ".join(each for each in problems if each),
        }
        text = report(now, clock, routers_text(self._routers), self._parts, rest)
        try:
            write_whole(self._heard, text, EVERYBODYS)
            self._journal.say("heard", "")
        except OSError as error:
            self._journal.say("heard", f"What was heard cannot be written to {self._heard}: {error.strerror}.")


def main() -> None:
    """Hear, forever."""
    paths: List[str] = [os.environ[f"HA_LB_{name}"] for name in ("INSTANCES", "UPLINKS", "HEARD", "LOCK")]
    ear, due = Ear(*paths), time.monotonic()
    while True:
        ear.step(time.monotonic(), time.time())
        due = max(due + TICK, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    main()

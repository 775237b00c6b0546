# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard of a node: four times a second it looks at keepalived and at what keepalived depends on, and mends it.

It runs as root, because only root may signal keepalived, and because systemd restarts it for root alone. What it does
is decided by the judge, which is pure; here is only how that is seen. Nobody waits for it: without it everything goes
on as it is.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any, Mapping, NamedTuple, Optional, Tuple

from ...host.paths import DRAIN_AT_BOOT
from ..files import EVERYBODYS, text_of, write_whole
from ..journal import say
from ..last_look import NOTHING_YET
from .cached import Cached
from .cut_off import NAME as UPLINK
from .cut_off import CutOff
from .errands import Errands
from .judge import Memory, judge
from .kept import Kept, stamp_of
from .loaded_with import LoadedWith
from .looker import Looker, Ports
from .mending import Mender
from .network import Network
from .process import Pulse, pulse_of, signal_json
from .record import Complaints, Record
from .run_directory import RunDirectory
from .settings import Settings
from .sight import ASK, GONE, RUNS, SILENT, STOPPED, Answer, Observation, Sight
from .sights import answers_of, is_an_ears, read_mapping, sights_of
from .torn import Configurations
from .tracked import FAULT, drained_at_boot

TICK = 0.25  # seconds
SLOW_TICKS = 4  # after which that is looked at which is in less of a hurry
LOOK_SECONDS = 1.0  # between two writings of the look, if it has not changed
ANSWER = "/run/keepalived/keepalived.json"
OF_PROXY = ("proxy", "watch")
NUMBERS = (*OF_PROXY, "keepalived", "drain")
FIFO_UNIT = "/etc/systemd/system/ha_lb-notify.service"
BUSY_SECONDS = 2.0  # after systemd was found to be at work
LOCK_SECONDS = 900.0  # without a sign of life, after which a run is dead (host/lock.py)


class Places(NamedTuple):
    """Where what the guard reads and writes is, as its unit says."""

    own: str
    tracked: str
    channels: str
    ear: str
    uplinks: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Places:
        """Return them; raises KeyError."""
        return cls(*(environment[f"HA_LB_{name}"] for name in ("GUARD", "TRACKED", "CHANNELS", "HEARD", "UPLINKS")))


class Guard:
    """All that lasts from tick to tick."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._complain = Complaints()
        self._record = Record(f"{places.own}/guard.json")
        os.makedirs(f"{places.own}/kept", mode=0o700, exist_ok=True)
        self._kept = Kept(f"{places.own}/kept", self._complain)
        self._directory = RunDirectory(places.tracked, self._kept, NUMBERS, self._record.mended)
        self._errands = Errands()
        self._settings = Settings(self._errands, self._record.mended, self._complain)
        self._configurations = Configurations(self._errands, self._record.mended, self._complain)
        self._mender = Mender(self._directory, self._errands, self._record.mended, self._complain)
        self._network = Network()
        ports = Ports(signal_json, lambda: _answer_stamp(ANSWER), lambda: text_of(ANSWER))
        # As the guard before left it: nobody is to be told that keepalived was stopped
        self._looker = Looker(ports, {**NOTHING_YET, **(read_mapping(f"{places.own}/look.json") or {})})
        self._memory = Memory()
        self._loaded = LoadedWith(places.own, self._errands, self._complain)
        self._ear = Cached(places.ear, is_an_ears)
        self._drained = Cached(DRAIN_AT_BOOT)
        self._cut_off = CutOff(places.uplinks, self._directory, self._record.mended)
        self._busy_until = 0.0
        self._sights: Tuple[Sight, ...] = ()
        self._ticks = 0
        self._pulse: Optional[Pulse] = None
        self._look_written = self._proxy_asked = float("-inf")
        self._proxy: Optional[bool] = None

    def tick(self, now: float, clock: float) -> None:
        """Look once, and do what follows; `now` is monotonic, `clock` since the epoch."""
        self._record.tick(now, clock)
        self._errands.reap()
        self._ticks += 1
        slow = self._ticks % SLOW_TICKS == 0
        pulse = pulse_of(slept=None if slow or self._looker.waits or not self._pulse else self._pulse.slept)
        self._pulse = pulse
        locked = self._is_locked()
        self._reconcile(pulse, now)
        traces = hash((*self._directory.traces.values(), stamp_of(self._places.channels)))
        before = self._looker.shown
        self._looker.look(pulse, (traces,), now, clock)
        self._write_look(before, now)
        self._loaded.tick(pulse, self._directory)
        self._network.tick((each["interface"] for each in self._loaded.instances), now)
        may_act = not locked and now >= self._busy_until
        seen = self._observed(pulse, now, may_act)
        self._memory, acts = judge(self._memory, seen, now)
        if any(act.kind == ASK for act in acts):
            self._looker.hurry(now, clock)
        self._mender.preempts = all(each["preempt"] for each in self._loaded.instances)
        self._mender.is_in_force = self._loaded.is_in_force
        if self._mender.do(acts, self._network):
            self._busy_until = now + BUSY_SECONDS
        if slow:
            self._settings.tick(now, may_act)
            self._configurations.tick(self._directory.configurations(), now, not locked, self._down(pulse))
        self._write_record(now)

    def _reconcile(self, pulse: Optional[Pulse], now: float) -> None:
        """Put the tracked files right."""
        self._kept.of_daemon(pulse.daemon if pulse else self._kept.daemon)
        at_boot = drained_at_boot(self._drained.text() or "")
        sentence = f"the guard cannot put {self._places.tracked} right"
        holds = any(sight.here for sight in self._sights)
        numbers = NUMBERS if self._directory.has_proxy else NUMBERS[len(OF_PROXY) :]
        self._directory.tracked = (*numbers, UPLINK) if self._cut_off.read() else numbers
        try:
            self._directory.tick(pulse is not None, self._memory.handing_over is not None, at_boot)
            self._cut_off.tick(self._ear.mapping(), holds, now)
        except OSError as error:
            self._complain(f"{sentence}: {error.strerror}")
        else:
            self._complain.forget(sentence)
        if self._directory.is_new:
            # It has the old one mounted
            self._directory.is_new = False
            self._errands.start("watch", ("systemctl", "try-restart", "ha_lb-watch.service"), self._watched)
        if self._directory.fifo_is_gone and os.path.exists(FIFO_UNIT):
            # It makes the FIFO; keepalived, which has the old one open, is reloaded when it lost its directory too
            self._errands.start("fifo", ("systemctl", "restart", "ha_lb-notify.service"), self._made_fifo)

    def _watched(self, code: int, said: str) -> None:
        if code:
            self._complain(f"ha_lb-watch cannot be restarted: {said[:200]}")

    def _made_fifo(self, code: int, said: str) -> None:
        if code:
            self._complain(f"ha_lb-notify cannot be restarted to make its FIFO: {said[:200]}")
            return
        self._loaded.forget_directory()
        self._record.mended("notify.fifo was gone", "restarted ha_lb-notify, which has made it again")

    def _observed(self, pulse: Optional[Pulse], now: float, may_act: bool) -> Observation:
        instances = self._loaded.instances
        here, links = self._network.addresses, self._network.links
        self._loaded.note(pulse, links, self._directory)
        answers = answers_of(self._looker.states, self._looker.said) if pulse else {}
        process = RUNS if pulse else GONE
        if pulse and pulse.stopped:
            process = STOPPED
        elif pulse and self._looker.stands_still(now):
            process = SILENT
        fit, weight = self._directory.weight
        self._sights = tuple(sights_of(instances, answers, here, links, self._loaded.indexes, self._ear.mapping(), now))
        return Observation(
            process=process,
            daemon=pulse.daemon if pulse else "",
            sights=self._sights,
            may_act=may_act,
            fit=fit,
            proxy=self._proxy_answers(answers, fit, now),
            weight=weight,
            rise_seconds=self._loaded.rise_seconds,
            watches=self._loaded.watches(self._directory),
        )

    def _proxy_answers(self, answers: Mapping[str, Answer], fit: bool, now: float) -> Optional[bool]:
        """Ask the proxy, where keepalived may be wrong about it, once a second."""
        if not fit or all(answer.state != "FAULT" for answer in answers.values()):
            self._proxy = None
        elif self._proxy is None or now - self._proxy_asked >= LOOK_SECONDS:
            self._proxy, self._proxy_asked = self._directory.proxy_serves(), now
        return self._proxy

    def _is_locked(self) -> bool:
        """Tell whether a run of a playbook that lives is at work here."""
        try:
            alive = float(json.loads(text_of(f"{self._places.tracked}/lock") or "{}").get("alive", 0))
        except (ValueError, AttributeError, TypeError):
            return False
        return alive > 0 and time.clock_gettime(time.CLOCK_BOOTTIME) - alive <= LOCK_SECONDS

    def _down(self, pulse: Optional[Pulse]) -> Tuple[str, ...]:
        proxies = self._directory.proxies() if self._directory.numbers.get("proxy") == FAULT else ()
        return (*proxies, *(() if pulse else ("keepalived",)))

    def _write_look(self, before: Mapping[str, Any], now: float) -> None:
        shown = self._looker.shown
        same = {**shown, "time": 0, "asked": 0} == {**before, "time": 0, "asked": 0}
        if same and now - self._look_written < LOOK_SECONDS:
            return
        self._look_written = now
        self._write("look.json", json.dumps(shown))

    def _write_record(self, now: float) -> None:
        until = self._memory.waits_until
        try:
            self._record.write(self._memory.unfit, None if until is None else until - now)
        except OSError as error:
            self._complain(f"{self._places.own}/guard.json cannot be written: {error.strerror}")

    def _write(self, name: str, text: str) -> None:
        path = f"{self._places.own}/{name}"
        try:
            write_whole(path, text, EVERYBODYS)
        except OSError as error:
            self._complain(f"{path} cannot be written: {error.strerror}")


def _answer_stamp(path: str) -> Optional[Tuple[int, int]]:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def main() -> None:
    """Look forever."""
    guard = Guard(Places.of(os.environ))
    say("the guard looks at keepalived")
    while True:
        begin = time.monotonic()
        guard.tick(begin, time.time())
        time.sleep(max(0.0, TICK - (time.monotonic() - begin)))


if __name__ == "__main__":
    main()

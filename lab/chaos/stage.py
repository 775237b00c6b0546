# SPDX-License-Identifier: GPL-3.0-or-later
"""Play rounds on a lab while clients measure, judge the cluster, and mend what it did not mend itself."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from lab.balancers import Balancers
from lab.chaos.acts import FAILURE, SITE_VARIABLES, context, heal, make
from lab.chaos.bound import Timing, bound
from lab.chaos.catalogue import BY_NAME
from lab.chaos.judge import Judge, settled
from lab.chaos.schedule import Nodes, Round, Step
from lab.chaos.stream import KEPT, NEW, Stream
from lab.engine import LabError
from lab.faults import site
from lab.measure import VipLog
from plugins.module_utils.host.paths import LOGS, NOTIFY_STATE

# A round that is not whole in time is watched for so much longer: is it late, or does it need a person?
LATER_SECONDS = 20.0
MENDED_SECONDS = 3.0
# What an act raises that cannot be done
PLAIN = (LabError, OSError, LookupError, ValueError)
WHOLE, LATE, BROKEN = "whole", "late", "broken"
# Every service starts anew with the files that are there; `site` does the rest
RESTART = "systemd-tmpfiles --create; systemctl restart $proxy keepalived 'ha_lb-*.service'"
CLEAN = (
    "systemctl stop 'chaos-*' 'ha-lb-lab-speaker-*' 2>/dev/null; nft delete table inet chaos 2>/dev/null; "
    "mount -o remount,size=50% /run; mount -o remount,size=50% /var/log/journal; "
    f"umount --lazy {LOGS} {NOTIFY_STATE} 2>/dev/null; "
    "systemctl kill --signal=CONT $proxy keepalived; ip link set $nic up; "
    'for each in $addresses; do ip address replace "$each" dev $nic broadcast +; done; true'
)


@dataclass(frozen=True)
class Result:
    """What came of a round; times in seconds, or ms where the name says so."""

    round: Round
    state: str
    """Whole in time, late, or broken: it was mended only by a person."""
    whole_after: float
    bound: float
    took: float
    wrong: tuple[str, ...]
    began: float
    ended: float
    failed_new: int = 0
    failed_kept: int = 0
    two_holders_ms: float = 0.0
    none_ms: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass
class Stage:
    """A cluster that is measured, and rounds that are played on it."""

    cluster: Balancers
    timing: Timing
    log: VipLog
    stream: Stream
    judge: Judge
    _over: threading.Event = field(default_factory=threading.Event)

    @classmethod
    @contextlib.contextmanager
    def ready(cls, cluster: Balancers, timing: Timing) -> Iterator[Stage]:
        """Measure during the block; the cluster must be whole.

        Raises: LabError, if it does not become so.
        """
        cluster.wait_whole()
        with cluster.logged() as log, Stream(cluster) as stream:
            yield cls(cluster, timing, log, stream, Judge(cluster, timing))

    @property
    def nodes(self) -> Nodes:
        """Return the nodes on which faults are caused."""
        return Nodes(self.cluster.nodes, self.judge.holders, self.cluster.backends)

    def play(self, one: Round, *, prove: bool = False) -> Result:
        """Play a round and judge it; with `prove`, see that every node takes over and that `site` changes nothing.

        A cluster that is broken afterwards stays so, until `repair`.
        """
        self.stream.check()
        self.log.keep()
        began, zero = time.time(), time.monotonic()
        most = bound(one.steps, BY_NAME, self.timing)
        notes = self._act(one.steps)
        failures = [note for note in notes if note.startswith(FAILURE)]
        whole_after, wrong = settled(self.judge.wrong, most)
        if not wrong and prove and not failures:
            failures = [*self.judge.unable(), *self.judge.changed_by_site()]
        state = BROKEN if failures or wrong else WHOLE
        if wrong and not failures and not settled(self.judge.wrong, LATER_SECONDS)[1]:
            state = LATE
        took, ended = time.monotonic() - zero, time.time()
        rest = tuple(note for note in notes if note not in failures)
        wrongs = (*failures, *wrong)
        return self.measured(
            Result(one, state, round(whole_after, 2), most, round(took, 1), wrongs, began, ended, notes=rest)
        )

    def measured(self, result: Result) -> Result:
        """Return the result with what clients and balancers saw of it until now."""
        since, until = result.began, result.ended
        return replace(
            result,
            failed_new=self.stream.count(NEW, since, until),
            failed_kept=self.stream.count(KEPT, since, until),
            two_holders_ms=round(self.log.count_ms(2, since=since, until=until)),
            none_ms=round(self.log.count_ms(0, since=since, until=until)),
        )

    def repair(self) -> str:
        """Do what a person would, and say what it took: to end what is left of the faults, a restart, `site`, a reboot.

        Raises: LabError, if the cluster is not whole after all that.
        """
        wrong: list[str] = []
        for what, mend in (
            ("ending the faults", self._clean),
            ("restarting the services", self._restart),
            ("site", lambda: site(SITE_VARIABLES)(self.cluster, "")),
            ("a reboot of all, and site", self._reboot),
        ):
            with contextlib.suppress(LabError):
                mend()
            wrong = settled(self.judge.wrong, self.timing.move_seconds + MENDED_SECONDS)[1]
            if not wrong:
                return what
        if self.judge.displaced() or self.cluster.problems():
            raise LabError(f"the cluster could not be mended: {'; '.join(wrong)}")
        # It serves: what is left over is not to fail the rounds that follow
        self.judge.remember()
        return "nobody: " + "; ".join(wrong)

    def _act(self, steps: Sequence[Step]) -> list[str]:
        """Play the steps, every one in a thread; return notes, those of failures with FAILURE before them."""
        self._over.clear()
        begin = time.monotonic()
        with ThreadPoolExecutor(len(steps)) as pool:
            try:
                playing = [pool.submit(self._step, step, begin, alone=len(steps) == 1) for step in steps]
                return [note for each in playing for note in each.result()]
            except BaseException:
                # Every fault that has begun is ended, at once
                self._over.set()
                raise

    def _step(self, step: Step, begin: float, *, alone: bool) -> list[str]:
        fault = BY_NAME[step.fault]
        self._over.wait(begin + step.at - time.monotonic())
        if self._over.is_set():
            return []
        notes = []
        try:
            fault.begin(self.cluster, step.node)
        except PLAIN as error:
            # Where another fault has been, this one may find nothing to break
            notes.append(f"{FAILURE if alone else ''}{step.fault} did not come to pass: {error}")
        finally:
            self._over.wait(step.seconds)
            notes += self._end(step, fault.end)
        return notes

    def _end(self, step: Step, end: Callable[[Balancers, str], None] | None) -> list[str]:
        try:
            if end is not None:
                end(self.cluster, step.node)
        except PLAIN as error:
            # It may be over already, because of another fault; if not, the judge sees what it has left
            mark = FAILURE if str(error).startswith(FAILURE) else ""
            return [f"{mark}the end of {step.fault}: {error}"]
        return []

    def _clean(self) -> None:
        running = self.cluster.lab.running()
        for node in (*self.cluster.nodes, *self.cluster.backends):
            if node not in running:
                self.cluster.power_on(node)
            # The first command after a power cut may find that the shell has gone
            if "eth0" not in self.cluster.run(node, "ls /sys/class/net", check=False):
                make(self.cluster, node)
            heal(self.cluster, node)
            self.cluster.run(node, f"{context(self.cluster, node)}; {CLEAN}", check=False)
        for node in self.cluster.backends:
            self._let_go(node)

    def _restart(self) -> None:
        for node in self.cluster.nodes:
            self._let_go(node)
            self.cluster.run(node, f"{context(self.cluster, node)}; {RESTART}", check=False)

    def _let_go(self, node: str) -> None:
        here = self.cluster.run(node, "ip -oneline address | awk '{print $4}'").split()
        for each in here:
            if each.partition("/")[0] in self.cluster.vips:
                self.cluster.run(node, f"ip address delete {each} dev eth0", check=False)

    def _reboot(self) -> None:
        for node in self.cluster.nodes:
            self.cluster.lab.kill(node)
            self.cluster.power_on(node)
        site(SITE_VARIABLES)(self.cluster, "")

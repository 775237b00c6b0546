# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a trial: the client's requests, and which balancer holds which VIP."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from lab.cluster import Lab
from lab.engine import LabError
from plugins.module_utils.operations.probe.summary import summary, target_of

CORE = Path(__file__).parents[1] / "plugins/module_utils"
PROBE = CORE / "operations/probe/loop.py"
VIP_LOG = CORE / "operations/drill/holding.py"
START_SECONDS = 15.0
STOP_SECONDS = 30.0


def _start(lab: Lab, node: str, program: Path, *arguments: str) -> subprocess.Popen[str]:
    """Run a Python file of the core in a node; it ends when its standard input is closed."""
    command = lab.command(node, ["python3", "-c", program.read_text(encoding="utf-8"), *arguments])
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )


def _clock(at: float) -> str:
    """Return the time of day as in journals."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%H:%M:%S.%f")


class Traffic:
    """The probe in the client; it runs during a `with` block and until it has sent its least number of requests."""

    def __init__(self, lab: Lab, client: str, address: str, host: str, port: int = 80, **pace: float) -> None:
        self.result: dict[str, Any] = {}
        self._lab, self._client = lab, client
        target = target_of({"address": address, "port": port, "mode": "http", "headers": {"Host": host}})
        self._asked = json.dumps({"targets": [asdict(target)], "pace": pace})

    def __enter__(self) -> Traffic:
        """Start, and wait until the service answers.

        Raises: LabError, if it does not.
        """
        self._probe = _start(self._lab, self._client, PROBE, self._asked)
        assert self._probe.stdout is not None
        impatience = threading.Timer(START_SECONDS, self._probe.kill)
        impatience.start()
        line = self._probe.stdout.readline()
        impatience.cancel()
        if line != "ready\n":
            raise LabError(f"the service does not answer the probe: {self._probe.communicate()[1].strip()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the probe and read its result; after an error, kill it."""
        if error is not None:
            self._probe.kill()
        output, complaint = self._probe.communicate()
        if error is None:
            if self._probe.returncode:
                raise LabError(f"the probe failed: {complaint.strip()}")
            ((began, rows, missed),) = json.loads(output)
            self.result = summary(rows, began, missed)

    def __str__(self) -> str:
        return f"--- {self._client}, from {_clock(self.result['began'])} on: {self.result}" if self.result else ""


@dataclass(frozen=True)
class Sight:
    """The VIPs that one balancer held from one moment on (seconds since the epoch)."""

    at: float
    node: str
    held: frozenset[str]

    def __str__(self) -> str:
        return f"{_clock(self.at)} {self.node} holds {' '.join(sorted(self.held)) or 'nothing'}"


class VipLog:
    """Which balancer held which VIP when, recorded on the balancers during a `with` block."""

    def __init__(self, lab: Lab, nodes: Iterable[str], vips: Iterable[str]) -> None:
        self.vips = tuple(vips)
        self.sights: list[Sight] = []
        self.begin = self.end = 0.0
        self._lab = lab
        self._nodes = tuple(nodes)
        self._programs: dict[str, subprocess.Popen[str]] = {}
        self._readers: list[threading.Thread] = []

    def __enter__(self) -> VipLog:
        for node in self._nodes:
            self.attach(node)
        deadline = time.monotonic() + START_SECONDS
        while {sight.node for sight in list(self.sights)} != set(self._nodes) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.begin = time.time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end = time.time()
        for program in self._programs.values():
            assert program.stdin is not None
            program.stdin.close()
        for reader in self._readers:
            reader.join(STOP_SECONDS)

    def __str__(self) -> str:
        return "\n".join(map(str, self._ordered()))

    def attach(self, node: str) -> None:
        """Start recording on a node, also after it was switched off and on."""
        program = self._programs[node] = _start(self._lab, node, VIP_LOG, *self.vips)
        assert program.stdout is not None
        reader = threading.Thread(target=self._read, args=(node, program, program.stdout), daemon=True)
        reader.start()
        self._readers.append(reader)

    def keep(self) -> None:
        """Record anew on the nodes where the recording has ended."""
        for node, program in list(self._programs.items()):
            if program.poll() is not None:
                self.attach(node)

    def _read(self, node: str, program: subprocess.Popen[str], lines: IO[str]) -> None:
        for line in lines:
            sight = json.loads(line)
            self.sights.append(Sight(sight["at"], node, frozenset(sight["held"])))
        if not self.end:
            # The node was switched off, so it holds nothing
            self.sights.append(Sight(time.time(), node, frozenset()))
        program.wait()

    def count_ms(self, wanted: int, *, since: float = 0.0, until: float | None = None) -> float:
        """Return how long in ms a VIP had this number of holders (2: two or more) in this time; the worst of all VIPs.

        Until now, or the end of the recording, if no end is given.
        """
        end = until or self.end or time.time()
        return max((sum(self._spans(vip, wanted, since, end)) * 1000 for vip in self.vips), default=0.0)

    def taken(self) -> list[Sight]:
        """Return every takeover since the beginning: when, by which node, and which VIPs."""
        taken, now = [], dict.fromkeys(self._nodes, frozenset[str]())
        for sight in self._ordered():
            if sight.at >= self.begin and sight.held - now[sight.node]:
                taken.append(Sight(sight.at, sight.node, sight.held - now[sight.node]))
            now[sight.node] = sight.held
        return taken

    def _ordered(self) -> list[Sight]:
        return sorted(self.sights, key=lambda each: each.at)

    def _spans(self, vip: str, wanted: int, since: float, until: float) -> Iterable[float]:
        holding: set[str] = set()
        at = 0.0
        for sight in [*self._ordered(), Sight(until, "", frozenset())]:
            begin, end = max(at, since, self.begin), min(sight.at, until)
            if min(len(holding), 2) == wanted and end > begin:
                yield end - begin
            at = sight.at
            holding = holding | {sight.node} if vip in sight.held else holding - {sight.node}

# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of all rounds, on new and on kept connections (client.py), and what failed of their requests."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from lab.balancers import SITE, Balancers
from lab.engine import LabError
from lab.measure import PROBE
from plugins.module_utils.operations.probe.summary import target_of

PROGRAM = Path(__file__).with_name("client.py")
# 50 requests a second on new connections, and 40 on kept ones, of all VIPs together
NEW_SECONDS = 0.02
KEPT_SECONDS = 0.1
KEPT_CONNECTIONS = 4
CONNECT_SECONDS, ANSWER_SECONDS = 0.9, 2.0
START_SECONDS = 20.0
# It says twice a second that it measures
LATE_SECONDS, SILENT_SECONDS = 2.0, 20.0
NEW, KEPT = "new", "kept"


@dataclass(frozen=True)
class Failed:
    """A failed request: when it began (seconds since the epoch), how long it took, to which VIP, and why."""

    kind: str
    at: float
    took: float
    address: str
    error: str


class Stream:
    """Requests to all VIPs during a `with` block."""

    def __init__(self, cluster: Balancers) -> None:
        self.failed: list[Failed] = []
        self.sent: dict[str, int] = {NEW: 0, KEPT: 0}
        self.tick = 0.0
        request = {"port": cluster.port, "mode": "http", "headers": {"Host": SITE}}
        targets = [asdict(target_of({**request, "address": vip})) for vip in cluster.vips]
        timeouts = {"connect_timeout": CONNECT_SECONDS, "timeout": ANSWER_SECONDS}
        # Every VIP gets at least one connection that is kept; the pace of the probe is that of one target
        connections = max(KEPT_CONNECTIONS, len(targets))
        wanted = {
            "targets": targets,
            "host": SITE,
            "new": {"interval": NEW_SECONDS * len(targets), **timeouts},
            "kept": {
                "interval": KEPT_SECONDS * connections / KEPT_CONNECTIONS, "connections": connections, **timeouts
            },
        }  # fmt: skip
        texts = [PROGRAM.read_text(encoding="utf-8"), PROBE.read_text(encoding="utf-8"), json.dumps(wanted)]
        self._command = cluster.lab.command(cluster.client, ["python3", "-c", *texts])

    def __enter__(self) -> Stream:
        """Start, and wait until requests are sent.

        Raises: LabError, if none are.
        """
        self._program = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        deadline = time.monotonic() + START_SECONDS
        while not all(self.sent.values()):
            if self._program.poll() is not None or time.monotonic() > deadline:
                self._program.kill()
                raise LabError(f"the client sends nothing: {self._program.communicate()[1].strip()}")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.kill()
        self._program.wait()

    def count(self, kind: str, since: float, until: float) -> int:
        """Return how many requests of this kind failed that began in this time (seconds since the epoch)."""
        return sum(1 for each in list(self.failed) if each.kind == kind and since <= each.at < until)

    def check(self) -> None:
        """See that the client measures.

        Raises: LabError, if it has been silent for too long.
        """
        deadline = time.monotonic() + SILENT_SECONDS
        while time.time() - self.tick > LATE_SECONDS:
            if time.monotonic() > deadline:
                raise LabError(f"the client has measured nothing for {SILENT_SECONDS:g} s")
            time.sleep(0.05)

    def _read(self) -> None:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            said = json.loads(line)
            if "failed" in said:
                self.failed.append(Failed(said["failed"], said["at"], said["took"], said["address"], said["error"]))
            else:
                self.tick = said["tick"]
                self.sent = {NEW: said[NEW], KEPT: said[KEPT]}

# SPDX-License-Identifier: GPL-3.0-or-later
"""Standstills of this machine are detected, and only these."""

from __future__ import annotations

import signal
import time

from lab.standstill import STOOD_STILL_SECONDS, Standstills


def test_standstills_are_measured() -> None:
    with Standstills() as machine:
        deadline = time.time() + 20
        while not machine.since(0.0) and time.time() < deadline:
            machine.program.send_signal(signal.SIGSTOP)
            time.sleep(2 * STOOD_STILL_SECONDS)
            machine.program.send_signal(signal.SIGCONT)
            time.sleep(0.1)
        assert min(machine.since(0.0)) >= STOOD_STILL_SECONDS
        assert machine.since(time.time()) == []

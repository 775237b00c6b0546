# SPDX-License-Identifier: GPL-3.0-or-later
"""That this machine stood still is told; and that it did not."""

from __future__ import annotations

import signal
import time

from lab.standstill import STOOD_STILL_SECONDS, Standstills


def test_it_is_told_how_long_a_machine_stood_still() -> None:
    with Standstills() as machine:
        deadline = time.time() + 20
        while not machine.since(0.0) and time.time() < deadline:
            machine.program.send_signal(signal.SIGSTOP)
            time.sleep(2 * STOOD_STILL_SECONDS)
            machine.program.send_signal(signal.SIGCONT)
            time.sleep(0.1)
        assert min(machine.since(0.0)) >= STOOD_STILL_SECONDS
        assert machine.since(time.time()) == []

# SPDX-License-Identifier: GPL-3.0-or-later
"""A test message to every channel of a node, and its results."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path
from typing import Any, Dict, List, Mapping

from ...basics.errors import HaLbError

POLL_SECONDS = 0.1
SET_UP = "run `site`, which sets the notifier up"


def ask(fifo: Path, name: str) -> None:
    """Ask the notifier to send a test message of that name.

    Raises HaLbError when the notifier does not run or does not read.
    """
    try:
        descriptor = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        raise HaLbError(f"{fifo} is not there: {SET_UP}") from None
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        raise HaLbError("nobody listens: see `systemctl status ha_lb-notify`") from error
    try:
        os.write(descriptor, f"\nTEST {name}\n".encode())
    except BlockingIOError:
        raise HaLbError("the notifier takes nothing: see `systemctl status ha_lb-notify`") from None
    finally:
        os.close(descriptor)


def results(state: Mapping[str, Any], name: str) -> List[Dict[str, Any]]:
    """Return the result of a test in every channel; `state` is what the notifier wrote about them."""
    return [
        {
            "channel": each["name"],
            "whom": each["whom"],
            "done": name in each["tests"],
            "delivered": each["tests"].get(name) == "",
            "problem": each["tests"].get(name, _waiting(each)),
        }
        for each in state.get("channels", ())
    ]


def _waiting(channel: Mapping[str, Any]) -> str:
    before = channel["waiting"] - 1
    queue = f", and {before} before it" if before > 0 else ""
    return f"it still waits{queue}: {channel['problem'] or 'the receiver has not answered yet'}"


def wait_for(channels: Path, name: str, seconds: float) -> List[Dict[str, Any]]:
    """Return the results when all channels are done, or after so many seconds.

    Raises HaLbError when the notifier does not run or does not take the test in that time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            state = json.loads(channels.read_text())
        except FileNotFoundError:
            raise HaLbError(f"the notifier does not run: {SET_UP}") from None
        found = results(state, name)
        taken = name == state.get("test")
        if taken and all(each["done"] for each in found):
            return found
        if time.monotonic() > deadline:
            if taken:
                return found
            raise HaLbError("the notifier does not answer: see `systemctl status ha_lb-notify`")
        time.sleep(POLL_SECONDS)


def sentences(found: List[Dict[str, Any]]) -> List[str]:
    """Return the results as sentences."""
    if not found:
        return ["nobody is told: notify_mail, notify_webhooks and notify_commands are empty"]
    return [
        f"{each['channel']} ({each['whom']}): "
        + ("delivered" if each["delivered"] else f"not delivered: {each['problem']}")
        for each in found
    ]

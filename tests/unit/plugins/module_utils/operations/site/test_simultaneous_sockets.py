# SPDX-License-Identifier: GPL-3.0-or-later
"""An appointment on real sockets, of loopback."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.operations.site import simultaneous_reload as countdown
from module_utils.operations.site.simultaneous_reload import Countdown
from module_utils.operations.site.simultaneous_sockets import meet

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets are root's")

IPV4 = {"lb1": "127.0.0.1", "lb2": "127.0.0.2", "lb3": "127.0.0.3"}
IPV6 = dict.fromkeys(IPV4, "::1")


def come(node, addresses, patience=5.0):
    begin = time.monotonic()
    return meet(Countdown(f"test {os.getpid()}", node, tuple(addresses), 0, begin, patience), node, addresses)


@pytest.mark.parametrize("addresses", [IPV4, IPV6], ids=["IPv4", "IPv6"])
def test_all_come(addresses, monkeypatch):
    monkeypatch.setattr(countdown, "COUNT_FROM", 0.2)
    with ThreadPoolExecutor(len(addresses)) as pool:
        moments = list(pool.map(lambda node: come(node, addresses), addresses))
    assert max(moments) - min(moments) < 0.1
    assert 0 <= time.monotonic() - max(moments) < 1


def test_nobody_comes():
    with pytest.raises(HaLbError, match=r"^lb2 and lb3 did not answer lb1, so nothing was reloaded: "):
        come("lb1", IPV4, patience=0.1)

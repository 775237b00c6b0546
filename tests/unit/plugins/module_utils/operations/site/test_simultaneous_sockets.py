# SPDX-License-Identifier: GPL-3.0-or-later
"""A simultaneous reload over raw sockets on loopback."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.operations.site import simultaneous_call, simultaneous_reload
from module_utils.operations.site.simultaneous_reload import Participant
from module_utils.operations.site.simultaneous_sockets import agree

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets need root")

IPV4 = {"lb1": "127.0.0.1", "lb2": "127.0.0.2", "lb3": "127.0.0.3"}
IPV6 = dict.fromkeys(IPV4, "::1")


def moment_of(node, addresses, patience=5.0):
    begin = time.monotonic()
    return agree(Participant(f"a secret of {os.getpid()}", node, tuple(addresses), 0, begin, patience), node, addresses)


@pytest.mark.parametrize("addresses", [IPV4, IPV6], ids=["IPv4", "IPv6"])
def test_all_nodes_agree_on_one_moment(addresses, monkeypatch):
    for module in (simultaneous_call, simultaneous_reload):
        monkeypatch.setattr(module, "LEAD", 0.2)
    with ThreadPoolExecutor(len(addresses)) as pool:
        moments = list(pool.map(lambda node: moment_of(node, addresses), addresses))
    assert max(moments) - min(moments) < 0.1
    assert 0 <= time.monotonic() - max(moments) < 1


def test_missing_nodes_are_named():
    with pytest.raises(HaLbError, match=r"^lb2 and lb3 did not answer lb1, so nothing was reloaded: "):
        moment_of("lb1", IPV4, patience=0.1)

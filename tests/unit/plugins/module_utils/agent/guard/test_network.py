# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's addresses and interfaces, by the kernel of this machine."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest
from module_utils.agent.guard.netlink import remove
from module_utils.agent.guard.network import Network
from module_utils.agent.guard.sights import Link, link_of
from module_utils.agent.netlink import HostAddress, Netlink, addresses


def test_the_loopback_is_found():
    with closing(Netlink(0)) as netlink:
        found = addresses(netlink)
    assert HostAddress("127.0.0.1", 8, 1, socket.AF_INET) in found


def test_an_address_that_is_not_there_cannot_be_removed():
    with closing(Netlink(0)) as netlink, pytest.raises(OSError, match=r"assign|permitted"):
        remove(netlink, HostAddress("192.0.2.1", 32, 1, socket.AF_INET))


def test_it_is_read_now_and_then():
    with closing(Network()) as network:
        network.tick(["lo"], 10.0)
        assert network.links["lo"].number == 1
        network.links = {"lo": Link(0, False)}
        network.tick(["lo"], 12.5)
        assert network.links["lo"].number == 1
        network.tick(["lo", "nonesuch"], 12.6)
        assert network.links["nonesuch"] == Link(0, False)


@pytest.mark.parametrize(
    ("flags", "carrier", "up"), [("0x1003", "1", True), ("0x1002", "1", False), ("0x1003", "0", False), ("", "", False)]
)
def test_a_link(tmp_path, flags, carrier, up):
    folder = tmp_path / "eth0"
    folder.mkdir()
    for name, text in (("ifindex", "7"), ("flags", flags), ("carrier", carrier)):
        (folder / name).write_text(f"{text}\n")
    assert link_of("eth0", str(tmp_path)) == Link(7, up)

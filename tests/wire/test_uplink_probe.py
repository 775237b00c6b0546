# SPDX-License-Identifier: GPL-3.0-or-later
"""Uplinks on a real kernel: a host that answers, a port that is open, one that is closed, an address without a host."""

from __future__ import annotations

import subprocess
import sys

LISTEN = """
import socket, sys
sockets = [socket.create_server((address, 8443), family=family)
           for family, address in ((socket.AF_INET, "192.0.2.99"), (socket.AF_INET6, "2001:db8::99"))]
print("ready", flush=True)
sys.stdin.read()
"""
NEIGHBOUR = ["192.0.2.99", "2001:db8::99"]


def found(ask, *uplinks):
    answer = ask(
        module="uplink_probe", uplinks=[dict(zip(("address", "port"), each, strict=False)) for each in uplinks]
    )
    return {(each["address"], each["port"]): (each["reached"], each["why"]) for each in answer["uplinks"]}


def test_icmp(ask):
    assert found(ask, *((each, None) for each in NEIGHBOUR)) == {(each, None): (True, "") for each in NEIGHBOUR}


def test_nobody_there(ask):
    said = found(ask, ("192.0.2.77", None), ("2001:db8::77", None), ("192.0.2.77", 8443), ("198.51.100.1", None))
    assert [reached for reached, why in said.values()] == [False] * 4
    assert all(why for reached, why in said.values())
    assert "unreachable" in said["198.51.100.1", None][1]


def test_tcp(ask, speaker):
    ports = [(each, port) for each in NEIGHBOUR for port in (8443, 8444)]
    command = speaker.command(sys.executable, "-c", LISTEN)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout.readline() == "ready\n"
        said = found(ask, *ports)
        listener.stdin.close()
    for each in NEIGHBOUR:
        assert said[each, 8443] == (True, "")
        assert said[each, 8444] == (False, "it refused the connection")


def test_it_ends_in_time(ask):
    assert (
        ask(module="uplink_probe", uplinks=[{"address": f"192.0.2.{number}"} for number in range(70, 78)])["took"] < 6
    )

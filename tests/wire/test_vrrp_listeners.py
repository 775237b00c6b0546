# SPDX-License-Identifier: GPL-3.0-or-later
"""Receivers of VRRP on a real kernel: a host with a receiver, one without, and an address without a host."""

from __future__ import annotations

import subprocess
import sys

LISTEN = """
import socket, sys
sockets = [socket.socket(family, socket.SOCK_RAW, 112) for family in (socket.AF_INET, socket.AF_INET6)]
print("ready", flush=True)
sys.stdin.read()
"""
NEIGHBOUR = ["192.0.2.99", "2001:db8::99"]


def test_vrrp_listeners(ask, speaker):
    addresses = [*NEIGHBOUR, "192.0.2.77"]
    assert ask(module="vrrp_listeners", addresses=addresses)["addresses"] == []
    command = speaker.command(sys.executable, "-c", LISTEN)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout.readline() == "ready\n"
        assert ask(module="vrrp_listeners", addresses=addresses)["addresses"] == NEIGHBOUR
        listener.stdin.close()


def test_vrrp_listeners_of_a_name(ask):
    answer = ask(module="vrrp_listeners", addresses=["lb1"])
    assert answer["rc"] == 1
    assert "lb1" in answer["msg"]

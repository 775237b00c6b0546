# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts agree on a moment while a stranger on their network floods them and repeats all that they say."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from lab.adverts import ethernet, ipv4, ipv6
from lab.wire_namespace import LISTENER_MAC, SPEAKER_MAC

PLUGINS = Path(__file__).parents[2] / "plugins"
WORD = "nobody else knows this"
ADDRESSES = {
    "IPv4": {"lb1": "192.0.2.11", "lb2": "192.0.2.99"},
    "IPv6": {"lb1": "2001:db8::11", "lb2": "2001:db8::99"},
}
STRANGERS = {"IPv4": "192.0.2.66", "IPv6": "2001:db8::66"}
NODE = """
import json, sys, time
from module_utils.basics.errors import HaLbError
from module_utils.operations.site.simultaneous_reload import Participant
from module_utils.operations.site.simultaneous_sockets import agree
node, addresses, patience = json.loads(sys.argv[1])
begin = time.monotonic()
try:
    moment = agree(Participant({word!r}, node, tuple(addresses), 0, begin, patience), node, addresses)
    print(json.dumps({{"moment": moment, "end": time.monotonic()}}))
except HaLbError as error:
    print(json.dumps({{"error": str(error), "took": time.monotonic() - begin}}))
"""
# Every packet that was heard goes out again, at once and for ever, also to the other host
REPEAT = """
import select, socket
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind(("eth0", 0))
heard, at = [], 0
print("ready", flush=True)
while True:
    if select.select([wire], [], [], 0.0005)[0]:
        frame, where = wire.recvfrom(2048)
        protocol = frame[23] if frame[12:14] == b"\\x08\\x00" else frame[20]
        if protocol == 112 and b"\\x00\\x00\\x01\\x00" in frame and frame not in heard[-50:] and len(heard) < 5000:
            heard.append(frame)
            wire.send(frame)
    if heard:
        at += 1
        wire.send(heard[at % len(heard)])
"""


def flood(family, addresses, own, to, mac, of):
    """Return frames to the node `to` from a stranger, and under the address of its peer."""
    now = struct.pack("!4sHHQIHH", b"\0\0\1\0", int(to == "lb1"), int(to == "lb2"), 2**63, 0, 0, 0) + bytes(32)
    packets = [b"[" * 1400, b"\0\0" + b"[" * 1400, now, b"\0\0\1\0" + b"\xff" * 52, b"\x31\xff" * 20]
    peer = addresses["lb2" if to == "lb1" else "lb1"]
    wrap = ipv4 if family == "IPv4" else ipv6
    ends = [(own, addresses[to]), (own, addresses[to]), (own, addresses[to]), (peer, addresses[to])]
    return [ethernet(wrap(data, ends=each), mac=of, to=mac) for data in packets for each in ends]


@contextmanager
def node(host, *arguments):
    """Run one node; yields the process, whose output is its result."""
    program = NODE.format(word=WORD)
    command = host.command("env", f"PYTHONPATH={PLUGINS}", sys.executable, "-c", program, json.dumps(arguments))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process


@pytest.fixture(params=["IPv4", "IPv6"])
def family(request):
    return request.param


@pytest.fixture
def stranger(family, listener, speaker):
    """Flood both hosts, and repeat all that they say, for the test."""
    addresses, own = ADDRESSES[family], STRANGERS[family]
    with ExitStack() as stack:
        ways = ((speaker, "lb1", LISTENER_MAC, SPEAKER_MAC), (listener, "lb2", SPEAKER_MAC, LISTENER_MAC))
        for host, to, mac, of in ways:
            frames = flood(family, addresses, own, to, mac, of)
            stack.enter_context(host.speaking(frames, per_second=3000, seconds=60))
            repeater = subprocess.Popen(host.command(sys.executable, "-c", REPEAT), stdout=subprocess.PIPE, text=True)
            stack.callback(repeater.wait)
            stack.callback(repeater.kill)
            assert repeater.stdout.readline() == "ready\n"
        yield


@pytest.mark.usefixtures("stranger")
def test_hosts_agree_on_one_moment_beside_a_stranger(family, listener, speaker):
    addresses = ADDRESSES[family]
    with node(listener, "lb1", addresses, 30.0) as one, node(speaker, "lb2", addresses, 30.0) as two:
        results = [json.loads(each.communicate(timeout=60)[0]) for each in (one, two)]
    moments = [each["moment"] for each in results]
    assert max(moments) - min(moments) < 0.1, results
    assert all(0 <= each["end"] - each["moment"] < 1 for each in results), results


@pytest.mark.usefixtures("stranger")
def test_a_stranger_holds_nobody_up(family, listener, speaker):
    """Neither its own packets nor those of an earlier attempt keep a node waiting for one that is gone."""
    addresses = ADDRESSES[family]
    with node(listener, "lb1", addresses, 2.0) as one:
        alone = json.loads(one.communicate(timeout=60)[0])
    assert alone["error"].startswith("lb2 did not answer lb1"), alone
    assert alone["took"] < 4, alone
    begin = time.monotonic()
    with node(speaker, "lb2", addresses, 2.0) as two:
        late = json.loads(two.communicate(timeout=60)[0])
    assert late["error"].startswith("lb1 did not call lb2"), late
    # Repeated calls of the coordinator that it has not heard yet count once each, within the patience of one more node
    assert time.monotonic() - begin < 20, late

# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that drops strangers' VRRP, in a real kernel: whose packets come to a socket, and whose do not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.adverts import ethernet, ipv4, ipv6, vrrp3
from lab.wire_namespace import LISTENER_MAC

PROGRAM = Path(__file__).parents[2] / "plugins/module_utils/agent/drop_strangers.py"
PEER, STRANGER, OURS = "192.0.2.99", "192.0.2.66", "192.0.2.11"
PEER6, STRANGER6, OURS6 = "2001:db8::99", "2001:db8::66", "2001:db8::11"
GROUP, GROUP6 = "224.0.0.18", "ff02::12"
LINES = f"! VRRP over ipv4 comes from these alone: {PEER}\n! VRRP over ipv6 comes from these alone: {PEER6}\n"
# Prints [source, first octet of its payload] of what came, until the packet that is sent last is there
RECEIVER = f"""
import json, select, socket, struct
wires = [socket.socket(family, socket.SOCK_RAW, 112) for family in (socket.AF_INET, socket.AF_INET6)]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("{OURS}", 9))
number = socket.if_nametoindex("eth0")
member = socket.inet_aton("{GROUP}") + socket.inet_aton("{OURS}")
wires[0].setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
group = socket.inet_pton(socket.AF_INET6, "{GROUP6}") + struct.pack("I", number)
wires[1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
print("ready", flush=True)
came = []
while True:
    ready = select.select([*wires, udp], [], [], 20)[0]
    for each in (each for each in ready if each is not udp):
        data, source = each.recvfrom(2048)
        came.append([source[0], (data[20:] if each is wires[0] else data)[1]])
    if ready == [udp] or not ready:
        print(json.dumps(came if ready else "nothing more came"))
        break
"""


def packets():
    """Return frames by the VRID under which each is sent."""
    sent = {
        1: ipv4(vrrp3(1), ends=(PEER, OURS)),
        2: ipv4(vrrp3(2), ends=(PEER, GROUP)),
        3: ipv4(vrrp3(3), ends=(STRANGER, OURS)),
        4: ipv4(vrrp3(4, priority=255), ends=(STRANGER, GROUP)),
        5: ipv4(vrrp3(5), ends=(PEER, OURS), ttl=64),
        6: ipv4(vrrp3(6, priority=0), ends=(STRANGER, OURS)),
        11: ipv6(vrrp3(11), ends=(PEER6, OURS6)),
        12: ipv6(vrrp3(12), ends=(PEER6, GROUP6)),
        13: ipv6(vrrp3(13), ends=(STRANGER6, OURS6)),
        14: ipv6(vrrp3(14, priority=255), ends=(STRANGER6, GROUP6)),
        15: ipv6(vrrp3(15), ends=(PEER6, OURS6), ttl=254),
    }
    multicast = {2: "01:00:5e:00:00:12", 4: "01:00:5e:00:00:12", 12: "33:33:00:00:00:12", 14: "33:33:00:00:00:12"}
    return [ethernet(packet, to=multicast.get(vrid, LISTENER_MAC)) for vrid, packet in sent.items()]


@pytest.fixture
def program(listener, tmp_path):
    """Return a function that runs the program in the listener's namespace, with these lines: what it says."""
    paths = [tmp_path / name for name in ("senders", "keepalived.conf", "before")]
    code = (
        "import sys, runpy, pathlib; main = runpy.run_path(sys.argv[1])['main'];"
        "main(sys.argv[5:], *map(pathlib.Path, sys.argv[2:5]))"
    )

    def run(*arguments, lines=LINES):
        for path in paths[:2]:
            path.write_text(lines)
        command = [sys.executable, "-c", code, str(PROGRAM), *map(str, paths), *arguments]
        done = subprocess.run(listener.command(*command), capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return done.stdout.splitlines()

    return run


@pytest.fixture
def heard(listener, speaker):
    """Return a function that sends all packets, and returns the VRIDs of those that came."""

    def hear():
        command = listener.command(sys.executable, "-c", RECEIVER)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:
            assert receiver.stdout.readline() == "ready\n"
            last = ethernet(ipv4(b"\0\1\0\11\0\10\0\0", ends=(PEER, OURS), protocol=17), to=LISTENER_MAC)
            with speaker.speaking([*packets(), last], per_second=200):
                came = json.loads(receiver.stdout.readline())
        return {vrid for _source, vrid in came}

    return hear


EVERYBODY = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15}
PEERS = {1, 2, 11, 12}


def test_only_peers_with_the_right_hop_limit_are_heard(program, heard, listener):
    assert heard() == EVERYBODY
    assert program("--check") == program()
    assert heard() == PEERS
    assert program() == []
    listed = subprocess.run(listener.command("nft", "list", "ruleset"), capture_output=True, text=True, check=True)
    assert listed.stdout.count(" drop ") == listed.stdout.count("meta l4proto vrrp ") == 4


def test_a_family_whose_senders_are_not_known_stays_open(program, heard):
    program(lines=LINES.splitlines()[0])
    assert heard() == EVERYBODY - {3, 4, 5, 6}


def test_a_flush_by_others_is_mended_and_close_lets_everybody_in(program, heard, listener):
    program()
    subprocess.run(listener.command("nft", "flush", "ruleset"), check=True)
    assert heard() == EVERYBODY
    assert program("--check") == [
        f"closed VRRP over ipv4 to all but {PEER}",
        f"closed VRRP over ipv6 to all but {PEER6}",
    ]
    program()
    assert heard() == PEERS
    assert program("--close") == ["opened VRRP to everybody"]
    assert heard() == EVERYBODY


def test_a_peer_is_heard_throughout_while_the_table_is_replaced(program, listener, speaker):
    """The numbered packets of a peer come without a gap, while the table is loaded with ever other peers beside it."""
    count = 400
    counter = (
        "import socket, sys; wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112); print('ready', flush=True);"
        f"seen = [int.from_bytes(wire.recv(99)[28:30], 'big') for _ in range({count})];"
        f"print([each for each, after in zip(seen, seen[1:]) if (after - each) % {count} != 1])"
    )
    program()
    command = listener.command(sys.executable, "-c", counter)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:
        assert receiver.stdout.readline() == "ready\n"
        frames = [
            ethernet(ipv4(vrrp3(addresses=(f"{number >> 8}.{number & 255}.0.0",)), ends=(PEER, OURS)), to=LISTENER_MAC)
            for number in range(count)
        ]
        with speaker.speaking(frames, per_second=200):
            for number in range(10):
                program(lines=LINES.replace(PEER, f"{PEER}, 192.0.2.{100 + number}"))
            assert receiver.stdout.readline() == "[]\n"

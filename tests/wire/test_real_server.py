# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server answers no ARP and no neighbour discovery for its VIPs, whatever happens to it, and serves them."""

from __future__ import annotations

import ipaddress
import json
import struct
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.adverts import checksum, ethernet, ipv4, ipv6, packed
from lab.wire_namespace import LISTENER_MAC, SPEAKER_MAC

PROGRAM = Path(__file__).parents[2] / "plugins/module_utils/agent/real_server.py"
VIP, SECOND, VIP6, OWN, OWN6 = "192.0.2.10", "192.0.2.20", "2001:db8::10", "192.0.2.11", "2001:db8::11"
SETTINGS = ("net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.all.arp_announce")
KNOWN = ("192.0.2.99", "192.0.2.99", "2001:db8::99")
BROADCAST = "ff:ff:ff:ff:ff:ff"
# Prints every frame of the server, until it answers the request that is sent last
CAPTURE = f"""
import select, socket
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)
wire.bind(("eth0", 0))
print("ready", flush=True)
server, last = bytes.fromhex("{LISTENER_MAC.replace(":", "")}"), bytes([192, 0, 2, 98])
while select.select([wire], [], [], 20)[0]:
    frame = wire.recv(2048)
    if frame[6:12] == server:
        print(frame.hex(), flush=True)
        if frame[12:14] == b"\\x08\\x06" and frame[20:22] == b"\\0\\2" and frame[38:42] == last:
            break
"""


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def arp(target, to=BROADCAST, sender="192.0.2.99"):
    """Make a frame that asks who has an address (RFC 826)."""
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac(SPEAKER_MAC) + packed(sender) + bytes(6) + packed(target)
    return mac(to) + mac(SPEAKER_MAC) + b"\x08\x06" + body


def solicitation(target, to="", sender="fe80::99"):
    """Make a neighbour solicitation (RFC 4861 §4.3), to all who may have the address or to one."""
    low = packed(target)[-3:]
    group = f"ff02::1:ff{low[0]:02x}:{low[1]:02x}{low[2]:02x}"
    ends = (sender, target if to else group)
    body = b"\x87\0\0\0" + bytes(4) + packed(target) + b"\1\1" + mac(SPEAKER_MAC)
    pseudo = packed(*ends) + struct.pack("!II", len(body), 58)
    body = body[:2] + checksum(pseudo + body).to_bytes(2, "big") + body[4:]
    where = to or f"33:33:ff:{low[0]:02x}:{low[1]:02x}:{low[2]:02x}"
    return ethernet(ipv6(body, ends, header=58), mac=SPEAKER_MAC, to=where)


def syn(source, vip):
    """Make the frame of a client that a director sends on: it opens a connection to a port where nobody listens."""
    head = struct.pack("!HHIIBBHHH", 40000, 9, 1, 0, 0x50, 2, 1024, 0, 0)
    pseudo = packed(source, vip) + (struct.pack("!BBH", 0, 6, 20) if "." in vip else struct.pack("!II", 20, 6))
    head = head[:16] + checksum(pseudo + head).to_bytes(2, "big") + head[18:]
    packet = ipv4(head, (source, vip), protocol=6) if "." in vip else ipv6(head, (source, vip), header=6)
    return ethernet(packet, mac=SPEAKER_MAC, to=LISTENER_MAC)


def questions():
    """Return what strangers and directors send: of clients, one that is there, and many that nobody knows."""
    clients = [f"192.0.2.{number}" for number in range(100, 140)]
    clients6 = [f"2001:db8::{number}" for number in range(100, 140)]
    asked = [
        *(arp(each, to) for each in (VIP, SECOND, OWN) for to in (BROADCAST, LISTENER_MAC)),
        arp(VIP, sender="0.0.0.0"),
        *(solicitation(each, to) for each in (VIP6, OWN6) for to in ("", LISTENER_MAC)),
    ]
    return [
        frame
        for client, client6 in zip(clients, clients6, strict=True)
        for frame in (*asked, *map(syn, (client, client, client6, *KNOWN), (VIP, SECOND, VIP6) * 2))
    ]


def fact_of(frame):
    """Return what a frame of the server says, `arp` being an answer and `asks` a question, and of which address."""
    kind, packet = frame[12:14], frame[14:]
    if kind == b"\x08\x06":
        return ("arp" if packet[7] == 2 else "asks"), short(packet[14:18])
    if kind == b"\x08\x00":
        return ("tcp" if packet[9] == 6 else "ipv4"), short(packet[12:16])
    icmp = packet[40] if packet[6] == 58 else 0
    if icmp == 136:
        return "na", short(packet[48:64])
    return {6: "tcp"}.get(packet[6], "ns" if icmp == 135 else "ipv6"), short(packet[8:24])


def short(address):
    return str(ipaddress.ip_address(address))


class Watch:
    """What the server has said, heard while it is asked all the time."""

    def __init__(self, lines):
        self.said = []
        self._lines = lines
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        for line in self._lines:
            self.said.append(fact_of(bytes.fromhex(line)))

    def until(self, *facts, times=20):
        """Wait until the server has said each of these so many times from now on."""
        begin, deadline = len(self.said), time.monotonic() + 20
        while any(self.said[begin:].count(each) < times for each in facts):
            assert time.monotonic() < deadline, (facts, set(self.said[begin:]))
            time.sleep(0.01)

    def whole(self):
        """Return all that was said, once it is over."""
        self._thread.join()
        return set(self.said)


@pytest.fixture
def watched(speaker):
    """Return a context in which the server is asked all the time, and what it says is watched."""

    @contextmanager
    def watch():
        command = speaker.command(sys.executable, "-c", CAPTURE)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as capture:
            assert capture.stdout.readline() == "ready\n"
            watching = Watch(capture.stdout)
            try:
                with speaker.speaking(questions(), per_second=400):
                    yield watching
            finally:
                with speaker.speaking([arp(OWN, sender="192.0.2.98")], per_second=5):
                    watching.whole()

    return watch


@pytest.fixture
def program(listener, tmp_path):
    """Return a function that runs the program on the server, for VIPs with direct routing: what it says, in lines."""
    config, placed, before = (tmp_path / name for name in ("config.json", "run/placed.json", "before.json"))
    code = (
        "import sys, runpy, pathlib; scope = runpy.run_path(sys.argv[1]);\n"
        "try: scope['main'](sys.argv[5:], *map(pathlib.Path, sys.argv[2:5]))\n"
        "except scope['Refusal'] as error: sys.exit(str(error))"
    )

    def run(verb, *vips, said=""):
        wanted = {"vips": vips, "forwarding": "direct", "tunnel": "ipip", "port": 6080}
        if verb not in ("stop", "remove"):
            config.write_text(json.dumps(wanted))
        command = [sys.executable, "-c", code, str(PROGRAM), *map(str, (config, placed, before)), verb]
        done = subprocess.run(listener.command(*command), capture_output=True, text=True, check=False)
        assert (done.stderr.strip(), bool(done.returncode)) == (said, bool(said))
        return done.stdout.splitlines()

    return run


def claimed(said):
    """Return by what the server has said that it has a VIP; to answer its clients is no claim."""
    return {(kind, address) for kind, address in said if address in (VIP, SECOND, VIP6) and kind != "tcp"}


ALIVE = (("arp", OWN), ("na", OWN6))
# It asks for those whom it does not know, by its own address
ASKS = (("asks", OWN), ("ns", "fe80::11"))


def test_it_never_claims_a_vip_that_it_serves(program, watched, listener):
    """Before, while it gets VIPs, with them, when its cable was pulled, while they go, and without them."""
    with watched() as watch:
        watch.until(*ALIVE)
        assert program("start", VIP, VIP6) == [
            "net.ipv4.conf.all.arp_ignore is 1",
            "net.ipv4.conf.all.arp_announce is 2",
            f"put {VIP}/32 on lo",
            f"put {VIP6}/128 on lo",
        ]
        watch.until(*ALIVE, *ASKS, ("tcp", VIP), ("tcp", VIP6))
        assert program("start", VIP, VIP6) == []
        assert program("start", VIP6, SECOND) == [f"took {VIP}/32 from lo", f"put {SECOND}/32 on lo"]
        watch.until(*ALIVE, ("tcp", SECOND), ("tcp", VIP6))
        listener.ip("link set eth0 down", "link set eth0 up", f"address replace {OWN6}/64 dev eth0 nodad")
        watch.until(*ALIVE, ("tcp", SECOND), ("tcp", VIP6))
        assert program("stop") == [f"took {SECOND}/32 from lo", f"took {VIP6}/128 from lo"]
        watch.until(*ALIVE)
    assert claimed(watch.whole()) == set()


def test_without_it_the_same_server_claims_the_vip(watched, listener):
    """What is watched is seen: the kernel's own settings, and the same address."""
    with watched() as watch:
        listener.ip(f"address add {VIP}/32 dev lo", f"address add {VIP6}/128 dev lo nodad")
        watch.until(*ALIVE, ("tcp", VIP), ("tcp", VIP6), ("arp", VIP), ("asks", VIP))
    # Neighbour discovery is silent by itself, for an address of another interface
    assert claimed(watch.whole()) == {("arp", VIP), ("asks", VIP)}


def test_a_vip_in_ipv6_on_the_nic_itself_is_claimed(watched, listener):
    with watched() as watch:
        listener.ip(f"address add {VIP6}/128 dev eth0 nodad")
        watch.until(*ALIVE, ("tcp", VIP6), ("na", VIP6))


def test_a_vip_on_a_nic_is_refused_and_nothing_is_changed(program, listener):
    def state():
        shown = listener.command("sh", "-c", f"ip address show; sysctl {' '.join(SETTINGS)}")
        return subprocess.run(shown, capture_output=True, text=True, check=True).stdout.replace(" tentative", "")

    listener.ip(f"address add {VIP}/24 dev eth0", f"address add {VIP6}/64 dev eth0 nodad")
    before = state()
    program("start", VIP, said=f"{VIP} is already on eth0, which answers ARP for it")
    program("start", SECOND, VIP6, said=f"{VIP6} is already on eth0, which answers neighbour discovery for it")
    assert state() == before


def test_remove_gives_the_kernel_its_settings_back_once_the_vips_have_gone(program, watched, listener, tmp_path):
    (tmp_path / "before.json").write_text(json.dumps(dict.fromkeys(SETTINGS, "0")))
    with watched() as watch:
        program("start", VIP, VIP6)
        watch.until(*ALIVE, ("tcp", VIP), ("tcp", VIP6))
        assert program("remove") == [f"took {VIP}/32 from lo", f"took {VIP6}/128 from lo"]
        watch.until(*ALIVE)
    assert claimed(watch.whole()) == set()
    shown = subprocess.run(listener.command("sysctl", "-n", *SETTINGS), capture_output=True, text=True, check=True)
    assert shown.stdout == "0\n0\n"

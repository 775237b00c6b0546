# SPDX-License-Identifier: GPL-3.0-or-later
"""The ear in a network namespace, as it runs on a node: real packets, real addresses, interfaces that come and go."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.adverts import V4, carp, ethernet, ipv4, ipv6, vrrp2, vrrp3
from lab.ear_bench import hearing

PATIENCE = 20.0
OURS, PEER, VIP = "192.0.2.11", "192.0.2.99", "192.0.2.10"
TO_US, PEER_MAC, STRANGER_MAC = "02:00:00:00:00:11", "02:00:00:00:00:99", "02:00:00:00:00:66"
WEB = {
    **{"name": "web", "vrid": 51, "family": "ipv4", "interface": "eth0", "version": 3, "priority": 254},
    **{"interval_seconds": 0.1, "down_timer_adverts": 3, "preempt": True, "preempt_delay_seconds": 0},
    **{"transport": "unicast", "source": OURS, "peers": [PEER], "addresses": [VIP]},
}
WEB6 = {
    **WEB,
    **{"name": "web6", "vrid": 52, "family": "ipv6", "source": "2001:db8::11", "peers": ["2001:db8::99"]},
    "addresses": ["2001:db8::10"],
}
INSTANCES = {"node": "lb1", "instances": [WEB, WEB6]}
ANSWERS = """
import socket, struct, sys
wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
while True:
    packet, sender = wire.recvfrom(2048)
    if packet[20] != 8:
        continue
    body = bytearray(packet[24:])
    body[int(sys.argv[1])] ^= 1
    message = bytes(4) + body
    total = sum(struct.unpack(f"!{len(message) // 2}H", message))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    wire.sendto(message[:2] + (~total & 0xFFFF).to_bytes(2, "big") + message[4:], sender)
"""


def advert(ends=(PEER, OURS), mac=PEER_MAC, to=TO_US, vrid=51, ttl=255, tags=(), **more):
    message = vrrp3(vrid, pseudo=ends, **{"addresses": (VIP,), "centiseconds": 10, **more})
    return ethernet(ipv4(message, ends, ttl), mac, tags, to)


def arp(sender, mac, to="ff:ff:ff:ff:ff:ff"):
    """Return a gratuitous reply."""
    octets, address = bytes.fromhex(mac.replace(":", "")), socket.inet_aton(sender)
    head = bytes.fromhex(to.replace(":", "")) + octets + bytes.fromhex("08060001080006040002")
    return (head + octets + address + b"\xff" * 6 + address).ljust(60, b"\0")


ROUTED = advert(ttl=254)


class Heard:
    """What an ear writes, and says in the journal."""

    def __init__(self, folder, ear):
        self.folder, self.ear = folder, ear

    def report(self):
        try:
            return json.loads((self.folder / "heard.json").read_text())
        except FileNotFoundError:
            return {"routers": [], "answers": [], "findings": [], "uplinks": [], "problem": "", "interfaces": {}}

    def until(self, tell):
        """Return the first report of which `tell` says something true, and that."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            report = self.report()
            found = tell(report)
            if found:
                return report, found
            assert self.ear.poll() is None, "the ear has ended"
            time.sleep(0.05)
        raise AssertionError(f"not within {PATIENCE:g} s: {json.dumps(self.report(), indent=1)}")

    def told(self, kind, name=""):
        """Wait for a finding, and return its message."""

        def of_kind(report):
            return [each for each in report["findings"] if each["kind"] == kind and name in each["name"]]

        return self.until(of_kind)[1][0]["message"]

    def gone(self, name):
        self.until(lambda report: all(each["name"] != name for each in report["findings"]) and report["routers"])

    def adverts_of(self, source):
        return sum(each["adverts"] for each in self.report()["routers"] if each["source"] == source)

    def said(self):
        """End the ear, and return all that it said."""
        self.ear.terminate()
        return self.ear.communicate()[0].splitlines()


@pytest.fixture
def listen(hosts, tmp_path):
    """Return a function that runs an ear, with these files, until the test is over."""
    with ExitStack() as stack:

        def listen(*before, instances=INSTANCES, uplinks=()):
            ear = stack.enter_context(hearing(hosts[0], tmp_path, *before, instances=instances, uplinks=list(uplinks)))
            heard = Heard(tmp_path, ear)
            heard.until(lambda report: report["interfaces"] or report["problem"])
            return heard

        yield listen


@pytest.mark.parametrize(
    ("frame", "name", "says"),
    [
        (advert(V4, to="01:00:5e:00:00:12", addresses=("192.0.2.77",)), "", "it advertises VRID 51 with 192.0.2.77"),
        (advert(("192.0.2.66", OURS), STRANGER_MAC), "vrid 51 ipv4 192.0.2.66", "192.0.2.66 (02:00:00:00:00:66) uses"),
        (ethernet(ipv4(vrrp2(addresses=("192.0.2.77",)), ("192.0.2.66", V4[1]))), "", "by VRRPv2, priority 100"),
        (ethernet(ipv4(carp(), ("192.0.2.66", V4[1]))), "carp 51 ipv4 192.0.2.66", "speaks CARP with the number 51"),
        (ROUTED, "vrid 51 ipv4 192.0.2.99", "with TTL 254 and not 255, so it was routed or forged"),
        (
            ethernet(
                ipv6(vrrp3(52, addresses=("2001:db8::77",), pseudo=("fe80::66", "ff02::12")), ("fe80::66", "ff02::12")),
                to="33:33:00:00:00:12",
            ),
            "vrid 52 ipv6 fe80::66",
            "uses the VRID of web6 on eth0",
        ),
    ],
    ids=["multicast", "unicast", "version 2", "CARP", "another TTL", "IPv6"],
)
def test_a_stranger_with_a_vrid_of_ours_is_told_once(listen, hosts, frame, name, says):
    heard = listen(instances={"instances": [{**WEB, "peers": [PEER if frame == ROUTED else "192.0.2.12"]}, WEB6]})
    with hosts[1].speaking([frame], per_second=2):
        message = heard.told("stranger", name)
        counted = heard.report()["routers"][0]["adverts"]
        heard.until(lambda report: report["routers"][0]["adverts"] > counted + 3)
    assert says in message
    assert heard.said().count(message) == 1


@pytest.mark.parametrize(
    "frame",
    [
        advert(),
        advert(("192.0.2.66", OURS), STRANGER_MAC, vrid=77, addresses=("192.0.2.77",)),
        advert(("192.0.2.66", OURS), STRANGER_MAC, tags=(10,)),
        advert(("192.0.2.66", OURS), STRANGER_MAC)[:-1] + b"\xff",
    ],
    ids=["a peer", "another VRID", "another VLAN", "a wrong checksum"],
)
def test_what_is_no_stranger_with_a_vrid_of_ours(listen, hosts, frame):
    heard = listen()
    with hosts[1].speaking([frame, advert(vrid=99)], per_second=10):
        heard.until(lambda report: [each for each in report["routers"] if each["vrid"] == 99 and each["adverts"] > 25])
    assert [each for each in heard.report()["findings"] if each["kind"] == "stranger"] == []
    assert heard.report()["damaged"] == (0 if frame[-1] != 0xFF else heard.report()["damaged"])


def test_an_advert_with_a_wrong_checksum_does_not_count(listen, hosts):
    heard = listen()
    with hosts[1].speaking([advert()[:-1] + b"\xff"], per_second=10):
        heard.until(lambda report: report["damaged"] > 10)
    assert heard.report()["routers"] == []


def test_own_adverts_are_own_and_in_the_record_what_was_sent(listen, hosts):
    heard = listen()
    with hosts[0].speaking([advert((OURS, PEER), TO_US, PEER_MAC, priority=254)], per_second=10):
        heard.until(lambda report: [each for each in report["routers"] if each["own"] and each["adverts"] > 10])
    (router,) = heard.report()["routers"]
    wanted = {"interface": "eth0", "vrid": 51, "family": "ipv4", "source": OURS, "protocol": "VRRPv3", "priority": 254}
    assert wanted.items() <= router.items()
    assert (router["interval_seconds"], router["addresses"], router["mac"], router["ttl"]) == (0.1, [VIP], TO_US, 255)
    assert abs(router["adverts"] / max(0.1, router["last"] - router["first"]) - 10) < 6


def test_two_that_advertise_one_instance(listen, hosts):
    heard = listen()
    mine, theirs = advert((OURS, PEER), TO_US, PEER_MAC, priority=254), advert(priority=200)
    with hosts[0].speaking([mine], per_second=10):
        with hosts[1].speaking([theirs], per_second=10):
            message = heard.told("second_holder")
        assert message == (
            "192.0.2.11 (priority 254) and 192.0.2.99 (priority 200) keep advertising web (VRID 51) side by side, "
            "so each holds 192.0.2.10."
        )
        heard.gone("split_brain 51 ipv4")
    assert heard.said().count(message) == 1


def test_a_takeover_is_no_second_holder(listen, hosts):
    heard = listen()
    for _turn in range(3):
        with hosts[0].speaking([advert((OURS, PEER), TO_US, PEER_MAC, priority=254)], per_second=10):
            before = heard.adverts_of(OURS)
            heard.until(lambda report, before=before: heard.adverts_of(OURS) != before)
        with hosts[1].speaking([advert()], per_second=10):
            before = heard.adverts_of(PEER)
            heard.until(lambda report, before=before: heard.adverts_of(PEER) != before)
    assert [each for each in heard.report()["findings"] if each["kind"] == "second_holder"] == []


@pytest.mark.parametrize("vip", [VIP, "2001:db8::10"])
def test_a_foreign_owner_that_only_answers(listen, hosts, vip):
    """A macvlan of the peer, with a MAC of its own, stands for another host."""
    hosts[1].ip(
        f"link add link eth0 name twin address {STRANGER_MAC} type macvlan mode private",
        "link set twin addrgenmode none",
        f"address add {vip}/24 dev twin" if "." in vip else f"address add {vip}/64 dev twin nodad",
        "link set twin up",
    )
    message = listen().told("foreign_owner", f"address {vip}")
    assert f"{STRANGER_MAC}, which is none of our nodes, answers for {vip}" in message


def test_a_foreign_owner_that_says_it_itself(listen, hosts):
    heard = listen()
    with hosts[1].speaking([arp(VIP, STRANGER_MAC), arp(OURS, STRANGER_MAC), arp("192.0.2.5", STRANGER_MAC)], 2):
        message = heard.told("foreign_owner")
    assert f"{STRANGER_MAC}, which is none of our nodes, answers for {VIP} (web) on eth0" in message
    assert [each["address"] for each in heard.report()["answers"] if STRANGER_MAC in each["macs"]] == [VIP]


def test_the_peer_that_is_active_owns_the_vip(listen, hosts):
    hosts[1].ip(f"address add {VIP}/32 dev eth0")
    heard = listen()
    with hosts[1].speaking([advert(), arp(VIP, PEER_MAC)], per_second=20):
        heard.until(lambda report: [PEER_MAC] in [each["macs"] for each in report["answers"] if each["address"] == VIP])
        heard.until(lambda report: report["routers"][0]["adverts"] > 50)
    assert [each for each in heard.report()["findings"] if each["kind"] == "foreign_owner"] == []


def test_an_interface_that_is_made_again(listen, hosts):
    heard = listen()
    with hosts[1].speaking([advert()], per_second=10):
        heard.until(lambda report: heard.adverts_of(PEER) > 5)
    before = heard.report()["interfaces"]["eth0"]
    hosts[0].ip("link delete eth0")
    heard.until(lambda report: "eth0" not in report["interfaces"])
    hosts[0].ip(
        f"link add eth0 address {TO_US} type veth peer name eth0 address {PEER_MAC} netns {hosts[1].namespace}",
        "link set eth0 up",
    )
    hosts[1].ip("link set eth0 up")
    heard.until(lambda report: report["interfaces"].get("eth0", 0) > before)
    with hosts[1].speaking([advert(V4, to="01:00:5e:00:00:12", priority=7)], per_second=10):
        heard.until(lambda report: [each for each in report["routers"] if each["priority"] == 7])


def test_an_interface_that_goes_down_and_up(listen, hosts):
    heard = listen()
    for _turn in range(2):
        with hosts[1].speaking([advert()], per_second=10):
            before = heard.adverts_of(PEER)
            heard.until(lambda report, before=before: heard.adverts_of(PEER) != before)
        hosts[0].ip("link set eth0 down")
        heard.until(lambda report: "eth0" not in report["interfaces"])
        hosts[0].ip("link set eth0 up")
        heard.until(lambda report: "eth0" in report["interfaces"])


def test_a_flood_is_counted_and_who_matters_is_heard(listen, hosts):
    """Thousands of routers with 255 addresses each, and beside them the peer and one stranger with our VRID."""
    many = tuple(f"203.0.113.{number}" for number in range(255))
    frames = [
        advert((f"198.51.{number}.7", V4[1]), STRANGER_MAC, "01:00:5e:00:00:12", vrid, addresses=many)
        for number in range(20)
        for vrid in range(53, 256)
    ]
    stranger = advert(("192.0.2.66", OURS), STRANGER_MAC)
    heard = listen()
    with hosts[1].speaking(frames, per_second=3000), hosts[1].speaking([advert(), stranger], per_second=20):
        heard.until(lambda report: report["lost"] + report["left_out"] > 5000)
        heard.told("stranger", "192.0.2.66")
        before = heard.adverts_of(PEER)
        heard.until(lambda report: heard.adverts_of(PEER) > before)
    assert len(json.dumps(heard.report())) < 256 * 1024
    (memory,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{heard.ear.pid}/status").read_text())
    assert int(memory) < 24 * 1024


def states(report):
    return {(each["address"], each["port"]): (each["reached"], each["why"]) for each in report["uplinks"]}


def test_uplinks(listen, hosts):
    server = subprocess.Popen(
        hosts[1].command(sys.executable, "-m", "http.server", "8080", "--bind", "0.0.0.0"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    quick = {"interval_seconds": 0.3, "fall": 2, "rise": 2}
    wanted = {
        (PEER, None): (True, ""),
        ("2001:db8::99", None): (True, ""),
        (PEER, 8080): (True, ""),
        (PEER, 8081): (False, "it refused the connection"),
        ("192.0.2.98", None): (False, "no answer within 0.3 s"),
        ("198.51.100.1", 80): (False, "network is unreachable"),
    }
    try:
        heard = listen(uplinks=[{"address": address, "port": port, **quick} for address, port in wanted])
        heard.until(lambda report: states(report) == wanted)
        hosts[1].ip("link set eth0 down")
        heard.until(lambda report: states(report)[PEER, None] == (False, "no answer within 0.3 s"))
        hosts[1].ip("link set eth0 up")
        heard.until(lambda report: states(report)[PEER, None] == (True, ""))
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize("octet", [0, 2, 8], ids=["another id", "another number", "another text"])
def test_a_wrong_answer_is_none(listen, hosts, octet):
    """The kernel of the peer is silent, and a program answers almost right."""
    switch = "echo {} > /proc/sys/net/ipv4/icmp_echo_ignore_all"
    subprocess.run(hosts[1].command("sh", "-c", switch.format(1)), check=True)
    answering = subprocess.Popen(hosts[1].command(sys.executable, "-c", ANSWERS, str(octet)))
    try:
        heard = listen(uplinks=[{"address": PEER, "port": None, "interval_seconds": 0.3, "fall": 3, "rise": 1}])
        heard.until(lambda report: [each for each in report["uplinks"] if each["reached"] is False])
        subprocess.run(hosts[1].command("sh", "-c", switch.format(0)), check=True)
        heard.until(lambda report: [each for each in report["uplinks"] if each["reached"]])
    finally:
        answering.terminate()
        answering.wait()


def test_without_its_right_it_says_so_once_and_stays(listen):
    heard = listen("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
    problem = "Nothing is heard on the wire: that needs the capability CAP_NET_RAW."
    began = heard.report()["monotonic"]
    report, _later = heard.until(lambda report: report["monotonic"] > began + 6)
    assert (report["problem"], report["interfaces"]) == (problem, {})
    assert heard.said() == [problem]


def test_it_waits_for_the_files_that_tell_what_is_ours(listen, hosts, tmp_path):
    heard = listen(instances={"instances": 5})
    half = f"{tmp_path}/instances.json cannot be read: it has no list, or one that is too long"
    heard.until(lambda report: report["problem"] == half)
    (tmp_path / "instances.json").unlink()
    missing = f"{tmp_path}/instances.json is not there: which instances are ours is not known yet"
    heard.until(lambda report: report["problem"] == missing)
    with hosts[1].speaking([advert(("192.0.2.66", OURS), STRANGER_MAC)], per_second=10):
        heard.until(lambda report: report["routers"])
        assert heard.report()["findings"] == []
        (tmp_path / "instances.json").write_text(json.dumps(INSTANCES))
        heard.told("stranger")
    said = heard.said()
    assert [said.count(half), said.count(missing)] == [1, 1]

# SPDX-License-Identifier: GPL-3.0-or-later
"""The decoder compared with scapy and tshark, and run on random bytes."""

from __future__ import annotations

import json
import struct
import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from module_utils.wire.frame import Damaged
from module_utils.wire.packet import Advert, decode
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether
from scapy.layers.vrrp import VRRP, VRRPv3

from lab.adverts import V4, V6, ah, carp, ethernet, ipv4, ipv6, vrrp2, vrrp3

HEADER = Ether(src="02:00:00:00:00:99", dst="01:00:5e:00:00:12")  # without addresses, scapy would probe for them
NUMBERS = [1, 51, 200, 255]
FOUR = [(), ("192.0.2.10",), tuple(f"192.0.2.{number}" for number in range(1, 41))]
SIX = [("fe80::10",), tuple(f"2001:db8::{number:x}" for number in range(1, 41))]
FRAMES = [
    ethernet(ipv4(vrrp2(vrid, 255 - vrid, addresses, interval, auth, b"secret" if auth else b"")), tags=tags)
    for vrid in NUMBERS
    for addresses in FOUR
    for interval, auth in ((1, 0), (255, 1))
    for tags in ((), (10,), (10, 20))
]
FRAMES += [
    ethernet(ipv4(vrrp3(vrid, 255 - vrid, addresses, centiseconds, pseudo), ttl=ttl), tags=tags)
    for vrid in NUMBERS
    for addresses in FOUR[1:]
    for centiseconds in (1, 100, 4095)
    for pseudo in (V4, None)
    for ttl, tags in ((255, ()), (64, (4095,)))
]
FRAMES += [
    ethernet(ipv6(vrrp3(vrid, 100, addresses, 25, V6)), tags=tags)
    for vrid in NUMBERS
    for addresses in SIX
    for tags in ((), (10,))
]
BEYOND_SCAPY = [ethernet(ipv4(ah(vrrp2(auth=2)), protocol=51)), ethernet(ipv4(vrrp3(addresses=())))]
FRAMES += [bytes(HEADER / IP(src=V4[0], dst=V4[1], ttl=255) / VRRP(vrid=9, addrlist=["192.0.2.7"], auth1=1, auth2=2))]
FRAMES += [bytes(HEADER / Dot1AD(vlan=3) / Dot1Q(vlan=4) / IP(src=V4[0], dst=V4[1]) / VRRPv3(addrlist=["192.0.2.7"]))]
FRAMES += [bytes(HEADER / IPv6(src=V6[0], dst=V6[1], hlim=255) / VRRPv3(vrid=9, addrlist=["2001:db8::7"]))]

EVERY = [*FRAMES, *BEYOND_SCAPY]

FIELDS = {
    "vrid": "vrrp.virt_rtr_id",
    "priority": "vrrp.prio",
    "count": "vrrp.addr_count",
    "source": "ip.src",
    "source6": "ipv6.src",
    "ttl": "ip.ttl",
    "hops": "ipv6.hlim",
    "addresses": "vrrp.ip_addr",
    "addresses6": "vrrp.ipv6_addr",
    "seconds": "vrrp.adver_int",
    "centiseconds": "vrrp.short_adver_int",
    "version": "vrrp.version",
    "vlan": "vlan.id",
    "outer": "ieee8021ad.id",
}  # fmt: skip


def decoded(frame):
    read = decode(frame)
    assert isinstance(read, Advert), read
    return read


def read_by_scapy(frame):
    """Return the fields as scapy reads them, without addresses: it reads those of IPv6 as IPv4."""
    packet = Ether(frame)
    layer = packet[VRRPv3] if VRRPv3 in packet else packet[VRRP]
    outside = packet[IPv6] if IPv6 in packet else packet[IP]
    ttl = outside.hlim if IPv6 in packet else outside.ttl
    interval = layer.adv / 100 if VRRPv3 in packet else float(layer.adv)
    return layer.version, layer.vrid, layer.priority, interval, outside.src, outside.dst, ttl, layer.ipcount


def test_decode_agrees_with_scapy():
    for frame in FRAMES:
        read, envelope = decoded(frame), decoded(frame).envelope
        assert read_by_scapy(frame) == (
            int(read.protocol[-1]), read.vrid, read.priority, read.interval, envelope.source, envelope.destination,
            envelope.ttl, len(read.addresses),
        )  # fmt: skip


def test_decode_addresses_agrees_with_scapy():
    for frame in FRAMES:
        packet = Ether(frame)
        if IP in packet:
            assert tuple((packet.getlayer(VRRPv3) or packet[VRRP]).addrlist) == decoded(frame).addresses


@pytest.fixture(scope="module")
def seen_by_tshark(tmp_path_factory):
    """Write all frames into one capture, and return the fields of every frame as tshark reads them."""
    capture = tmp_path_factory.mktemp("capture") / "adverts.pcap"
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    packets = [struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame for frame in EVERY]
    capture.write_bytes(head + b"".join(packets))
    command = ["tshark", "-r", str(capture), "-T", "json", "-o", "vrrp.v3_checksum_as_in_v2:FALSE"]
    for field in FIELDS.values():
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [each["_source"]["layers"] for each in json.loads(done.stdout)]


def test_decode_agrees_with_tshark(seen_by_tshark):
    assert len(seen_by_tshark) == len(EVERY)
    for frame, layers in zip(EVERY, seen_by_tshark, strict=True):
        read, fields = decoded(frame), {name: layers.get(field, []) for name, field in FIELDS.items()}
        version = int(read.protocol[-1])
        interval = [f"{read.interval:g}"] if version == 2 else [f"{read.interval * 100:g}"]
        numbers = [str(version), str(read.vrid), str(read.priority)]
        assert fields["version"] + fields["vrid"] + fields["priority"] == numbers
        assert fields["seconds" if version == 2 else "centiseconds"] == interval
        assert fields["source"] + fields["source6"] == [read.envelope.source]
        assert fields["ttl"] + fields["hops"] == [str(read.envelope.ttl)]
        assert fields["addresses"] + fields["addresses6"] == list(read.addresses)
        assert [int(each, 0) for each in fields["outer"] + fields["vlan"]] == list(read.envelope.vlans)


TAGS = st.none() | st.integers(0, 65535)
SEEDS = [
    *FRAMES[::17],
    ethernet(ipv4(carp())),
    ethernet(ipv6(bytes([112, 0, *bytes(6)]) + vrrp3(), header=0)),
    ethernet(ipv6(bytes([112, 0, 0, 1, *bytes(4)]) + vrrp3(), header=44)),
]


@given(st.sampled_from(SEEDS), st.integers(0, 150), st.integers(0, 8), st.binary(max_size=60), TAGS)
@example(b"", 0, 0, b"", None)
def test_decode_any_bytes(seed, at, cut, noise, tag):
    for frame in (seed[:at] + noise + seed[at + cut :], noise, noise + seed):
        read = decode(frame, tag)
        assert isinstance(read, (Advert, Damaged, type(None)))
        if isinstance(read, Advert):
            assert 1 <= read.vrid <= 255
            assert len(read.addresses) <= 255

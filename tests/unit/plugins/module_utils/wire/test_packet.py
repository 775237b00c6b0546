# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import struct

import pytest
from module_utils.wire.frame import Damaged
from module_utils.wire.packet import Advert, decode

from lab.adverts import V4, V6, VIP6, ah, carp, checksum, ethernet, ipv4, ipv6, packed, vrrp2, vrrp3

UNICAST = ("192.0.2.99", "192.0.2.11")
MANY = tuple(f"192.0.2.{number}" for number in range(1, 256))
HMAC = bytes([1, 7]) + bytes(26)


def advert(frame, tag=None):
    read = decode(frame, tag)
    assert isinstance(read, Advert), read
    return read


def test_decode_version_2():
    read = advert(ethernet(ipv4(vrrp2(51, 100, ("192.0.2.10", "192.0.2.20"), 3))))
    assert read == (
        ("02:00:00:00:00:99", (), "ipv4", "192.0.2.99", "224.0.0.18", 255),
        "vrrp2", 51, 100, 3.0, ("192.0.2.10", "192.0.2.20"), "none", "plain", False,
    )  # fmt: skip


def test_decode_version_3():
    read = advert(ethernet(ipv4(vrrp3(7, 254, centiseconds=0xF000 + 25))))
    assert (read.protocol, read.vrid, read.priority, read.interval) == ("vrrp3", 7, 254, 0.25)
    assert (read.auth, read.addresses) == ("none", ("192.0.2.10",))


def test_decode_version_3_over_ipv6():
    read = advert(ethernet(ipv6(vrrp3(addresses=("fe80::10", *VIP6), pseudo=V6))))
    assert (read.envelope.family, read.envelope.source, read.envelope.destination) == ("ipv6", *V6)
    assert (read.addresses, read.checksum) == (("fe80::10", "2001:db8::10"), "pseudo_header_ipv6")


@pytest.mark.parametrize(
    ("message", "ends", "expected"),
    [
        (vrrp2(), V4, "plain"),
        (vrrp3(pseudo=None), V4, "plain"),
        (vrrp3(), V4, "pseudo_header"),
        (vrrp3(pseudo=UNICAST), UNICAST, "pseudo_header"),
        (vrrp3(), UNICAST, "pseudo_header_multicast"),
        (vrrp3(pseudo=("192.0.2.98", "224.0.0.18")), V4, "wrong"),
        (vrrp2()[:-1] + b"\1", V4, "wrong"),
        (bytes([0x31, *bytes(7)]).replace(b"\0", b"\1", 1), V4, "wrong"),
    ],
)
def test_decode_checksum(message, ends, expected):
    assert advert(ethernet(ipv4(message, ends))).checksum == expected


def test_decode_checksum_over_a_trailer():
    message = vrrp3(addresses=VIP6)
    signed = message[:6] + b"\0\0" + message[8:] + HMAC
    total = checksum(packed(*V6) + struct.pack("!HH", 112, len(signed)) + signed)
    read = advert(ethernet(ipv6(signed[:6] + total.to_bytes(2, "big") + signed[8:])))
    assert (read.auth, read.checksum) == ("hmac", "pseudo_header_ipv6")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (vrrp2(auth=1, password=b"secret"), "PASS"),
        (vrrp2(auth=9), "unknown 9"),
        (vrrp2() + HMAC, "hmac"),
        (vrrp3() + HMAC, "hmac"),
        (vrrp3() + b"\2" + HMAC[1:], "none"),
        (vrrp3() + HMAC[1:], "none"),
    ],
)
def test_decode_auth(message, expected):
    assert advert(ethernet(ipv4(message))).auth == expected


def test_decode_keeps_no_password():
    assert "secret" not in repr(advert(ethernet(ipv4(vrrp2(auth=1, password=b"secret")))))


def test_decode_authentication_header():
    read = advert(ethernet(ipv4(ah(vrrp2(auth=2)), protocol=51)))
    assert (read.protocol, read.auth, read.checksum) == ("vrrp2", "AH", "plain")
    assert decode(ethernet(ipv4(b"\6" + ah(vrrp2())[1:], protocol=51))) is None


def test_decode_carp():
    read = advert(ethernet(ipv4(carp(51, advskew=128, advbase=2))))
    assert (read.protocol, read.vrid, read.priority, read.interval) == ("carp", 51, 128, 2.5)
    assert (read.addresses, read.checksum, read.goodbye) == ((), "plain", False)
    assert advert(ethernet(ipv4(carp(51, 255, 255)))).goodbye
    assert advert(ethernet(ipv6(carp()))).protocol == "carp"


@pytest.mark.parametrize("count", [5, 7])
def test_decode_version_2_as_long_as_carp(count):
    read = advert(ethernet(ipv4(vrrp2(addresses=MANY[:count]))))
    assert (read.protocol, len(read.addresses)) == ("vrrp2", count)


def test_decode_version_3_as_long_as_carp():
    assert len(vrrp3(addresses=MANY[:7])) == 36
    assert advert(ethernet(ipv4(vrrp3(addresses=MANY[:7])))).protocol == "vrrp3"


def test_decode_goodbye():
    assert advert(ethernet(ipv4(vrrp3(priority=0)))).goodbye
    assert not advert(ethernet(ipv4(vrrp3(priority=1)))).goodbye


def test_decode_255_addresses():
    assert advert(ethernet(ipv4(vrrp3(addresses=MANY)))).addresses == MANY


@pytest.mark.parametrize(
    ("tags", "taken", "expected"),
    [
        ((), None, ()),
        ((), 10, (10,)),
        ((10,), None, (10,)),
        ((20,), 10, (10, 20)),
        ((10, 20), None, (10, 20)),
        ((0,), None, ()),
        ((0xE00A,), None, (10,)),
        ((), 0xE000, ()),
    ],
)
def test_decode_vlans(tags, taken, expected):
    assert advert(ethernet(ipv4(vrrp3()), tags=tags), taken).envelope.vlans == expected


def test_decode_ignores_padding():
    assert advert(ethernet(ipv4(vrrp3())) + bytes(20)).auth == "none"


@pytest.mark.parametrize(("header", "size"), [(0, 8), (43, 16), (60, 8)])
def test_decode_extension_headers(header, size):
    message = bytes([112, size // 8 - 1]) + bytes(size - 2) + vrrp3(pseudo=V6, addresses=VIP6)
    assert advert(ethernet(ipv6(message, header=header))).checksum == "pseudo_header_ipv6"


def test_decode_fragments():
    whole = vrrp3(addresses=MANY)
    read = advert(ethernet(ipv4(whole[:100], part=0x2000)))
    assert (read.vrid, len(read.addresses), read.checksum) == (51, 23, "not_checked")
    assert decode(ethernet(ipv4(whole[100:], part=100 // 8))) is None
    first = bytes([112, 0, 0, 1]) + bytes(4) + vrrp3(addresses=VIP6 * 90)[:1000]
    assert len(advert(ethernet(ipv6(first, header=44))).addresses) == 62
    assert decode(ethernet(ipv6(bytes([112, 0, 0, 9]) + first[4:], header=44))) is None


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (ipv4(vrrp3()[:7]), "a message of 7 octets is too short"),
        (ipv4(b"\x41" + vrrp3()[1:]), "version 4 is neither 2 nor 3"),
        (ipv4(b"\x32" + vrrp3()[1:]), "type 2 is not an advertisement"),
        (ipv4(vrrp3(vrid=0)), "the VRID is 0"),
        (ipv4(vrrp3()[:3] + b"\2" + vrrp3()[4:]), "2 addresses do not fit in 12 octets"),
        (ipv4(vrrp3())[:-1], "the header says 20 of 32 octets, and 31 came"),
        (b"\x4f" + ipv4(vrrp3())[1:], "the header says 60 of 32 octets, and 32 came"),
        (b"\x44" + ipv4(vrrp3())[1:], "the header says 16 of 32 octets, and 32 came"),
        (ipv6(vrrp3())[:-2], "the header says 12 octets, and 10 came"),
        (ipv4(b"\x70\xff" + ah(vrrp2())[2:], protocol=51), "the authentication header says 1028 octets, and 44 came"),
    ],
)
def test_decode_damaged(packet, reason):
    assert decode(ethernet(packet)) == Damaged("02:00:00:00:00:99", (), packet_source(packet), reason)


def packet_source(packet):
    return V4[0] if packet[0] >> 4 == 4 else V6[0]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        bytes(13),
        ethernet(ipv4(vrrp3(), protocol=6)),
        ethernet(ipv6(vrrp3(), header=6)),
        ethernet(ipv6(vrrp3()[:4], header=0)),
        ethernet(ipv6(bytes(80), header=0)),
        ethernet(ipv4(vrrp3()))[:12] + b"\x08\x06" + bytes(40),
        ethernet(ipv4(vrrp3()))[:30],
        ethernet(b"\x65" + ipv4(vrrp3())[1:])[:12] + b"\x08\x00" + bytes(60),
    ],
)
def test_decode_other_protocols(frame):
    assert decode(frame) is None

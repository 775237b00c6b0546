# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from lab.adverts import V4, V6, ah, carp, ethernet, ipv4, ipv6, vrrp2, vrrp3

WEB = {
    "name": "web",
    "vrid": 51,
    "family": "ipv4",
    "addresses": ["192.0.2.10/24"],
    "sources": ["192.0.2.11", "192.0.2.12"],
}
WEB6 = {**WEB, "name": "web6", "family": "ipv6", "addresses": ["2001:db8::10/64"], "sources": ["2001:db8::11"]}
STRANGER = ("192.0.2.77",)
UNICAST = ("192.0.2.99", "192.0.2.11")
TO_US = "02:00:00:00:00:11"


def v3(vrid=51, ends=V4, ttl=255, **more):
    return ipv4(vrrp3(vrid, pseudo=ends, **{"addresses": STRANGER, **more}), ends, ttl)


@pytest.mark.parametrize(
    ("frame", "kind", "record"),
    [
        (ethernet(ipv4(vrrp2(addresses=STRANGER))), "foreign_cluster", {"protocol": "vrrp2", "auth": "none"}),
        (ethernet(ipv4(ah(vrrp2(addresses=STRANGER, auth=2)), protocol=51)), "foreign_cluster", {"auth": "AH"}),
        (ethernet(v3()), "foreign_cluster", {"protocol": "vrrp3", "checksum": "pseudo_header", "own": False}),
        (ethernet(v3(ends=UNICAST), to=TO_US), "foreign_cluster", {"destination": "192.0.2.11"}),
        (ethernet(ipv4(carp())), "carp", {"protocol": "carp"}),
        (ethernet(v3(ttl=254)), "spoof", {"ttl": 254}),
        (ethernet(v3(addresses=("192.0.2.10",))), "stale_peer", {"addresses": ["192.0.2.10"]}),
        (ethernet(v3(ends=("192.0.2.11", "224.0.0.18"))), "spoof", {"macs": ["02:00:00:00:00:99"]}),
        (ethernet(v3(77, ("192.0.2.12", "224.0.0.18"))), "stale_peer", {"vrid": 77}),
        (
            ethernet(ipv6(vrrp3(addresses=("2001:db8::77",), pseudo=V6)), to="33:33:00:00:00:12"),
            "foreign_cluster",
            {"family": "ipv6", "checksum": "pseudo_header_ipv6"},
        ),
    ],
)
def test_vrid_conflict_of_adverts_every_second(ask, speaker, frame, kind, record):
    with speaker.speaking([frame], per_second=1):
        answer = ask(instances=[WEB, WEB6], listen_seconds=4)
    assert [each["kind"] for each in answer["conflicts"]] == [kind]
    (heard,) = answer["heard"]
    assert record.items() <= heard.items()
    assert heard["adverts"] >= 3
    assert heard["vrid"] not in answer["free_vrids"]
    assert (answer["rc"], answer["changed"], answer["lost"]) == (0, False, 0)
    assert 4 <= answer["took"] < 8


@pytest.mark.parametrize(
    ("tags", "expected"), [((), (None, None)), ((10,), (10, None)), ((10, 20), (10, 20)), ((0,), (None, None))]
)
def test_vrid_conflict_vlans_on_a_trunk(ask, speaker, tags, expected):
    with speaker.speaking([ethernet(v3(), tags=tags)], per_second=20):
        answer = ask(instances=[WEB], listen_seconds=1)
    assert [(each["vlan"], each["inner_vlan"]) for each in answer["heard"]] == [expected]
    assert bool(answer["conflicts"]) is (expected == (None, None))


def test_vrid_conflict_own_adverts(ask, listener):
    own = v3(ends=("192.0.2.11", "192.0.2.12"), addresses=("192.0.2.10",))
    tagged = v3(52, ends=("192.0.2.11", "192.0.2.12"))
    frames = [ethernet(own, mac=TO_US), ethernet(tagged, mac=TO_US, tags=(10,))]
    with listener.speaking(frames, per_second=20):
        answer = ask(instances=[WEB], listen_seconds=1)
    assert [(each["vrid"], each["vlan"], each["own"]) for each in answer["heard"]] == [
        (51, None, True),
        (52, 10, True),
    ]
    assert answer["conflicts"] == []


def test_vrid_conflict_split_brain(ask, listener, speaker):
    ours = {**WEB, "sources": ["192.0.2.11", "192.0.2.99"]}
    mine = ethernet(v3(ends=("192.0.2.11", "192.0.2.99"), addresses=("192.0.2.10",)), mac=TO_US)
    theirs = ethernet(v3(ends=UNICAST, addresses=("192.0.2.10",), priority=240), to=TO_US)
    with listener.speaking([mine], per_second=1), speaker.speaking([theirs], per_second=1):
        answer = ask(instances=[ours], listen_seconds=4)
    assert [each["kind"] for each in answer["conflicts"]] == ["split_brain"]
    assert "192.0.2.11 (priority 100) and 192.0.2.99 (priority 240)" in answer["conflicts"][0]["message"]


@pytest.mark.parametrize("vip", ["192.0.2.10", "2001:db8::10"])
def test_vrid_conflict_address_in_use(ask, speaker, vip):
    nobody = ask(addresses=[vip], listen_seconds=1)
    assert [(each["address"], each["macs"]) for each in nobody["answers"]] == [(vip, [])]
    assert nobody["conflicts"] == []
    speaker.ip(f"address add {vip}/32 dev eth0" if "." in vip else f"address add {vip}/128 dev eth0 nodad")
    answer = ask(addresses=[vip], listen_seconds=1)
    assert [(each["macs"], each["own"]) for each in answer["answers"]] == [(["02:00:00:00:00:99"], False)]
    assert [(each["kind"], each["name"]) for each in answer["conflicts"]] == [("address_in_use", f"address {vip}")]
    ours = ask(
        instances=[{**(WEB if "." in vip else WEB6), "sources": ["192.0.2.99", "2001:db8::99"]}], listen_seconds=1
    )
    assert ours["conflicts"] == []


@pytest.mark.parametrize("vip", ["192.0.2.10", "2001:db8::10"])
def test_vrid_conflict_same_address_twice(ask, listener, speaker, vip):
    """A macvlan with a MAC of its own, in the namespace of the sender, stands for a second host."""
    speaker.ip(
        "link add link eth0 name twin address 02:00:00:00:00:98 type macvlan mode bridge",
        f"address add {vip}/24 dev eth0" if "." in vip else f"address add {vip}/64 dev eth0 nodad",
        f"address add {vip}/24 dev twin" if "." in vip else f"address add {vip}/64 dev twin nodad",
        "link set twin up",
    )
    answer = ask(addresses=[vip], listen_seconds=1)
    assert [each["macs"] for each in answer["answers"]] == [["02:00:00:00:00:98", "02:00:00:00:00:99"]]
    assert [each["kind"] for each in answer["conflicts"]] == ["same_address_twice"]
    listener.ip(f"address add {vip}/{32 if '.' in vip else 128} dev eth0")
    both = ask(addresses=[vip], listen_seconds=1)
    assert (len(both["answers"][0]["macs"]), both["answers"][0]["own"]) == (3, True)


def test_vrid_conflict_damaged_packets(ask, speaker):
    frames = [
        ethernet(ipv4(b"\x99" * 30)),
        ethernet(ipv4(vrrp3()[:5])),
        ethernet(ipv6(b"\x31" * 9)),
        bytes(60),
    ]
    with speaker.speaking(frames, per_second=40):
        answer = ask(listen_seconds=1)
    assert {each["reason"] for each in answer["damaged"]} == {
        "version 9 is neither 2 nor 3",
        "a message of 5 octets is too short",
        "49 addresses do not fit in 9 octets",
    }
    assert answer["heard"] == []


@pytest.mark.parametrize(
    ("commands", "interface", "message"),
    [
        ((), "eth9", "interfaces[0]: this host has no interface eth9 (it has lo, eth0)"),
        (("link set eth0 down",), "eth0", "interfaces[0]: eth0 is down"),
        ((), "lo", "interfaces[0]: lo is not an Ethernet interface"),
    ],
)
def test_vrid_conflict_unusable_interface(ask, listener, commands, interface, message):
    listener.ip(*commands)
    answer = ask(interfaces=[interface])
    assert (answer["rc"], answer["failed"], answer["msg"]) == (1, True, message)
    assert answer["took"] < 4


def test_vrid_conflict_without_an_interface_that_is_up(ask, listener):
    listener.ip("link set eth0 down")
    assert ask()["msg"] == "interfaces: none of this host's Ethernet interfaces is up"


def test_vrid_conflict_interface_goes_down(ask, listener, speaker):
    with speaker.speaking([ethernet(v3())], per_second=20), listener.later("link set eth0 down", seconds=1.5):
        answer = ask(listen_seconds=3)
    assert "What came on eth0 while it was down." in answer["unseen"]
    assert len(answer["heard"]) == 1


def test_vrid_conflict_without_the_capability(ask):
    answer = ask("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
    assert (answer["rc"], answer.get("changed", False)) == (1, False)
    assert answer["msg"] == (
        "listening on the wire is not permitted: it needs the capability CAP_NET_RAW, such as root has (become: true)"
    )


def test_vrid_conflict_without_ipv6(ask, listener, speaker):
    listener.ip("link set eth0 addrgenmode none", "address flush dev eth0 scope link")
    answer = ask(addresses=["2001:db8::10"], listen_seconds=1)
    assert (
        "Who has 2001:db8::10: no interface that was listened on has an IPv6 address to ask from." in answer["unseen"]
    )


def test_vrid_conflict_of_a_flood(ask, speaker):
    """10,200 routers with 255 addresses each, which are 11 MB: the result is small, and has what concerns us."""
    many = tuple(f"203.0.113.{number}" for number in range(255))
    ends = [(f"198.51.{number}.7", V4[1]) for number in range(40)]
    frames = [
        ethernet(v3(vrid, each, addresses=many)) for each in ends for vrid in range(1, 256) if vrid != WEB["vrid"]
    ]
    frames += [ethernet(v3(vrid, each, addresses=many, ttl=9)) for each in ends[:1] for vrid in range(1, 256)]
    with speaker.speaking(frames, per_second=8000), speaker.speaking([ethernet(v3(priority=255))], per_second=5):
        answer = ask(instances=[WEB], listen_seconds=5)
    assert {each["kind"] for each in answer["conflicts"]} >= {"foreign_cluster"}
    assert V4[0] in {each["source"] for each in answer["conflicts"]}
    (counted,) = [each for each in answer["unseen"] if "adverts more, of further strangers" in each]
    assert int(counted.split()[0]) > 5_000  # of 10,415; a busy machine hears fewer
    assert all(len(each["addresses"]) + each["addresses_left_out"] in (1, 255) for each in answer["heard"])
    assert len(json.dumps(answer)) < 256 * 1024
    assert answer["free_vrids"] == []


def test_vrid_conflict_of_a_flood_of_answers(ask, speaker):
    """A thousand MACs that answer for our VIP are a conflict with a few of them."""
    macs = [f"02:00:00:01:{number >> 8:02x}:{number & 255:02x}" for number in range(1000)]
    vip = bytes([192, 0, 2, 10])
    reply = bytes.fromhex("0001080006040002")
    frames = [
        bytes.fromhex(f"ffffffffffff{mac}0806".replace(":", ""))
        + reply
        + bytes.fromhex(mac.replace(":", ""))
        + vip
        + bytes.fromhex(TO_US.replace(":", ""))
        + bytes([192, 0, 2, 11])
        for mac in macs
    ]
    with speaker.speaking(frames, per_second=2000):
        answer = ask(instances=[WEB], listen_seconds=2)
    (twice,) = [each for each in answer["conflicts"] if each["kind"] == "same_address_twice"]
    assert twice["name"] == "address 192.0.2.10 twice"
    assert "More than 8 MACs answered for 192.0.2.10." in answer["unseen"]
    assert len(json.dumps(answer)) < 32 * 1024

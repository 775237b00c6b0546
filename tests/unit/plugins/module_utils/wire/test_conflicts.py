# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from pathlib import Path

import pytest
from module_utils.basics.errors import Refused
from module_utils.wire.conflicts import KINDS, conflicts
from module_utils.wire.packet import decode
from module_utils.wire.survey import Survey

from lab.adverts import carp, ethernet, ipv4, ipv6, vrrp2, vrrp3

MAC = {"192.0.2.11": "02:00:00:00:00:11", "192.0.2.12": "02:00:00:00:00:12", "192.0.2.99": "02:00:00:00:00:99"}
WEB = {
    "name": "web",
    "vrid": 51,
    "family": "ipv4",
    "addresses": ["192.0.2.10/24"],
    "sources": ["192.0.2.11", "192.0.2.12"],
}
WEB6 = {**WEB, "name": "web6", "family": "ipv6", "addresses": ["2001:db8::10"], "sources": ["2001:db8::11"]}
OURS, THEIRS = ("192.0.2.10",), ("192.0.2.77",)
UNICAST = ("192.0.2.99", "192.0.2.11")


def v3(vrid=51, source="192.0.2.99", to="224.0.0.18", ttl=255, mac="", **more):
    message = vrrp3(vrid, pseudo=(source, to), **{"addresses": THEIRS, **more})
    return ethernet(ipv4(message, (source, to), ttl), mac or MAC[source])


def v6(source="fe80::99", mac=MAC["192.0.2.99"], **more):
    return ethernet(
        ipv6(vrrp3(pseudo=(source, "ff02::12"), **{"addresses": ("2001:db8::10",), **more}), (source, "ff02::12")), mac
    )


def heard(*frames, own=False, interface="eth0", times=(0.0, 1.0, 2.0, 3.0), tag=None):
    """Return the records of a node that heard all frames at all of these times, in seconds."""
    survey = Survey()
    for at in times:
        for frame in frames:
            survey.add(interface, decode(frame, tag), at, own)
    return survey.heard()


def answer(address, *macs, own=False, interface="eth0"):
    return {"address": address, "interface": interface, "macs": list(macs), "own": own}


def judged(records, answers=(), instances=(WEB,), **more):
    return conflicts({"lb1": records}, {"lb1": answers}, list(instances), **more)["conflicts"]


def kinds(*args, **more):
    return [each["kind"] for each in judged(*args, **more)]


def test_conflicts_foreign_cluster():
    (found,) = judged(heard(v3()))
    assert found == {
        "name": "vrid 51 ipv4 192.0.2.99",
        "kind": "foreign_cluster",
        "vrid": 51,
        "family": "ipv4",
        "interface": "eth0",
        "source": "192.0.2.99",
        "mac": "02:00:00:00:00:99",
        "message": (
            "192.0.2.99 (02:00:00:00:00:99) uses the VRID of web on eth0: it advertises VRID 51 with 192.0.2.77 by "
            "VRRPv3 multicast, priority 100, each 1 s; over multicast, where its priority is the higher one, "
            "keepalived since 2.3.3 gives up 192.0.2.10; before, it ignores it and logs; a unicast instance does not "
            "hear it."
        ),
        "advice": "Give web another VRID, such as 1, or have the owner of 192.0.2.99 change theirs.",
        "ours": False,
    }


@pytest.mark.parametrize(
    ("frame", "known", "part"),
    [
        (
            v3(),
            {"transport": "unicast"},
            "our unicast instance does not hear it, so nothing happens yet; over multicast",
        ),
        (
            v3(),
            {"transport": "multicast"},
            "each 1 s; where its priority is the higher one, keepalived since 2.3.3 gives",
        ),
        (v3(), {"transport": "multicast", "version": 2}, "keepalived drops it and logs, because ours is VRRPv2."),
        (v3(), {"transport": "multicast", "priority": 250}, "keepalived since 2.3.3 keeps 192.0.2.10 while ours has"),
        (v3(), {"transport": "multicast", "priority": 100}, "each 1 s; keepalived since 2.3.3 gives up 192.0.2.10;"),
        (v3(), {"vmac": True}, "switches see 00:00:5e:00:01:33 in two places"),
        (v3(to="192.0.2.11"), {"transport": "unicast"}, "where peers are checked (min_ttl), keepalived drops"),
        (v3(to="192.0.2.11"), {"transport": "multicast"}, "our multicast instance does not hear it"),
        (ethernet(ipv4(vrrp2(addresses=THEIRS))), {}, "over multicast, of the same interval and password, where its"),
    ],
)
def test_conflicts_foreign_cluster_effect(frame, known, part):
    (found,) = judged(heard(frame), instances=[{**WEB, **known}])
    assert part in found["message"]


@pytest.mark.parametrize(
    "records",
    [
        heard(v3(source="192.0.2.11", addresses=OURS)),
        heard(v3(52)),
        heard(v6(addresses=("2001:db8::77",))),
        heard(v3(), tag=10),
        heard(v3(to="192.0.2.98")),
        heard(ethernet(ipv4(carp(52)))),
        heard(v3(source="192.0.2.11", addresses=(*OURS, "192.0.2.20"))),
        heard(v3(source="192.0.2.11", vrid=77, priority=0)),
    ],
)
def test_conflicts_of_legal_adverts(records):
    assert kinds(records) == []


def test_conflicts_foreign_cluster_with_our_virtual_mac():
    virtual = heard(v3(to="192.0.2.98", mac="00:00:5e:00:01:33"))
    assert kinds(virtual, instances=[{**WEB, "vmac": True}]) == ["foreign_cluster"]
    assert kinds(virtual) == []


@pytest.mark.parametrize(
    ("interface", "expected"),
    [("eth0", ["foreign_cluster"]), ("eth1", []), ({"lb1": "eth0"}, ["foreign_cluster"]), ({"lb1": "eth1"}, [])],
)
def test_conflicts_only_on_the_interface_of_the_instance(interface, expected):
    assert kinds(heard(v3()), instances=[{**WEB, "interface": interface}]) == expected


def test_conflicts_of_one_vrid_in_both_families():
    both = [WEB, WEB6]
    records = heard(v3(source="192.0.2.11", addresses=OURS), v6("2001:db8::11", MAC["192.0.2.11"]))
    assert kinds(records, instances=both) == []
    assert kinds(heard(v6(addresses=("2001:db8::77",))), instances=both) == ["foreign_cluster"]


def test_conflicts_recognise_our_node_by_its_mac():
    records = heard(v6("fe80::12", MAC["192.0.2.12"]))
    assert kinds(records, instances=[WEB6]) == ["stale_peer"]
    assert kinds(records, [answer("2001:db8::11", MAC["192.0.2.12"])], [WEB6]) == []
    assert kinds(records, instances=[WEB6], macs=[MAC["192.0.2.12"]]) == []


def test_conflicts_carp():
    (found,) = judged(heard(ethernet(ipv4(carp()))))
    assert (found["kind"], found["name"]) == ("carp", "carp 51 ipv4 192.0.2.99")
    assert "keepalived rejects its adverts" in found["message"]
    assert kinds(heard(ethernet(ipv4(carp(52))))) == []


@pytest.mark.parametrize(
    ("frame", "part"),
    [
        (v3(ttl=254), "with TTL 254 and not 255, so it was routed or forged"),
        (v3(99, ttl=1), "with TTL 1 and not 255"),
        (v3(source="192.0.2.12", addresses=OURS, ttl=64), "with TTL 64 and not 255"),
        (v3(99, to="192.0.2.11", ttl=64), "with TTL 64 and not 255"),
    ],
)
def test_conflicts_spoof_by_ttl(frame, part):
    (found,) = judged(heard(frame))
    assert found["kind"] == "spoof"
    assert part in found["message"]


def test_conflicts_ignore_the_ttl_between_foreign_hosts():
    assert kinds(heard(v3(99, to="192.0.2.98", ttl=64))) == []


def test_conflicts_spoof_by_two_macs():
    frames = [v3(source="192.0.2.12", addresses=OURS, mac=mac) for mac in (MAC["192.0.2.12"], MAC["192.0.2.99"])]
    assert kinds(heard(*frames)) == ["spoof"]
    assert kinds(heard(frames[0])) == []
    virtual = v3(source="192.0.2.12", addresses=OURS, mac="00:00:5e:00:01:33")
    assert kinds(heard(frames[0], virtual)) == []


def test_conflicts_spoof_by_the_answer_to_a_probe():
    forged = heard(v3(source="192.0.2.12", addresses=OURS, mac=MAC["192.0.2.99"]))
    assert kinds(forged, [answer("192.0.2.12", MAC["192.0.2.12"])]) == ["spoof"]
    assert kinds(forged, [answer("192.0.2.12", MAC["192.0.2.99"])]) == []


def test_conflicts_stale_peer_on_our_node():
    (found,) = judged(heard(v3(77, "192.0.2.12")))
    assert found["kind"] == "stale_peer"
    assert "our node 192.0.2.12" in found["message"]
    assert "no instance of the cluster has it" in found["message"]
    (other,) = judged(heard(v3(51, "192.0.2.12")))
    assert "it belongs to web, with other addresses" in other["message"]
    assert kinds(heard(v3(77, "192.0.2.12"), own=True), instances=[]) == []


def test_conflicts_stale_peer_that_left_the_cluster():
    (found,) = judged(heard(v3(addresses=OURS)))
    assert (found["kind"], found["name"]) == ("stale_peer", "vrid 51 ipv4 192.0.2.99")
    assert "is none of our nodes and advertises web" in found["message"]


def test_conflicts_address_in_use_by_another_vrid():
    (found,) = judged(heard(v3(60, addresses=OURS)))
    assert (found["kind"], found["name"]) == ("address_in_use", "address 192.0.2.10")
    assert "both routers hold the address at once" in found["message"]


def test_conflicts_split_brain():
    (found,) = judged(heard(v3(source="192.0.2.11", addresses=OURS), v3(source="192.0.2.12", addresses=OURS)))
    assert (found["kind"], found["name"]) == ("split_brain", "split_brain 51 ipv4")
    assert found["message"].startswith("192.0.2.11 (priority 100) and 192.0.2.12 (priority 100) keep advertising web")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0, 1, 2, 3), (0.5, 1.5, 2.5, 3.5), ["split_brain"]),
        ((0, 1, 2), (2, 3, 4), []),
        ((0, 1, 2), (1, 2, 3), []),
        ((0, 1, 2, 3), (3.5,), []),
        ((0, 1, 2, 3), (0, 1, 2, 3, 4, 5, 6, 7, 8), []),
        ((0, 2, 4, 6), (0, 2, 4, 6), ["split_brain"]),
    ],
)
def test_conflicts_split_brain_or_handover(first, second, expected):
    records = [
        *heard(v3(source="192.0.2.11", addresses=OURS), times=first),
        *heard(v3(source="192.0.2.12", addresses=OURS), times=second),
    ]
    assert kinds(records) == expected


def test_conflicts_split_brain_ends_with_a_goodbye():
    one = heard(v3(source="192.0.2.11", addresses=OURS))
    frames = [v3(source="192.0.2.12", addresses=OURS, priority=each) for each in (100, 0)]
    assert kinds([*one, *heard(*frames)]) == []
    assert kinds([*one, *heard(*reversed(frames))]) == ["split_brain"]


def test_conflicts_split_brain_heard_by_two_nodes():
    own = {
        node: heard(v3(source=source, addresses=OURS, to="192.0.2.12"), own=True)
        for node, source in (("lb1", "192.0.2.11"), ("lb2", "192.0.2.12"))
    }
    found = conflicts(own, {}, [WEB])["conflicts"]
    assert [each["kind"] for each in found] == ["split_brain"]
    shifted = {**own, "lb2": heard(v3(source="192.0.2.12", addresses=OURS), own=True, times=(0.5, 1.5, 2.5, 3.5, 8.5))}
    assert len(conflicts(shifted, {}, [WEB])["conflicts"]) == 1
    later = {"lb1": own["lb1"], "lb2": heard(v3(source="192.0.2.12", addresses=OURS), own=True, times=(1.0, 2.0, 3.0))}
    assert conflicts(later, {}, [WEB])["conflicts"] == []


def test_conflicts_no_split_brain_of_one_host_with_two_addresses():
    mac = MAC["192.0.2.11"]
    frames = [v3(source=source, addresses=OURS, mac=mac) for source in ("192.0.2.11", "192.0.2.12")]
    assert kinds(heard(*frames)) == []


def test_conflicts_heard_by_two_nodes_once():
    both = conflicts({"lb2": heard(v3(), interface="ens3"), "lb1": heard(v3())}, {}, [WEB])["conflicts"]
    assert [(each["name"], each["interface"]) for each in both] == [("vrid 51 ipv4 192.0.2.99", "eth0")]


def test_conflicts_address_in_use():
    (found,) = judged([], [answer("192.0.2.10", MAC["192.0.2.99"])])
    assert (found["kind"], found["name"], found["vrid"]) == ("address_in_use", "address 192.0.2.10", None)
    assert "192.0.2.10 (web) is in use already: 02:00:00:00:00:99, which is none of our nodes" in found["message"]
    assert kinds([], [answer("192.0.2.10")]) == []


@pytest.mark.parametrize(
    "answers",
    [
        [answer("192.0.2.10", MAC["192.0.2.12"]), answer("192.0.2.12", MAC["192.0.2.12"])],
        [answer("192.0.2.10", MAC["192.0.2.11"], own=True)],
        [answer("192.0.2.10", "00:00:5e:00:01:33")],
        [answer("192.0.2.10", "00:00:5e:00:01:34", own=True)],
        [answer("192.0.2.12")],
        [answer("192.0.2.12", MAC["192.0.2.12"])],
    ],
)
def test_conflicts_of_an_address_on_our_node(answers):
    assert kinds([], answers) == []


def test_conflicts_of_two_answers_for_a_node():
    answers = [answer("192.0.2.12", MAC["192.0.2.12"], MAC["192.0.2.99"])]
    answers += [answer("192.0.2.10", each) for each in answers[0]["macs"]]
    assert sorted(kinds([], answers)) == ["address_in_use", "same_address_twice"]


def test_conflicts_address_in_use_by_another_virtual_mac():
    assert kinds([], [answer("192.0.2.10", "00:00:5e:00:01:34")]) == ["address_in_use"]


def test_conflicts_same_address_twice():
    two = [MAC["192.0.2.11"], MAC["192.0.2.99"]]
    (found,) = judged([], [answer("192.0.2.10", *two), answer("192.0.2.11", two[0])])
    assert (found["kind"], found["name"], found["mac"]) == ("same_address_twice", "address 192.0.2.10 twice", two[1])
    assert "of which 02:00:00:00:00:99 is none of our nodes" in found["message"]
    (ours,) = judged([], [answer("192.0.2.10", *two)], macs=two)
    assert "which are nodes of ours" in ours["message"]


def test_conflicts_free_vrids():
    free = conflicts(
        {"lb1": [*heard(v3(1)), *heard(v3(2), tag=7), *heard(v6(vrid=3))]},
        {"lb1": [answer("192.0.2.1", "00:00:5e:00:01:04")]},
        [WEB],
        taken_vrids=[5],
    )["free_vrids"]
    assert free[:3] == [6, 7, 8]
    assert 51 not in free
    assert len(free) == 255 - 6


def test_conflicts_without_a_free_vrid():
    (found,) = conflicts({"lb1": heard(v3())}, {}, [WEB], taken_vrids=range(1, 256))["conflicts"]
    assert "another network, as no VRID is free" in found["advice"]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"vrid": 0}, ".vrid", "0 is not a whole number from 1 to 255"),
        ({"family": "ip"}, ".family", "'ip' is not one of ipv4, ipv6"),
        ({"addresses": []}, ".addresses", "needs at least 1 item"),
        ({"addresses": ["x"]}, ".addresses[0]", "x is not an address"),
        ({"addresses": ["192.0.2.10/99"]}, ".addresses[0]", "'192.0.2.10/99' is not an address"),
        ({"sources": ["fe80::1%eth0"]}, ".sources[0]", "fe80::1%eth0 is not an address"),
        ({"interface": {"lb1": "a b"}}, ".interface.lb1", "'a b' is not a word without spaces"),
        ({"source": []}, ".source", "unknown key; did you mean sources?"),
    ],
)
def test_conflicts_of_wrong_instances(changes, path, message):
    with pytest.raises(Refused) as refused:
        conflicts({}, {}, [{**WEB, **changes}])
    assert [(each.path, each.message) for each in refused.value.findings] == [(f"instances[0]{path}", message)]


def test_kinds_are_tested_here_and_documented():
    here = Path(__file__)
    page = (here.parents[5] / "docs/conflicts.md").read_text()
    assert {*KINDS, "inventory"} == set(re.findall(r"^## `(\w+)`", page, re.MULTILINE))
    assert all(f'"{kind}"' in here.read_text() for kind in KINDS)


def test_conflicts_between_our_own_nodes():
    leftover = judged(heard(v3(source="192.0.2.11", vrid=77)))
    both = [MAC["192.0.2.11"], MAC["192.0.2.12"]]
    twice = judged([], [answer("192.0.2.10", *both)], macs=both)
    assert [(each["kind"], each["ours"]) for each in [*leftover, *twice]] == [
        ("stale_peer", True),
        ("same_address_twice", True),
    ]

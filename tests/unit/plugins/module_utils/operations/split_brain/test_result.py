# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a VIP twice, who answers for it, and what explains it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torn
from module_utils.operations.split_brain.evidence import Kind
from module_utils.operations.split_brain.result import split_brain
from samples import API, LB3, NODES, WEB, refused
from torn import MACS, VIP, edit, load

PAGE = Path(__file__).parents[6] / "docs/split-brain.md"
HOLD = "VIP web: lb1 and lb2 hold 192.0.2.10 at the same time"
UNEXPLAINED = "no cause was found for 192.0.2.10: the configurations agree, and the adverts come to each other"
GONE = {"running": False, "proxy": "Connection refused", "instances": [], "held": [VIP]}


def explained(hostvars, vips=(WEB,), nodes=NODES):
    return split_brain(list(vips), list(nodes), hostvars)


def causes(hostvars, **options):
    return [(each["kind"], each["message"]) for each in explained(hostvars, **options)["causes"]]


def test_holders_and_the_macs_that_answer():
    (vip,) = explained(torn.torn())["vips"]
    assert (vip["vip"], vip["address"], vip["nodes"]) == ("web", VIP, ["lb1", "lb2"])
    assert vip["answers"] == [{"mac": MACS[name], "node": name} for name in ("lb1", "lb2")]
    assert vip["message"] == f"{HOLD}; {MACS['lb1']} (lb1) and {MACS['lb2']} (lb2) answer for it"


def test_what_is_held_once_is_not_explained():
    hostvars = torn.torn()
    hostvars["lb2"]["now"] = {**torn.info("lb2", 0, state="BACKUP"), "held": []}
    assert explained(hostvars) == {"vips": [], "causes": [], "says": []}


def test_nothing_found_says_what_was_looked_at():
    assert causes(torn.torn()) == [("unknown", UNEXPLAINED)]


def test_who_could_not_be_asked_is_named():
    hostvars = torn.torn()
    hostvars["lb1"]["wire"] = {"failed": True, "msg": "CAP_NET_RAW is missing"}
    hostvars["lb2"]["config"] = {"failed": True, "msg": "no such file"}
    ((kind, message),) = causes(hostvars)
    assert kind == "unknown"
    assert "lb1 could not listen: CAP_NET_RAW is missing; lb2 does not show its configuration: no such file" in message


def test_nodes_that_said_nothing_at_all():
    hostvars = {name: {"now": {"held": [VIP], "failed": True, "msg": "stands"}} for name in ("lb1", "lb2")}
    assert explained({**hostvars, "lb3": {}}, nodes=[*NODES, LB3])["vips"][0]["message"] == HOLD


def test_a_node_without_a_mac_of_its_own_is_known_by_its_own_address():
    hostvars = torn.torn()
    del hostvars["lb1"]["wire"]
    assert explained(hostvars)["vips"][0]["answers"][0] == {"mac": MACS["lb1"], "node": "lb1"}


def test_nodes_of_which_no_address_is_known():
    hostvars = torn.torn()
    for each in hostvars.values():
        each["config"]["config"]["content"] = ""
        each["config"]["config"]["facts"]["firewall"] = "table ip a {\nchain b {\n}\n}"
        each["wire"]["heard"] = []
    nodes = [{"name": name, "address": [], "ansible_host": f"{name}.example.org"} for name in ("lb1", "lb2")]
    assert [kind for kind, _message in causes(hostvars, nodes=nodes)] == ["not_sent", "not_sent"]


def test_a_virtual_mac():
    hostvars = torn.torn()
    for each in hostvars.values():
        each["wire"]["answers"][0]["macs"] = ["00:00:5e:00:01:33"]
        each["wire"]["macs"].append("00:00:5e:00:01:33")
    message = explained(hostvars)["vips"][0]["message"]
    assert message == f"{HOLD}; 00:00:5e:00:01:33 (virtual MAC of VRID 51) answers for it"


def test_a_stranger():
    hostvars = torn.torn()
    hostvars["lb1"]["wire"]["answers"][0]["macs"].append("02:00:00:00:00:99")
    assert causes(hostvars) == [
        ("stranger", "02:00:00:00:00:99 answers for 192.0.2.10, and is a MAC of none of the nodes")
    ]
    assert "02:00:00:00:00:99 (none of the nodes)" in explained(hostvars)["vips"][0]["message"]


@pytest.mark.parametrize(
    ("info", "kind", "message"),
    [
        (GONE, "keepalived", "keepalived does not run on lb2, and has left 192.0.2.10 behind"),
        (
            {"failed": True, "msg": "keepalived runs, but does not write its status", "held": [VIP]},
            "keepalived",
            "keepalived on lb2 stands still: keepalived runs, but does not write its status",
        ),
        (
            torn.info("lb2", 1050, state="BACKUP"),
            "left_behind",
            "lb2 holds 192.0.2.10, though its instance web is BACKUP",
        ),
        (
            torn.info("lb2", 1050, addresses=["192.0.2.99/24"]),
            "left_behind",
            "no instance of keepalived on lb2 has 192.0.2.10: somebody else has set it there",
        ),
    ],
)
def test_a_holder_that_cannot_yield(info, kind, message):
    hostvars = torn.torn()
    hostvars["lb2"]["now"] = info
    # What else would be found in such a node's adverts is no cause
    hostvars["lb2"]["wire"]["heard"] = []
    edit(hostvars, "lb2", "virtual_router_id 51", "virtual_router_id 52")
    assert causes(hostvars) == [(kind, message)]


def test_two_vips_with_one_cause():
    hostvars = torn.torn()
    for each in hostvars.values():
        for look in (each["now"], each["earlier"]):
            look["held"].append("192.0.2.20")
            look["instances"][0]["addresses"].append("192.0.2.20/24")
    load(hostvars, "lb2", protocol="vrrp2")
    says = explained(hostvars, vips=[WEB, API])["says"]
    assert [each.partition(":")[0] for each in says] == ["VIP web", "VIP api", "Why"]


def test_the_likeliest_comes_first():
    hostvars = torn.torn()
    hostvars["lb1"]["wire"]["answers"][0]["macs"].append("02:00:00:00:00:99")
    load(hostvars, "lb2", protocol="vrrp2")
    assert [kind for kind, _message in causes(hostvars)] == ["version", "stranger"]


def test_what_the_first_choice_sends_comes_first():
    hostvars = torn.torn()
    hostvars["lb2"]["wire"]["heard"] = [torn.advert("lb1", "lb2")]
    hostvars["lb2"]["now"] = torn.info("lb2", 1000)
    assert [kind for kind, _message in causes(hostvars)] == ["not_taken", "not_sent"]
    for each in hostvars.values():
        each["now"]["instances"][0]["effective_priority"] = 200
    assert [kind for kind, _message in causes(hostvars)] == ["not_sent", "not_taken"], "the higher address"


def test_sentences_for_people():
    hostvars = torn.torn()
    load(hostvars, "lb2", protocol="vrrp2")
    (head, why) = explained(hostvars)["says"]
    assert head.startswith(HOLD)
    assert why.startswith(
        "Why: lb1 has VRRP version 3 (keepalived.conf:2) and lb2 has VRRP version 2 in force (though "
    )
    assert why.endswith(". Run `site`: it writes what the inventory says on both, and loads it.")


def test_the_same_by_ipv6():
    text = json.dumps(torn.torn()).replace("192.0.2.1", "2001:db8::1").replace("::10/24", "::10/64")
    hostvars = json.loads(text.replace('"ipv4"', '"ipv6"').replace("::11/24", "::11/64").replace("::12/24", "::12/64"))
    vips = [{"name": "web", "addresses": ["2001:db8::10/64"]}]
    assert [kind for kind, _message in causes(hostvars, vips=vips)] == ["unknown"]
    hostvars["lb2"]["now"]["instances"][0]["adverts_received"] = 1000
    rules = "table inet a {\nchain b {\ntype filter hook input priority 0; policy accept;\nip6 nexthdr vrrp drop\n}\n}"
    hostvars["lb2"]["config"]["config"]["facts"]["firewall"] = rules
    ((kind, message),) = causes(hostvars, vips=vips)
    assert kind == "not_taken"
    assert "`ip6 nexthdr vrrp drop`" in message
    edit(hostvars, "lb2", "2001:db8::11 min_ttl", "2001:db8::99 min_ttl")
    assert [kind for kind, _message in causes(hostvars, vips=vips)] == ["peers"]


def test_three_holders():
    hostvars = torn.torn()
    hostvars["lb3"] = {"now": GONE}
    assert causes(hostvars, nodes=[*NODES, LB3]) == [
        ("keepalived", "keepalived does not run on lb3, and has left 192.0.2.10 behind")
    ]


def test_wrong_vips_are_refused():
    assert refused(explained, {}, vips=[{"name": "web"}]) == [("ha_lb_vips[0].addresses", "is missing")]


def test_every_kind_of_cause_is_in_the_page():
    page = PAGE.read_text()
    assert [kind for kind in Kind if f"`{kind.value}`" not in page] == []

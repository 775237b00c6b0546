# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.cluster.check import named_nodes
from module_utils.operations.drain import drain_outlook
from samples import API, WEB, refused

SERVES = {"value": 0, "since": 0.0, "survives_reboot": False}
DRAINED = {**SERVES, "value": -253}
ADDRESSES = {"web": "192.0.2.10", "api": "192.0.2.20"}


def node(name, *, held=(), state="BACKUP", priority=250, instances=("web",), drain=None, proxy="ok"):
    """Return what vrrp_info says of a node that runs."""
    drain = drain or SERVES
    runs = [
        {
            "name": each,
            "state": "MASTER" if each in held else state,
            "priority": priority,
            "effective_priority": 1 if drain["value"] else priority,
            "addresses": [f"{ADDRESSES[each]}/24"],
        }
        for each in instances
    ]
    addresses = [ADDRESSES[each] for each in held]
    return {
        "running": True,
        "proxy": proxy,
        "instances": runs,
        "held": addresses,
        "drain": dict(drain),
    }


LB1 = node("lb1", held=["web"], priority=254)
LB2 = node("lb2")


def outlook(*looks, name="lb1", vips=(WEB,), **options):
    """Ask for a node of lb1, lb2 and so on, of which these are the looks."""
    by_node = {f"lb{number}": look for number, look in enumerate(looks, 1)}
    return drain_outlook(name, list(vips), by_node, **options)


def test_a_healthy_pair():
    assert outlook(LB1, LB2) == {
        "drained": False,
        "silent": "",
        "refused": [],
        "misplaced": [],
        "shared": [],
        "takes": ["192.0.2.10"],
    }
    assert outlook(LB1, LB2, name="lb2")["takes"] == []


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"unreachable": True, "msg": "timed out"}, "lb2 cannot be reached"),
        ({"msg": "no answer"}, "lb2 does not say how it is (no answer)"),
        ({**LB2, "running": False, "instances": []}, "lb2 runs no keepalived"),
        (node("lb2", proxy="HTTP 503"), "lb2 has a proxy that does not answer (HTTP 503)"),
        (node("lb2", drain=DRAINED), "lb2 is drained"),
        (node("lb2", state="FAULT"), "lb2 is in state FAULT"),
        (node("lb2", instances=["api"]), "lb2 does not have web"),
    ],
)
def test_the_last_node_that_can_serve_is_not_drained(other, reason):
    said = f"lb1 is the last node that can serve web, and is not drained: {reason}"
    assert outlook(LB1, other)["refused"] == [said]
    third = node("lb3")
    assert outlook(LB1, other, third)["refused"] == []


def test_a_cluster_of_one():
    assert outlook(LB1)["refused"] == [
        "lb1 is the last node that can serve web, and is not drained: there is no other node"
    ]


def test_each_vip_needs_an_heir_of_its_own():
    both = node("lb1", held=["web", "api"], instances=["web", "api"])
    refusals = outlook(both, LB2, vips=[WEB, API])["refused"]
    assert refusals == ["lb1 is the last node that can serve api, and is not drained: lb2 does not have api"]


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ({**LB1, "drain": None}, "lb1 is not set up by this collection: run site first"),
        ({"unreachable": True}, "lb1 cannot be reached, so it is left as it is"),
    ],
)
def test_a_node_that_cannot_be_drained(info, said):
    assert outlook(info, LB2)["refused"] == [said]


def test_a_node_that_cannot_be_asked():
    assert outlook({"unreachable": True}, LB2)["silent"] == "lb1 cannot be reached"


def test_what_is_drained_already_is_not_refused():
    result = outlook(node("lb1", drain=DRAINED), node("lb2", held=["web"], proxy="HTTP 503"))
    assert (result["drained"], result["refused"]) == (True, [])


@pytest.mark.parametrize(("by", "people"), [("", True), ("upgrade", False)])
def test_who_was_drained_by_people_stays_so(by, people):
    result = outlook(node("lb1", drain={**DRAINED, "by": by}), node("lb2", held=["web"], proxy="HTTP 503"))
    assert (result["drained"], result["refused"]) == (people, [])


def test_a_node_that_serves_nobody_may_go_even_when_the_others_are_ill():
    assert outlook(node("lb1", state="FAULT"), node("lb2", drain=DRAINED))["refused"] == []


@pytest.mark.parametrize(
    ("other", "preempt", "takes"),
    [
        (node("lb2", held=["web"]), True, ["192.0.2.10"]),
        (node("lb2", held=["web"]), False, []),
        (node("lb2", state="FAULT"), False, ["192.0.2.10"]),
        (node("lb2", held=["web"], priority=254), True, []),
        ({"unreachable": True}, True, ["192.0.2.10"]),
    ],
)
def test_what_a_node_takes_back(other, preempt, takes):
    assert outlook(node("lb1", drain=DRAINED, priority=254), other, preempt=preempt)["takes"] == takes


def test_vips_that_are_on_their_way():
    assert outlook(node("lb1"), LB2)["misplaced"] == ["VIP web: no node holds 192.0.2.10"]
    assert outlook(LB1, node("lb2", held=["web"]))["misplaced"] == [
        "VIP web: lb1 and lb2 hold 192.0.2.10 at the same time"
    ]


def test_wrong_vips_are_refused():
    assert refused(outlook, LB1, LB2, vips=[{"name": "web"}]) == [("ha_lb_vips[0].addresses", "is missing")]


@pytest.mark.parametrize(
    ("said", "names"),
    [("lb1", ["lb1"]), (["lb1", "lb2"], ["lb1", "lb2"]), ("lb2, lb1", ["lb2", "lb1"]), ("lb1,lb1", ["lb1"])],
)
def test_nodes_by_name(said, names):
    assert named_nodes(said, ["lb1", "lb2"]) == {"names": names, "refused": ""}


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("lb9", "ha_lb_node: lb9 is no node of the cluster (lb1, lb2)"),
        (["lb1", "a", "b"], "ha_lb_node: a and b are no nodes of the cluster (lb1, lb2)"),
        ("", "ha_lb_node: which node? -e ha_lb_node=NAME says it; the nodes are lb1, lb2"),
        (None, "ha_lb_node: which node? -e ha_lb_node=NAME says it; the nodes are lb1, lb2"),
        (["all"], "ha_lb_node: all is no node of the cluster (lb1, lb2)"),
    ],
)
def test_nodes_that_are_none(said, refused):
    assert named_nodes(said, ["lb1", "lb2"])["refused"] == refused

# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts say of themselves, right and wrong."""

from __future__ import annotations

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.cluster.check import nodes_of
from module_utils.cluster.facts import OURS, clocks_by_node, interfaces_by_node, refuse_usurper, usurped
from module_utils.cluster.variables import COLLECTION_VARIABLES

ETH0 = {"ipv4": {"address": "192.0.2.11", "netmask": "255.255.255.0"}}


def hostvars(**facts):
    """Return the variables of lb1, of whose facts Ansible makes variables too."""
    return {"lb1": {"ansible_facts": facts, **facts}, "lb2": {}}


def test_what_facts_say():
    said = hostvars(interfaces=["eth0"], eth0=ETH0, date_time={"epoch": "1000"})
    eth0 = {"name": "eth0", "addresses": ["192.0.2.11/24"], "own": ["192.0.2.11"]}
    assert interfaces_by_node(["lb1", "lb2"], said) == {"lb1": [eth0], "lb2": []}
    assert clocks_by_node(["lb1"], said) == {"lb1": 1000.0}
    assert usurped(["lb1", "lb2"], said) == []


@pytest.mark.parametrize("name", ["ha_lb_vips", "haproxy_source", "notify_mail", "__ha_lb_run", "__source_host"])
def test_a_fact_that_is_called_like_a_variable_of_ours(name):
    said = hostvars(**{name: "x"})
    (sentence,) = usurped(["lb1", "lb2"], said)
    assert sentence.startswith(f"lb1 says {name} of itself, as a fact: ")
    for decide in (lambda: refuse_usurper("lb1", said["lb1"]), lambda: nodes_of(["lb1"], said)):
        with pytest.raises(HaLbError, match="lb1 says"):
            decide()


def test_many_are_counted_and_nothing_in_them_steers():
    (sentence,) = usurped(["lb1"], hostvars(**{f"ha_lb_{number}": 1 for number in range(200)}))
    assert sentence.startswith("lb1 says ha_lb_0, ha_lb_1, ha_lb_2, ha_lb_3, ha_lb_4 and 195 more of itself")
    assert "\x1b" not in usurped(["lb1"], hostvars(**{"ha_lb_\x1b": 1}))[0]


def test_a_fact_of_which_no_variable_is_made_does_no_harm():
    """An interface is called so, as `ansible_nginx_0`; or Ansible is told to make no variables of facts."""
    assert usurped(["lb1"], {"lb1": {"ansible_facts": {"nginx_0": {}}, "ansible_nginx_0": {}}}) == []


def test_every_variable_of_ours_begins_like_one():
    assert [name for name in COLLECTION_VARIABLES if not name.startswith(OURS)] == []


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"interfaces": 5}, "facts about interfaces cannot be read"),
        ({"interfaces": ["eth0"], "eth0": "x"}, "facts about interfaces cannot be read"),
        ({"interfaces": ["eth0"], "eth0": {"ipv4": {"address": "x", "netmask": "y"}}}, "cannot be read"),
        ({"interfaces": [{}]}, "facts about interfaces cannot be read"),
        ({"interfaces": ["e\x1bth"]}, "which is no name of one"),
        ({"interfaces": ["x"] * 10_001}, "more than 10000 interfaces"),
    ],
)
def test_facts_about_interfaces_that_are_none(facts, message):
    with pytest.raises(HaLbError, match=f"lb1: its .*{message}"):
        interfaces_by_node(["lb1"], hostvars(**facts))


@pytest.mark.parametrize("epoch", ["nan", "1e999", "soon", None, [], "9" * 400])
def test_a_time_that_is_none(epoch):
    with pytest.raises(HaLbError, match="lb1 does not say what time it is there"):
        clocks_by_node(["lb1"], hostvars(date_time={"epoch": epoch}))

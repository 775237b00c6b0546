# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of the input on the controller, as an action of Ansible."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from samples import NODES, SHOP, VIPS

ETH0 = {"name": "eth0", "addresses": ["192.0.2.11/24"], "own": ["192.0.2.11"]}
NONSENSE = [None, 5, "text", [5], ["lb1"], {"a": 1}, [{"name": 1}]]


@pytest.fixture
def check(collections, monkeypatch):
    """Return a function that runs the action with options; there is no connection."""
    plugin = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.action.cluster_check")
    monkeypatch.setattr(plugin.ActionBase, "run", lambda *_: {})

    def check(**options):
        return plugin.ActionModule(SimpleNamespace(async_val=0, args=options), *[None] * 5).run()

    return check


def test_cluster_check(check):
    variables = {"ha_lb_vips": VIPS, "ha_lb_services": [SHOP]}
    answer = check(variables=variables, nodes=NODES, interfaces={"lb1": [ETH0]})
    assert answer == {"changed": False, "advice": [], "warnings": []}


def test_cluster_check_gives_advice(check):
    answer = check(variables={"ha_lb_vips": VIPS}, nodes=NODES[:1])
    assert [each.split(":")[0] for each in answer["warnings"]] == ["lb1 is the only node"]


def test_cluster_check_compares_clocks(check):
    answer = check(variables={"ha_lb_vips": VIPS}, nodes=NODES, clocks={"lb1": 0, "lb2": 0, "the controller": "3600"})
    assert "the clock of the controller is 1:00:00 ahead" in answer["advice"][0]


def test_cluster_check_says_what_is_known_against_a_release(check):
    source = {"version": "2.9.9", "archive": "https://www.example.org/haproxy.tar.gz", "sha256": "0" * 64}
    answer = check(variables={"ha_lb_vips": VIPS, "haproxy_source": source}, nodes=NODES)
    assert {each[:38] for each in answer["advice"]} == {"haproxy_source.version: haproxy 2.9.9 "}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("keepalived_garp_repeat", "many", "'many' is not a whole number"),
        ("keepalived_preempt", "perhaps", "neither true nor false"),
        ("haproxy_extra_frontends", ["x"], "is not a mapping"),
        ("keepalived_firewall_enabled", "maybe", "'maybe' is neither true nor false"),
        ("haproxy_timeout_client_seconds", "30s", "'30s' is not a number of seconds"),
        ("keepalived_transport", "anycast", "unicast, multicast"),
        ("keepalived_advert_interval", 1, "did you mean keepalived_advert_interval_seconds?"),
        ("haproxy_stat_enabled", True, "did you mean haproxy_stats_enabled?"),
    ],
)
def test_cluster_check_knows_the_variables_of_the_roles(check, name, value, message):
    answer = check(variables={"ha_lb_vips": VIPS, name: value}, nodes=NODES)
    assert answer["failed"]
    assert [each["path"] for each in answer["findings"]] == [name]
    assert message in answer["msg"]


@pytest.mark.parametrize("value", NONSENSE)
def test_cluster_check_answers_nonsense(check, value):
    assert check(variables={}, nodes=value)["failed"]

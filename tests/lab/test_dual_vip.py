# SPDX-License-Identifier: GPL-3.0-or-later
"""R4: two VIPs on two nodes. If one node fails, the other holds both VIPs, and gives one back when it returns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab import Lab
from lab.balancers import Balancers
from lab.playbook import Run, preflight
from lab.trials import BY_NAME

pytestmark = pytest.mark.dual_vip

BLUE, GREEN = "192.168.0.198", "192.168.0.199"
STAY = {"keepalived_preempt": False}
FAULTS = ["proxy_stopped", "keepalived_stopped", "network_cut", "node_killed"]


def all_on(cluster: Balancers, node: str) -> list[str]:
    return [f"{vip} is on {nodes}" for vip, nodes in cluster.holders().items() if nodes != [node]]


def other(cluster: Balancers, node: str) -> str:
    (rest,) = set(cluster.nodes) - {node}
    return rest


def test_every_node_holds_one_vip(whole: Balancers) -> None:
    assert whole.holders() == {BLUE: ["lb1"], GREEN: ["lb2"]}


def test_the_vrids_are_those_of_the_inventory(whole: Balancers) -> None:
    for node in whole.nodes:
        assert {each["iname"]: each["vrid"] for each in whole.instances(node)} == {"blue": 105, "green": 110}


def test_the_name_has_both_addresses(lab: Lab) -> None:
    records = preflight(lab)["dns"]
    assert [(each["name"], each["type"], each["value"]) for each in records] == [
        ("www.example.org", "A", BLUE),
        ("www.example.org", "A", GREEN),
    ]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("vip", [BLUE, GREEN], ids=["blue", "green"])
def test_the_survivor_holds_both_vips_and_gives_one_back(cluster: Balancers, fault: str, vip: str) -> None:
    trial = BY_NAME[fault]
    cluster.wait_whole()
    (node,) = cluster.holders()[vip]
    try:
        trial.fault(cluster, node)
        cluster.wait(lambda: all_on(cluster, other(cluster, node)))
    finally:
        assert trial.heal is not None
        trial.heal(cluster, node)
    cluster.wait_whole()


def test_services_that_nginx_cannot_do_are_refused(lab: Lab) -> None:
    servers = [{"name": "web1", "address": "192.168.0.121", "port": 80, "backup": True}]
    services = [
        {"name": "one", "vip": "blue", "port": 80, "algorithm": "first", "servers": servers},
        {"name": "two", "vip": "blue", "port": 81, "check": {"http": {"path": "/healthz"}}, "servers": servers},
    ]
    run = Run(lab, "site", {"ha_lb_services": services}).finish()
    assert run.process.returncode != 0
    assert run.failures[0].splitlines() == [
        "ha_lb_services[0].algorithm: nginx has no first; it has roundrobin, static-rr, leastconn, source, uri, random",
        "ha_lb_services[0].servers: nginx needs a server that is not a backup",
        "ha_lb_services[1].check: nginx does not check its servers (http): a server is left out after "
        "nginx_max_fails failures in nginx_fail_timeout_seconds; or use haproxy",
        "ha_lb_services[1].servers: nginx needs a server that is not a backup",
    ]


@pytest.fixture
def staying(lab: Lab, cluster: Balancers) -> Iterator[dict[str, Any]]:
    """Turn preemption off for a test."""
    cluster.wait_whole()
    run = Run(lab, "site", STAY).finish()
    assert run.process.returncode == 0, run.output
    yield STAY
    run = Run(lab, "site", {}).finish()
    assert run.process.returncode == 0, run.output
    cluster.wait_whole()


@pytest.mark.usefixtures("staying")
def test_without_preemption_a_node_that_returns_takes_no_vip(lab: Lab, cluster: Balancers) -> None:
    (node,) = cluster.holders()[BLUE]
    heir = other(cluster, node)
    with cluster.logged() as log:
        cluster.run(node, "systemctl stop keepalived")
        cluster.wait(lambda: all_on(cluster, heir))
        cluster.run(node, "systemctl start keepalived")
        verified = Run(lab, "verify", STAY).finish()
    assert verified.process.returncode == 0, verified.output
    assert all_on(cluster, heir) == []
    assert [(each.node, set(each.held)) for each in log.taken()] == [(heir, {BLUE})]

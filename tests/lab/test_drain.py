# SPDX-License-Identifier: GPL-3.0-or-later
"""A node is drained and restored under load; where no other node could take over, the drain is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.balancers import FIT_STATES, Balancers
from lab.playbook import Run

pytestmark = [pytest.mark.rolling, pytest.mark.usefixtures("whole")]

PACE = {"interval": 0.005, "least": 1.0, "seconds": 280.0}
# Requests in progress when a VIP moves are reset; on a loaded machine there may be several
FAILED_PER_MOVE = 5
TWO_HOLDERS_MS = 200.0
CONFIG = "/etc/keepalived/keepalived.conf"


# Of the first pool, shared by both nodes
TABLE = {
    "haproxy_extra_global": "localpeer {{ inventory_hostname }}",
    "haproxy_extra_sections": "peers tables\n{% for node in groups['loadbalancers'] %}"
    "    peer {{ node }} {{ hostvars[node].ha_lb_address }}:8406\n{% endfor %}",
    "haproxy_extra_backends": {"test": "stick-table type ip size 1k expire 30m store gpc0 peers tables"},
}
TELL = """python3 -c 'import socket
with socket.socket(socket.AF_UNIX) as haproxy:
    haproxy.connect("/run/haproxy/admin.sock")
    haproxy.sendall(b"{}\\n")
    print(haproxy.makefile().read())'"""


def other(cluster: Balancers, node: str) -> str:
    return next(each for each in cluster.nodes if each != node)


def well(run: Run) -> Run:
    assert run.process.returncode == 0, run.output
    return run


def refused(run: Run) -> str:
    assert run.process.returncode != 0
    assert "Traceback" not in run.output
    return run.failures[-1]


def standing(cluster: Balancers, node: str) -> list[tuple[str, int]]:
    """Return the state and priority of every instance of a node; FAULT while its checks have not run yet."""
    return [(FIT_STATES.get(each["state"], "FAULT"), each["effective_priority"]) for each in cluster.instances(node)]


@pytest.fixture(autouse=True)
def in_service(cluster: Balancers) -> Iterator[None]:
    """Leave no node drained, whatever happens in a test."""
    yield
    for node in cluster.nodes:
        cluster.run(node, "echo 0 >/run/ha_lb/drain; rm -f /etc/tmpfiles.d/00-ha_lb-drain.conf")
    cluster.wait_whole()


@pytest.fixture
def play(lab: Any) -> Callable[..., Run]:
    return lambda playbook, **variables: Run(lab, playbook, variables).finish()


def test_a_drain_survives_a_reboot_and_restore_ends_it(
    cluster: Balancers, play: Callable[..., Run], tmp_path: Path, record_property: Any
) -> None:
    node = cluster.active()
    heir = other(cluster, node)
    with cluster.logged() as log, cluster.traffic(**PACE) as traffic:
        well(play("drain", ha_lb_node=node))
        cluster.wait_left(node, 1)
    record_property(
        "drain", {key: traffic.result[key] for key in ("sent", "failed", "longest_gap_ms", "outages", "errors")}
    )
    assert traffic.result["failed"] <= FAILED_PER_MOVE
    assert log.count_ms(2) <= TWO_HOLDERS_MS
    assert [each.node for each in log.taken()] == [heir]

    lost = f"{heir} is the last node that can serve web, and is not drained: {node} is drained"
    assert refused(play("drain", ha_lb_node=heir)) == lost

    file = tmp_path / "status.json"
    well(play("drain", ha_lb_node=node, ha_lb_drain_survives_reboot=True, ha_lb_status_file=str(file)))
    ((drained,), note) = (json.loads(file.read_text())[key] for key in ("drained", "notes"))
    assert (drained["node"], drained["survives_reboot"]) == (node, True)
    assert note[0].startswith(f"{node} is drained since ")
    cluster.lab.reboot(node)
    cluster.wait(lambda: [] if standing(cluster, node) == [("BACKUP", 1)] else [f"{node} is no backup yet"])
    assert cluster.holders() == {vip: [heir] for vip in cluster.vips}

    with cluster.logged() as log, cluster.traffic(**PACE) as traffic:
        well(play("restore", ha_lb_node=node))
        assert cluster.displaced() == []
    record_property(
        "restore", {key: traffic.result[key] for key in ("sent", "failed", "longest_gap_ms", "outages", "errors")}
    )
    assert traffic.result["failed"] <= FAILED_PER_MOVE
    assert log.count_ms(2) <= TWO_HOLDERS_MS
    assert [each.node for each in log.taken()] == [node]
    assert cluster.run(node, "cat /run/ha_lb/drain").strip() == "0"
    assert "drain" not in cluster.run(node, "ls /etc/tmpfiles.d")
    cluster.wait_whole()


@pytest.mark.matrix
def test_restore_waits_for_the_stick_tables(cluster: Balancers, play: Callable[..., Run]) -> None:
    node = cluster.active()
    try:
        well(play("site", **TABLE))
        well(play("drain", ha_lb_node=node))
        cluster.run(other(cluster, node), TELL.format("set table test key 192.0.2.99 data.gpc0 7"))
        cluster.run(node, "systemctl restart haproxy")
        well(play("restore", ha_lb_node=node))
        assert "key=192.0.2.99" in cluster.run(node, TELL.format("show table test"))
    finally:
        well(play("site"))


@pytest.mark.parametrize(
    ("variables", "refusal"),
    [
        ({"ha_lb_node": "lb9"}, "ha_lb_node: lb9 is no node of the cluster (lb1, lb2)"),
        ({}, "ha_lb_node: which node? -e ha_lb_node=NAME says it; the nodes are lb1, lb2"),
    ],
    ids=["unknown", "none"],
)
def test_unknown_nodes_are_refused(play: Callable[..., Run], variables: dict[str, Any], refusal: str) -> None:
    assert refused(play("drain", **variables)) == refusal


def test_the_last_fit_node_is_not_drained(cluster: Balancers, play: Callable[..., Run]) -> None:
    node = cluster.active()
    heir = other(cluster, node)
    cluster.run(heir, "systemctl stop haproxy")
    try:
        refusal = refused(play("drain", ha_lb_node=node))
        assert re.fullmatch(rf"{node} is the last node that can serve web, .*: {heir} has a proxy that .*", refusal)
        assert cluster.holders() == {cluster.vips[0]: [node]}
        assert cluster.run(node, "cat /run/ha_lb/drain").strip() == "0"
    finally:
        cluster.run(heir, "systemctl start haproxy")
        cluster.wait_whole()


def test_a_drain_that_no_peer_takes_over_is_taken_back(cluster: Balancers, play: Callable[..., Run]) -> None:
    """The peer is healthy, and preemption was turned off on it by hand."""
    node = cluster.active()
    heir = other(cluster, node)
    reload = "systemctl reload keepalived"
    cluster.run(heir, f"cp -p {CONFIG} /root/saved && sed -i 's/^ *advert_int.*/nopreempt\\n&/' {CONFIG} && {reload}")
    try:
        refusal = refused(play("drain", ha_lb_node=node, __ha_lb_move_seconds=3))
        assert refusal.startswith(f"after 3 s no other node has taken {cluster.vips[0]}: the drain is taken back")
        assert cluster.holders() == {cluster.vips[0]: [node]}
        assert cluster.run(node, "cat /run/ha_lb/drain").strip() == "0"
    finally:
        cluster.run(heir, f"mv /root/saved {CONFIG} && {reload}")
        cluster.wait_whole()

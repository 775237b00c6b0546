# SPDX-License-Identifier: GPL-3.0-or-later
"""Several playbooks of ours in one ansible-playbook call: none goes by what another one found, or did.

site and an upgrade that fails: test_upgrade.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.balancers import Balancers
from lab.cluster import Lab
from lab.playbook import Run

pytestmark = pytest.mark.usefixtures("whole")

HAPROXY = "/etc/haproxy/haproxy.cfg"
STATES = re.compile(r"^\s+\"?(?:- )?(lb\d)  +(unchanged|changed|failed, restored|failed|not reached)  ", re.MULTILINE)
Play = Callable[..., Run]


def ours(name: str, **variables: object) -> dict[str, Any]:
    return {"name": name, "ansible.builtin.import_playbook": f"evenkeel.ha_lb.{name}", "vars": variables}


@pytest.fixture
def play(lab: Lab, tmp_path: Path) -> Play:
    """Run these plays, which are somebody's own playbook, in a folder of its own."""

    def play(*plays: dict[str, Any], inventory: str = "", **variables: object) -> Run:
        file = tmp_path / "maintenance.yml"
        file.write_text(yaml.safe_dump(list(plays), sort_keys=False))
        options = ["-i", inventory] if inventory else []
        run = Run(lab, str(file), variables, *options).finish(600)
        assert "Traceback" not in run.output
        return run

    return play


def drifted(cluster: Balancers) -> dict[str, Any]:
    """Return a play after which one balancer no longer runs what site has brought about."""
    change = f"echo '# by hand' >>{HAPROXY} && systemctl reload haproxy"
    return {
        "name": "Somebody changes a balancer by hand",
        "hosts": cluster.nodes[1],
        "gather_facts": False,
        "tasks": [{"name": "Change it", "ansible.builtin.shell": change}],
    }


@pytest.mark.rolling
def test_site_and_site_with_a_change_between_them(cluster: Balancers, play: Play) -> None:
    assert play(ours("site")).process.returncode == 0  # other tests leave settings of their own
    before = {node: cluster.run(node, f"cat {HAPROXY}") for node in cluster.nodes}
    with cluster.traffic(interval=0.005, least=1.0, seconds=120.0) as traffic:
        run = play(ours("site"), drifted(cluster), ours("site"))
    assert run.process.returncode == 0, run.output
    first, second = cluster.nodes
    states = STATES.findall(run.output)
    assert sorted(states[:2]) == [(first, "unchanged"), (second, "unchanged")]
    assert sorted(states[2:]) == [(first, "unchanged"), (second, "changed")]
    assert {node: cluster.run(node, f"cat {HAPROXY}") for node in cluster.nodes} == before
    assert traffic.result["failed"] <= 1


@pytest.mark.rolling
def test_drain_restore_and_drain_of_another_node(cluster: Balancers, play: Play, tmp_path: Path) -> None:
    first, second = cluster.nodes
    file = tmp_path / "status.json"
    try:
        run = play(
            ours("drain", ha_lb_node=first),
            ours("restore", ha_lb_node=first),
            ours("drain", ha_lb_node=second),
            ha_lb_status_file=str(file),
        )
        assert run.process.returncode == 0, run.output
        assert [each["node"] for each in json.loads(file.read_text())["drained"]] == [second]
    finally:
        assert Run(cluster.lab, "restore", {"ha_lb_node": second}).finish().process.returncode == 0
    cluster.wait_whole()


@pytest.mark.rolling
def test_verify_and_verify(cluster: Balancers, play: Play) -> None:
    """The second one looks as often as the first until the cluster is whole, and is not judged by what that one saw."""

    def change(name: str, command: str) -> dict[str, Any]:
        task = {"name": name, "ansible.builtin.shell": command}
        return {"name": name, "hosts": cluster.active(), "gather_facts": False, "tasks": [task]}

    stop, start = change("Stop the proxy", "systemctl stop haproxy"), change("Start it", "systemctl start haproxy")
    known = ours("verify", ha_lb_accept_degraded=cluster.active())
    run = play(ours("verify"), stop, known, start, ours("verify"))
    assert run.process.returncode == 0, run.output
    assert run.output.count("PLAY [Verify that every VIP has one holder, answers, and can be taken over]") == 3
    cluster.wait_whole()


@pytest.mark.vrid_conflict
def test_site_for_two_clusters_of_one_inventory(cluster: Balancers, lab: Lab, play: Play, tmp_path: Path) -> None:
    """In somebody's own playbook; a change of the second cluster touches no node of the first."""
    names = cluster.group("strangers")
    vips = [{"name": "mail", "addresses": ["192.0.2.90/24"]}]
    services = [
        {"name": "mail", "vip": "mail", "port": 80, "servers": [{"name": "web1", "address": "192.0.2.21", "port": 80}]}
    ]
    mine = {"ha_lb_group": "edge", "ha_lb_vips": vips, "ha_lb_services": services, "ha_lb_pools": []}
    inventory = tmp_path / "edge.yml"
    inventory.write_text(yaml.safe_dump({"edge": {"hosts": {name: {} for name in names}, "vars": mine}}))
    try:
        run = play(ours("site"), ours("site", ha_lb_group="edge"), inventory=str(inventory))
        assert run.process.returncode == 0, run.output
        held = {node: cluster.run(node, "ip -brief address") for node in (*cluster.nodes, *names)}
        assert sum("192.0.2.90" in addresses for addresses in held.values()) == 1
        assert not any("192.0.2.90" in held[node] for node in cluster.nodes)
        again = play(ours("site"), ours("site", ha_lb_group="edge"), inventory=str(inventory))
        assert re.search(r"changed=[1-9]", again.output) is None, again.output
    finally:
        gone = {"ha_lb_group": "edge", "ha_lb_remove_all": "edge"}
        removed = Run(lab, "remove", gone, "-i", str(inventory)).finish()
        assert removed.process.returncode == 0, removed.output
    cluster.wait_whole()

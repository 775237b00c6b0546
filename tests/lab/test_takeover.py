# SPDX-License-Identifier: GPL-3.0-or-later
"""status and verify say which node can take over, and verify fails where none could, unless people know it."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.balancers import Balancers
from lab.cluster import Lab
from lab.playbook import Run

pytestmark = [pytest.mark.rolling, pytest.mark.usefixtures("whole")]

CONFIG = "/etc/keepalived/keepalived.conf"


@pytest.fixture(scope="module", autouse=True)
def in_force(lab: Lab) -> None:
    """Put the inventory in force: a run before may have staged what no node has taken."""
    run = Run(lab, "site", {"ha_lb_listen_seconds": 1}).finish()
    assert run.process.returncode == 0, run.output


@contextlib.contextmanager
def changed(cluster: Balancers, node: str, there: str, back: str) -> Iterator[None]:
    try:
        cluster.run(node, there)
        yield
    finally:
        cluster.run(node, back)
        cluster.wait_whole()


def backup(cluster: Balancers) -> str:
    (found,) = {*cluster.nodes} - {cluster.active()}
    return found


def status(lab: Lab, folder: Path, **variables: Any) -> tuple[dict[str, Any], str]:
    file = folder / "status.json"
    run = Run(lab, "status", {"ha_lb_status_file": str(file), **variables}).finish()
    assert run.process.returncode == 0, run.output
    return json.loads(file.read_text()), run.output


def test_every_node_can_take_over(lab: Lab, cluster: Balancers, tmp_path: Path) -> None:
    data, output = status(lab, tmp_path)
    assert {(each["node"], each["can_take_over"]) for each in data["can_take_over"]} == {("lb1", True), ("lb2", True)}
    assert (data["findings"], data["warnings"], data["drift"]) == ([], [], [])
    assert "instance  can take over" in output


@pytest.mark.parametrize(
    ("stop", "start", "why"),
    [
        (
            "systemctl stop keepalived",
            "systemctl start keepalived",
            "it runs no keepalived: systemctl start keepalived",
        ),
        ("systemctl stop haproxy", "systemctl start haproxy", "it has a proxy that does not answer"),
    ],
    ids=["keepalived", "proxy"],
)
def test_verify_fails_where_a_node_cannot_take_over(
    lab: Lab, cluster: Balancers, tmp_path: Path, stop: str, start: str, why: str
) -> None:
    node = backup(cluster)
    wanted = f"{node} cannot take over web, because {why}"
    with changed(cluster, node, stop, start):
        data, output = status(lab, tmp_path)
        assert any(line.startswith(wanted) for line in data["findings"]), data["findings"]
        assert output.index(wanted) < output.index("node  instance")  # what failed is said first
        failed = Run(lab, "verify", {}).finish()
        assert failed.process.returncode != 0
        (failure,) = failed.failures
        assert failure.startswith(wanted), failure
        passed = Run(lab, "verify", {"ha_lb_accept_degraded": [node]}).finish()
        assert passed.process.returncode == 0, passed.output
        assert "(ha_lb_accept_degraded)" in passed.output
    assert Run(lab, "verify", {}).finish().process.returncode == 0


@pytest.mark.parametrize("playbook", ["status", "verify", "site", "upgrade"])
def test_an_unknown_node_is_refused_before_a_host_is_asked(lab: Lab, cluster: Balancers, playbook: str) -> None:
    run = Run(lab, playbook, {"ha_lb_accept_degraded": ["lb2", "lb9"]}).finish()
    assert run.process.returncode != 0
    assert run.failures == ["ha_lb_accept_degraded[1]: lb9 is no node of the cluster: lb1, lb2"]
    assert "Ask" not in run.output.partition("TASK [Check which nodes are accepted")[0]


def test_a_configuration_that_is_not_loaded_is_said(lab: Lab, cluster: Balancers, tmp_path: Path) -> None:
    node = backup(cluster)
    with changed(cluster, node, f"cp -p {CONFIG} /root/kept; echo '# by hand' >>{CONFIG}", f"mv /root/kept {CONFIG}"):
        data, _output = status(lab, tmp_path)
    said = f"{node}: keepalived runs another configuration than {CONFIG} has: site puts the wanted one in force"
    assert said in data["notes"]


WRITE = """
import json, sys, time
print(json.dumps({**json.loads(sys.argv[1]), "time": time.time(), "monotonic": time.monotonic()}))
"""


def test_the_verdict_of_the_guard_counts(lab: Lab, cluster: Balancers, tmp_path: Path) -> None:
    """One that is written by hand, while the agent is stopped."""
    node = backup(cluster)
    said = json.dumps({"unfit": {"web": "hears none of its peers"}, "node_unfit": "", "acts": []})
    here = "/run/ha_lb-guard"
    write = (
        f"systemctl stop ha_lb-guard; mkdir -p {here}; "
        f"python3 -c {shlex.quote(WRITE)} {shlex.quote(said)} >{here}/guard.json"
    )
    with changed(cluster, node, write, f"rm -r {here}; systemctl start ha_lb-guard || true"):
        data, _output = status(lab, tmp_path)
    assert data["findings"] == [
        f"{node} cannot take over web, because it hears none of its peers: its guard mends that when it may; if it "
        f"stays, systemctl restart keepalived on {node}"
    ]

# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook drill breaks, measures, reports and refuses; and a node mends itself, whatever happens to the run."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.balancers import Balancers
from lab.playbook import Run

pytestmark = [pytest.mark.drill, pytest.mark.usefixtures("nftables")]

CONSENT = {"ha_lb_drill_consent": "loadbalancers", "ha_lb_drill_client": "client"}
FEW = ["drained", "network_cut"]
REST = [
    ["proxy_killed", "proxy_stopped", "proxy_frozen", "fail_back", "reloaded"],
    ["keepalived_killed", "keepalived_stopped", "keepalived_frozen", "vrrp_cut", "backend_killed"],
]
# A loaded machine delays timers; the report shows the usual times, which are much shorter
MARGIN = {"ha_lb_drill_margin_seconds": 3}
DRAINED = -253


def refusal(lab: Lab, **variables: Any) -> list[str]:
    run = Run(lab, "drill", variables).finish()
    assert run.process.returncode != 0, run.output
    assert "TASK [Break]" not in run.output
    return [line for each in run.failures for line in each.splitlines()]


def test_without_consent_nothing_is_broken(lab: Lab) -> None:
    (finding,) = refusal(lab)
    assert finding.startswith("ha_lb_drill_consent: a drill breaks a running cluster. On the node of lb1, lb2")
    for each in ("kill haproxy", "stop keepalived", "cut it off", "-e ha_lb_drill_consent=loadbalancers"):
        assert each in finding
    assert "reboot" not in finding


def test_all_findings_are_reported_at_once(lab: Lab) -> None:
    wrong = {"ha_lb_drill_consent": "balancers", "ha_lb_drill_client": "lb1"}
    findings = refusal(lab, ha_lb_drills=["proxy_kiled", "node_rebooted"], **wrong)
    assert [line.partition(":")[0] for line in findings] == [
        "ha_lb_drills[0]",
        "ha_lb_drills[1]",
        "ha_lb_drill_client",
        "ha_lb_drill_consent",
    ]
    assert "did you mean proxy_killed?" in findings[0]
    assert "'balancers' is not loadbalancers" in findings[3]


def test_a_cluster_of_one_node_is_refused(lab: Lab) -> None:
    (finding,) = refusal(lab, ha_lb_group="clients", ha_lb_drill_consent="clients")
    assert finding == "ha_lb_drills: the cluster has no node to take over (its nodes: client)"


@contextlib.contextmanager
def drained(cluster: Balancers, node: str) -> Iterator[None]:
    try:
        cluster.run(node, f"echo {DRAINED} >/run/ha_lb/drain")
        cluster.wait(lambda: [] if cluster.instances(node)[0]["effective_priority"] < 10 else ["not drained yet"])
        yield
    finally:
        cluster.run(node, "echo 0 >/run/ha_lb/drain")
        cluster.wait_whole()


@contextlib.contextmanager
def without_proxy(cluster: Balancers, node: str) -> Iterator[None]:
    try:
        cluster.run(node, f"systemctl stop {cluster.proxy}")
        yield
    finally:
        cluster.run(node, f"systemctl start {cluster.proxy}")
        cluster.wait_whole()


@pytest.mark.parametrize(("unwell", "word"), [(drained, "drained"), (without_proxy, "proxy")], ids=["drained", "unfit"])
def test_a_cluster_that_is_not_whole_is_refused(lab: Lab, cluster: Balancers, unwell: Any, word: str) -> None:
    cluster.wait_whole()
    (backup,) = set(cluster.nodes) - {cluster.active()}
    with unwell(cluster, backup):
        findings = refusal(lab, **CONSENT)
    assert any(backup in line and word in line for line in findings), findings
    assert all("nothing was broken" in line for line in findings), findings


def test_a_client_that_does_not_reach_the_vips_is_refused(lab: Lab, cluster: Balancers) -> None:
    """The controller is not in the lab's service network, so no host answers it, or a wrong one."""
    cluster.wait_whole()
    (finding,) = refusal(lab, ha_lb_drill_consent="loadbalancers")
    assert finding.startswith(f"ha_lb_drill_client: localhost cannot measure ({cluster.vips[0]} port 80")


def drilled(lab: Lab, cluster: Balancers, drills: list[str], folder: Path) -> dict[str, Any]:
    """Run the drills, and return their report after comparing the data with the page and the JUnit XML."""
    files = {f"ha_lb_drill_{kind}": str(folder / kind) for kind in ("file", "junit", "page")}
    run = Run(lab, "drill", {**CONSENT, **MARGIN, **files, "ha_lb_drills": drills}).finish()
    assert (folder / "file").exists(), run.output
    report: dict[str, Any] = json.loads((folder / "file").read_text())
    assert run.process.returncode == 0, "\n".join(each["line"] for each in report["drills"])
    suite = ET.parse(folder / "junit").getroot()
    assert [case.get("name") for case in suite.iter("testcase")] == drills
    assert suite.get("failures") == "0"
    page = (folder / "page").read_text()
    assert page.count("<svg") == 2 * len(drills)
    assert len(page) < 6_000_000
    cluster.wait_whole()
    return report


def held_by(outcome: dict[str, Any]) -> set[str]:
    return {bar["node"] for bars in outcome["holding"].values() for bar in bars}


def test_drills_are_measured_and_mended(lab: Lab, cluster: Balancers, tmp_path: Path) -> None:
    cluster.wait_whole()
    report = drilled(lab, cluster, FEW, tmp_path)
    assert report["passed"]
    for outcome in report["drills"]:
        print(outcome["line"])
        assert outcome["status"] == "passed"
        assert outcome["node"] == "lb1"
        assert outcome["sent"] > 500
        assert 0 < outcome["broken_ms"] < outcome["mended_ms"] < outcome["end_ms"]
        assert held_by(outcome) == {"lb1", "lb2"}
    drain, cut = report["drills"]
    assert drain["failed"] <= 5
    assert 100 < cut["outage_ms"] <= cut["predicted_ms"] + 3000
    # Both nodes held the VIP while one was cut off
    assert cut["two_holders_ms"] > 1000


@pytest.mark.parametrize(
    "connected", [False, pytest.param(True, marks=pytest.mark.matrix)], ids=["at once", "when its time is over"]
)
def test_a_run_that_is_killed_leaves_nothing_broken(lab: Lab, cluster: Balancers, connected: bool) -> None:
    """The node notices that the connection is closed; if the connection hangs, the node is mended by its own timer."""
    cluster.wait_whole()
    node = cluster.active()
    begin = cluster.run(node, "date +%s").strip()
    run = Run(lab, "drill", {**CONSENT, "ha_lb_drills": ["vrrp_cut"]})
    run.until("TASK [Let it happen]")
    cluster.wait(lambda: [] if "ha_lb_drill" in cluster.run(node, "nft list tables") else ["not broken yet"])
    for child in (run.process.pid, *children(run.process.pid)):
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            if not (connected and "ssh" in Path(f"/proc/{child}/cmdline").read_text()):
                os.kill(child, signal.SIGKILL)
    run.process.wait()
    cluster.wait(lambda: ["still broken"] if "ha_lb_drill" in cluster.run(node, "nft list tables") else [])
    journal = cluster.run(node, f"journalctl -u ha_lb-drill --since=@{begin} --no-pager")
    assert ("Stopping" in journal) is not connected, journal
    cluster.wait_whole()


def children(pid: int) -> list[int]:
    """Return all descendants of a process."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    direct = [int(each) for thread in threads for each in thread.read_text().split()]
    return [*direct, *(each for child in direct for each in children(child))]


@pytest.mark.matrix
@pytest.mark.parametrize("drills", REST, ids=" ".join)
def test_every_other_drill(lab: Lab, cluster: Balancers, drills: list[str], tmp_path: Path) -> None:
    cluster.wait_whole()
    report = drilled(lab, cluster, drills, tmp_path)
    assert [each["status"] for each in report["drills"]] == ["passed"] * len(drills)


@pytest.mark.matrix
def test_a_drill_is_skipped_if_the_node_lacks_a_command(lab: Lab, cluster: Balancers, tmp_path: Path) -> None:
    cluster.wait_whole()
    node = cluster.active()
    cluster.run(node, "mv /usr/sbin/nft /usr/sbin/nft.away")
    try:
        run = Run(lab, "drill", {**CONSENT, "ha_lb_drills": ["vrrp_cut"], "ha_lb_drill_file": str(tmp_path / "file")})
        run.finish()
    finally:
        cluster.run(node, "mv /usr/sbin/nft.away /usr/sbin/nft")
    assert run.process.returncode == 0, run.output
    (outcome,) = json.loads((tmp_path / "file").read_text())["drills"]
    assert (outcome["status"], outcome["reasons"]) == ("skipped", [f"{node} has no nft"])


@pytest.mark.matrix
def test_a_node_is_rebooted(lab: Lab, cluster: Balancers, tmp_path: Path) -> None:
    """A container does not start again by itself, as a machine does: the test starts it."""
    cluster.wait_whole()
    node = cluster.active()
    variables = {**CONSENT, **MARGIN, "ha_lb_drill_reboot": True, "ha_lb_drill_file": str(tmp_path / "file")}
    run = Run(lab, "drill", {**variables, "ha_lb_drills": ["node_rebooted"]})
    run.until("TASK [Let it happen]")
    cluster.wait(lambda: [f"{node} is not down"] if node in lab.running() else [])
    cluster.power_on(node)
    run.finish()
    (outcome,) = json.loads((tmp_path / "file").read_text())["drills"]
    assert run.process.returncode == 0, outcome["line"]
    assert outcome["status"] == "passed"
    assert outcome["sent"] > 500
    cluster.wait_whole()

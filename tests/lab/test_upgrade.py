# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages are upgraded node by node under load, and back; a version that fails is refused, or goes back by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.balancers import Balancers
from lab.offer import offer_on, withdraw_from
from lab.playbook import Run

pytestmark = [pytest.mark.rolling, pytest.mark.usefixtures("whole")]

PACE = {"interval": 0.005, "least": 1.0, "seconds": 280.0}
FAILED_PER_MOVE = 5
TWO_HOLDERS_MS = 200.0
REFUSES = "printf '#!/bin/sh\\necho planted >&2\\nexit 1\\n' >unpacked/usr/sbin/haproxy"
# Accepts every configuration, and does not start
FAILS = "printf '#!/bin/sh\\ncase \"$*\" in *-c*) exit 0;; esac\\nexit 1\\n' >unpacked/usr/sbin/haproxy"
# Its last step takes as long as a file exists
LINGERS = "printf '#!/bin/sh\\nwhile [ -e /run/slow ]; do touch /run/busy; sleep .1; done\\n' >unpacked/DEBIAN/postinst"
# Its sshd is stopped, as on a node that does not come back
LEAVES = "printf '#!/bin/sh\\nsystemctl stop ssh\\npkill -KILL sshd\\n' >unpacked/DEBIAN/postinst"


@pytest.fixture
def play(lab: Any, tmp_path: Path) -> Callable[..., tuple[Run, dict[str, Any]]]:
    """Run `upgrade`; return the run, and its data."""

    def play(**variables: object) -> tuple[Run, dict[str, Any]]:
        file = tmp_path / "upgrade.json"
        run = Run(lab, "upgrade", {"ha_lb_upgrade_file": str(file), **variables}).finish()
        assert "Traceback" not in run.output
        return run, json.loads(file.read_text()) if file.exists() else {}

    return play


@pytest.fixture
def offer(cluster: Balancers) -> Iterator[Callable[..., None]]:
    """Offer a version of a package on all balancers; remove it at the end."""

    def offer(package: str, version: str, fault: str = "") -> None:
        for node in cluster.nodes:
            offer_on(cluster, node, package, version, fault)

    try:
        yield offer
    finally:
        for node in cluster.nodes:
            withdraw_from(cluster, node)
            cluster.run(node, "rm -f /run/slow /run/busy")


def installed(cluster: Balancers) -> dict[str, dict[str, str]]:
    command = "dpkg-query -W -f '${Package} ${Version}\\n' keepalived haproxy"
    return {node: dict(line.split() for line in cluster.run(node, command).splitlines()) for node in cluster.nodes}


def order(cluster: Balancers) -> tuple[str, str]:
    """Return the node that is upgraded first, and the active one, which is upgraded last."""
    last = cluster.active()
    return next(each for each in cluster.nodes if each != last), last


def test_upgrade_of_both_nodes_and_back(
    cluster: Balancers, offer: Callable[..., None], play: Callable[..., Any], record_property: Any
) -> None:
    before = installed(cluster)
    new = {package: f"{version}+lab1" for package, version in before[cluster.nodes[0]].items()}
    for package, version in new.items():
        offer(package, version)
    first, last = order(cluster)
    with cluster.logged() as log, cluster.traffic(**PACE) as traffic:
        run, data = play()
    assert run.process.returncode == 0, run.output
    record_property(
        "upgrade", {key: traffic.result[key] for key in ("sent", "failed", "longest_gap_ms", "outages", "errors")}
    )
    assert installed(cluster) == dict.fromkeys(cluster.nodes, new)
    assert {(row["before"], row["after"]) for row in data["rows"]} == {
        (before[last][package], version) for package, version in new.items()
    }
    moves = [each.node for each in log.taken()]
    assert moves == [first, last]
    assert traffic.result["failed"] <= FAILED_PER_MOVE * len(moves)
    assert log.count_ms(2) <= TWO_HOLDERS_MS
    for node in cluster.nodes:
        programs = cluster.run(
            node, "for pid in $(pgrep -x 'haproxy|keepalived'); do readlink /proc/$pid/exe || :; done"
        )
        assert programs
        assert "(deleted)" not in programs
    cluster.wait_whole()

    run, data = play(ha_lb_upgrade_back=True)
    assert run.process.returncode == 0, run.output
    assert installed(cluster) == before
    assert {row["result"] for row in data["rows"]} == {"done"}
    cluster.wait_whole()


def test_a_version_that_refuses_the_configuration(
    cluster: Balancers, offer: Callable[..., None], play: Callable[..., Any]
) -> None:
    before = installed(cluster)
    version = before[cluster.nodes[0]]["haproxy"] + "+lab2"
    offer("haproxy", version, REFUSES)
    with cluster.logged() as log:
        run, _ = play()
    assert run.failures[-1].splitlines() == [
        f"{node}: haproxy {version} refuses the configuration that is in force: planted" for node in cluster.nodes
    ]
    assert (installed(cluster), log.taken()) == (before, [])


def test_a_version_that_does_not_start(
    lab: Any, cluster: Balancers, offer: Callable[..., None], tmp_path: Path
) -> None:
    """In one process with a site before it, whose nodes are done: the upgrade has failed all the same."""
    file = tmp_path / "upgrade.json"
    before = installed(cluster)
    offer("haproxy", before[cluster.nodes[0]]["haproxy"] + "+lab3", FAILS)
    first, last = order(cluster)
    with cluster.logged() as log:
        run = Run(lab, "site", {"ha_lb_upgrade_file": str(file)}, "evenkeel.ha_lb.upgrade").finish()
    data = json.loads(file.read_text())
    assert run.process.returncode != 0
    failed, left = run.failures[-1].splitlines()
    assert failed.startswith(f"node {first}: Unable to")
    assert failed.endswith("it is back at the version before, and serves")
    assert left.startswith(f"node {last}: left alone")
    assert {(row["node"], row["result"]) for row in data["rows"] if row["package"] == "haproxy"} == {
        (first, "failed"),
        (last, "left alone"),
    }
    assert (installed(cluster), log.taken()) == (before, [])
    cluster.wait_whole()


@pytest.mark.matrix
def test_killed_while_dpkg_is_at_work(
    lab: Any, cluster: Balancers, offer: Callable[..., None], play: Callable[..., Any]
) -> None:
    """The node stays drained, and dpkg goes on; the next run waits for it and completes the upgrade."""
    before = installed(cluster)
    version = before[cluster.nodes[0]]["haproxy"] + "+lab5"
    offer("haproxy", version, LINGERS)
    first, _ = order(cluster)
    cluster.run(first, "touch /run/slow")
    with cluster.logged() as log, cluster.traffic(**PACE) as traffic:
        killed = Run(lab, "upgrade", {}, own_group=True)
        killed.until("TASK [Change the packages]")
        cluster.wait(lambda: cluster.run(first, "test -e /run/busy || echo not begun").splitlines())
        killed.kill()
        assert cluster.run(first, "cat /run/ha_lb/drain").endswith("upgrade\n")
        cluster.run(first, "rm /run/slow /run/busy")
        run, _ = play()
    assert run.process.returncode == 0, run.output
    assert {versions["haproxy"] for versions in installed(cluster).values()} == {version}
    assert traffic.result["failed"] <= FAILED_PER_MOVE * len(log.taken())
    assert log.count_ms(2) <= TWO_HOLDERS_MS
    cluster.wait_whole()

    run, _ = play(ha_lb_upgrade_back=True)
    assert run.process.returncode == 0, run.output
    assert installed(cluster) == before
    cluster.wait_whole()


def test_a_node_that_does_not_come_back(
    cluster: Balancers, offer: Callable[..., None], play: Callable[..., Any]
) -> None:
    before = installed(cluster)
    offer("haproxy", before[cluster.nodes[0]]["haproxy"] + "+lab4", LEAVES)
    first, last = order(cluster)
    try:
        run, _ = play()
        assert run.process.returncode != 0
        failed, left = run.failures[-1].splitlines()
        assert failed.startswith(f"node {first}: {first} cannot be reached; it does not answer, and the others serve")
        assert left.startswith(f"node {last}: left alone")
        assert installed(cluster)[last] == before[last]
        assert cluster.holders() == {cluster.vips[0]: [last]}
    finally:
        cluster.run(first, "systemctl start ssh")
        cluster.lab.hang_up(first)
        cluster.run(
            first, "dpkg --configure -a; apt-get -q install -y --allow-downgrades haproxy=" + before[first]["haproxy"]
        )
        cluster.run(first, "echo 0 >/run/ha_lb/drain")
    cluster.wait_whole()

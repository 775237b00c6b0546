# SPDX-License-Identifier: GPL-3.0-or-later
"""R3: both programs run from the prefix of their version; its three drills; another version under load, and back."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import yaml

from lab import Lab
from lab.balancers import Balancers
from lab.faults import kill, kill_backend, revive_backend
from lab.playbook import Run

pytestmark = pytest.mark.source_build

PACE = {"interval": 0.005, "least": 1.0, "seconds": 900.0}
HAND_OVERS = 2  # at most, in a change of both nodes: without preemption no VIP moves back by itself
STATISTICS = "curl -s -u admin:{password} http://{address}:8888/';csv'"


def variables(lab: Lab, name: str) -> dict[str, Any]:
    """Return the variables of the first or the second pair of versions."""
    content: dict[str, Any] = yaml.safe_load((lab.state / "archives" / f"{name}.yml").read_text(encoding="utf-8"))
    return content


def running(cluster: Balancers, node: str) -> dict[str, str]:
    """Return the executable of each service's main process, by name."""
    command = "readlink /proc/$(systemctl show --property=MainPID --value {0})/exe"
    return {name: cluster.run(node, command.format(name)).strip() for name in cluster.services}


def prefixes(wanted: Mapping[str, Any]) -> dict[str, str]:
    versions = {name: wanted[f"{name}_source"]["version"] for name in ("keepalived", "haproxy")}
    return {name: f"/usr/local/{name}-{version}/sbin/{name}" for name, version in versions.items()}


def addresses(cluster: Balancers, node: str) -> str:
    return cluster.run(node, "ip -brief address show dev eth0")


def one_holder(cluster: Balancers) -> list[str]:
    return [f"{vip} is on {nodes}" for vip, nodes in cluster.holders().items() if len(nodes) != 1]


@contextmanager
def at_home(cluster: Balancers) -> Iterator[str]:
    """Start and end with the VIP on its first choice: without preemption it must be moved there."""
    for _round in ("before", "after"):
        home = cluster.home()[cluster.vips[0]]
        others = [node for node in cluster.nodes if node != home]
        for node in others:
            cluster.run(node, "echo -254 >/run/ha_lb/drain")
        try:
            cluster.wait(cluster.displaced)
        finally:
            for node in others:
                cluster.run(node, "echo 0 >/run/ha_lb/drain")
        cluster.wait_whole()
        if _round == "before":
            yield home


@pytest.mark.parametrize("product", ["keepalived", "haproxy"])
def test_programs_run_from_the_prefix_of_their_version(
    balancer: Any, cluster: Balancers, lab: Lab, product: str
) -> None:
    node = balancer.check_output("hostname")
    assert running(cluster, node)[product] == prefixes(variables(lab, "first"))[product]
    unit = balancer.service(product)
    assert unit.is_enabled
    assert unit.is_running
    assert not balancer.package(product).is_installed
    assert balancer.run(f"{product} -v").rc == 0


def test_a_second_run_changes_nothing(cluster: Balancers, lab: Lab) -> None:
    run = Run(lab, "site", variables(lab, "first")).finish()
    assert run.process.returncode == 0, run.output
    assert set(re.findall(r"changed=(\d+)", run.output)) == {"0"}


def test_the_network_of_the_active_node_is_cut(cluster: Balancers) -> None:
    """Drill 1: ping and requests work after the takeover; when the node returns, the VIP stays where it is."""
    vip = cluster.vips[0]
    with at_home(cluster) as home:
        other = next(node for node in cluster.nodes if node != home)
        ping = subprocess.Popen(
            cluster.lab.command(cluster.client, f"ping -i 0.1 -c 150 {cluster.vips[0]}"),
            stdout=subprocess.PIPE,
            text=True,
        )
        with cluster.traffic(**PACE) as traffic:
            cluster.lab.cut(home)
            try:
                cluster.wait(lambda: [] if vip in addresses(cluster, other) else [f"{vip} is not on {other}"])
            finally:
                cluster.lab.heal(home)
            # The node that was cut off hears the active one, and remains a backup
            cluster.wait(lambda: one_holder(cluster))
            holder = cluster.active()
        cluster.wait(lambda: [] if len(cluster.instances(home)) == 1 else ["the node is not back"])
        assert cluster.active() == holder
        (lost,) = re.findall(r"(\d+) received", ping.communicate()[0])
        print(f"answered pings {lost} of 150, longest gap {traffic.result['longest_gap_ms']} ms")
        assert int(lost) > 100
        assert traffic.result["longest_gap_ms"] < 3000


def test_haproxy_dies_on_the_active_node(cluster: Balancers) -> None:
    """Drill 2: the node gives up the VIP, and the other takes over."""
    with at_home(cluster) as home:
        with cluster.traffic(**PACE) as traffic:
            kill("haproxy")(cluster, home)
            cluster.wait_left(home)
        print(f"failed {traffic.result['failed']}, longest gap {traffic.result['longest_gap_ms']} ms")
        assert traffic.result["longest_gap_ms"] < 3000
        cluster.wait(lambda: [] if "haproxy" in running(cluster, home)["haproxy"] else ["haproxy is not back"])


def test_a_backend_dies(cluster: Balancers, lab: Lab) -> None:
    """Drill 3: requests go to the other backend; the statistics page shows the dead one as down."""
    dead = cluster.backends[0]
    # In the place that the example's group_vars name
    password = (lab.state / "stats-password").read_text(encoding="utf-8").split()[0]
    page = STATISTICS.format(password=password, address=cluster.lab.nodes[cluster.active()].address)

    def shown(state: str) -> list[str]:
        lines = cluster.run(cluster.client, page).splitlines()
        states = [line.split(",")[17] for line in lines if line.startswith(f"site,{dead},")]
        return [] if states and states[0].startswith(state) else [f"{dead} is {states}"]

    with at_home(cluster):
        kill_backend(cluster, "")
        try:
            cluster.wait(lambda: shown("DOWN"))
            url = f"http://{cluster.vips[0]}:{cluster.port}/"
            assert dead not in cluster.run(cluster.client, "; ".join([f"curl -sS -m 2 {url}"] * 10))
        finally:
            revive_backend(cluster, "")
        cluster.wait(lambda: shown("UP"))


def changed(cluster: Balancers, lab: Lab, given: Mapping[str, object], expected: Mapping[str, str]) -> None:
    """Run `upgrade` under load, and assert that both nodes run what is expected."""
    with cluster.traffic(**PACE) as traffic:
        begin = time.monotonic()
        run = Run(lab, "upgrade", given).finish(PACE["seconds"])
    assert run.process.returncode == 0, run.output
    assert [running(cluster, node) for node in cluster.nodes] == [expected] * len(cluster.nodes)
    cluster.wait(lambda: one_holder(cluster))
    print(f"{time.monotonic() - begin:.0f} s, failed {traffic.result['failed']} of {traffic.result['sent']}")
    assert traffic.result["failed"] <= HAND_OVERS


def test_upgrade_under_load_and_back(cluster: Balancers, lab: Lab) -> None:
    first, second = variables(lab, "first"), variables(lab, "second")
    changed(cluster, lab, second, prefixes(second))
    changed(cluster, lab, {**second, "ha_lb_upgrade_back": True}, prefixes(first))


def test_an_archive_with_another_checksum_is_refused(cluster: Balancers, lab: Lab) -> None:
    given = variables(lab, "first")
    given["haproxy_source"].update(version="9.9.9", sha256="0" * 64)
    before = {node: running(cluster, node) for node in cluster.nodes}
    run = Run(lab, "site", given).finish()
    assert run.process.returncode != 0
    assert any("haproxy 9.9.9: the SHA-256 of" in each and "nothing is installed" in each for each in run.failures)
    assert {node: running(cluster, node) for node in cluster.nodes} == before
    assert "9.9.9" not in cluster.run(cluster.nodes[0], "ls /usr/local")

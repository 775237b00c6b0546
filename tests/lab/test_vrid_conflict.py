# SPDX-License-Identifier: GPL-3.0-or-later
"""Strangers on the segment of a pair: they are named before a change, and do not disturb our VIPs."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from lab.balancers import Balancers
from lab.cluster import Lab
from lab.playbook import Run, preflight
from lab.strangers import Stranger, StrangerInstance

pytestmark = pytest.mark.vrid_conflict

VRID = 10  # of 192.0.2.10 in the layout
WEB = {"name": "web", "addresses": ["192.0.2.10/24", "2001:db8::10/64"]}
FINGERPRINT = "find /etc /usr/local /var/lib/ha_lb -type f -printf '%p %s %T@\\n' | sort | sha256sum"
CARP = struct.pack("!6BH8s20s", 0x21, VRID, 100, 7, 0, 1, 0, bytes(8), bytes(20))
ADVERT = struct.pack("!4BHH4B", 0x31, VRID, 200, 1, 50, 0, 192, 0, 2, 10)
Strangers = tuple[Stranger, Stranger]


class Refusal(NamedTuple):
    """The output of a run that was stopped: the lines of its failure, and its conflicts by name."""

    lines: list[str]
    conflicts: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def strangers(cluster: Balancers) -> Iterator[Strangers]:
    first, second = (Stranger(cluster, node) for node in cluster.group("strangers"))
    for each in (first, second):
        each.install()
    yield first, second
    for each in (first, second):
        each.silence()


@pytest.fixture
def untouched(cluster: Balancers) -> Iterator[None]:
    """Assert that nothing is written and no VIP moves, whatever the strangers do."""
    cluster.wait_whole()
    before = {node: cluster.run(node, FINGERPRINT) for node in cluster.nodes}
    with cluster.logged() as log:
        yield
    assert {node: cluster.run(node, FINGERPRINT) for node in cluster.nodes} == before
    assert log.taken() == []
    cluster.wait_whole()


@pytest.fixture
def stopped(lab: Lab, tmp_path: Path) -> Callable[..., Refusal]:
    """Return a function that runs a playbook that must stop before it changes anything."""

    def stop(playbook: str, variables: Mapping[str, object], *options: str) -> Refusal:
        file = tmp_path / "preflight.json"
        run = Run(lab, playbook, {**variables, "ha_lb_preflight_file": str(file)}, *options).finish()
        assert run.process.returncode != 0, run.output
        assert "Traceback" not in run.output
        assert "PLAY [Stage" not in run.output
        conflicts = json.loads(file.read_text())["wire"]["conflicts"]
        return Refusal(run.failures[-1].splitlines(), {each["name"]: each for each in conflicts})

    return stop


def mac_of(cluster: Balancers, node: str) -> str:
    return cluster.run(node, "cat /sys/class/net/eth0/address").strip()


@pytest.mark.usefixtures("untouched")
def test_without_strangers_there_is_no_conflict(lab: Lab) -> None:
    wire = preflight(lab)["wire"]
    assert wire["conflicts"] == []
    assert {each["vrid"] for heard in wire["heard"].values() for each in heard} == {VRID}
    assert VRID not in wire["free_vrids"]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("priority", "versions", "effect"), [(255, (2, 3), "gives up 192.0.2.10"), (50, (3, 2), "keeps 192.0.2.10")]
)
def test_a_foreign_keepalived_with_our_vrid(
    cluster: Balancers,
    strangers: Strangers,
    stopped: Callable[..., Refusal],
    priority: int,
    versions: tuple[int, int],
    effect: str,
) -> None:
    """One stranger uses multicast; the other unicast to a node of ours, because two multicast ones would elect one."""
    first, second = strangers
    lb1 = cluster.lab.nodes["lb1"].address
    first.configure(
        StrangerInstance(VRID, priority, "198.51.100.10/24", version=versions[0]),
        StrangerInstance(VRID, priority, "2001:db8:1::10/64", version=3),
    )
    second.configure(StrangerInstance(VRID, priority, "198.51.100.20/24", version=versions[1], peer=lb1))
    first.wait_active("198.51.100.10", "2001:db8:1::10")
    second.wait_active("198.51.100.20")
    try:
        refusal = stopped("site", {})
    finally:
        first.silence()
        second.silence()
    assert {(each["kind"], each["vrid"], each["family"], each["mac"]) for each in refusal.conflicts.values()} == {
        ("foreign_cluster", VRID, "ipv4", mac_of(cluster, first.node)),
        ("foreign_cluster", VRID, "ipv6", mac_of(cluster, first.node)),
        ("foreign_cluster", VRID, "ipv4", mac_of(cluster, second.node)),
    }
    speaker = (first, second)[versions.index(3)]
    assert effect in refusal.conflicts[f"vrid {VRID} ipv4 {speaker.address}"]["message"]
    for name in refusal.conflicts:
        line = next(line for line in refusal.lines if f'ha_lb_accept_conflicts: ["{name}"]' in line)
        proposed = re.search(r"another VRID, such as (\d+)", line)
        assert proposed
        assert int(proposed[1]) != VRID


@pytest.mark.usefixtures("untouched")
def test_carp_and_a_spoof_are_distinguished_and_can_be_accepted(
    lab: Lab, cluster: Balancers, strangers: Strangers, stopped: Callable[..., Refusal]
) -> None:
    first, second = strangers
    first.speak(CARP)
    second.speak(ADVERT, destination=cluster.lab.nodes[cluster.nodes[1]].address, ttl=64)
    try:
        refusal = stopped("preflight", {})
        names = sorted(refusal.conflicts)
        assert names == [f"carp {VRID} ipv4 {first.address}", f"spoof {VRID} ipv4 {second.address}"]
        assert len(refusal.lines) == len(names)
        run = Run(lab, "preflight", {"ha_lb_accept_conflicts": names}).finish()
        assert run.process.returncode == 0, run.output
        assert run.output.count("accepted: ") == len(names)
    finally:
        first.silence()
        second.silence()


@pytest.mark.matrix
def test_the_proposed_vrid_works(
    lab: Lab, cluster: Balancers, strangers: Strangers, stopped: Callable[..., Refusal]
) -> None:
    """A VIP with a stranger's VRID, and one with a stranger's address: refused, and accepted with the advised VRID."""
    first, second = strangers
    first.configure(StrangerInstance(77, 100, "198.51.100.10/24"))
    first.wait_active("198.51.100.10")
    extra = {"name": "extra", "addresses": ["192.0.2.30/24"], "vrid": 77}
    taken = {"name": "taken", "addresses": [f"{second.address}/24"]}
    try:
        refusal = stopped("site", {"ha_lb_vips": [WEB, extra, taken]})
        assert {each["kind"] for each in refusal.conflicts.values()} == {"foreign_cluster", "address_in_use"}
        assert mac_of(cluster, second.node) in refusal.conflicts[f"address {second.address}"]["message"]
        advice = refusal.conflicts[f"vrid 77 ipv4 {first.address}"]["advice"]
        found = re.search(r"such as (\d+)", advice)
        assert found
        extra["vrid"] = int(found[1])
        run = Run(lab, "site", {"ha_lb_vips": [WEB, extra]}).finish()
        assert run.process.returncode == 0, run.output
        with Balancers(lab) as grown:
            grown.vips = (*cluster.vips, "192.0.2.30")
            grown.wait(grown.displaced)
    finally:
        first.silence()
        assert Run(lab, "site", {}).finish().process.returncode == 0
    cluster.wait_whole()


@pytest.mark.usefixtures("untouched")
def test_conflicts_of_the_wire_and_of_the_inventory_are_on_one_screen(
    strangers: Strangers, stopped: Callable[..., Refusal], tmp_path: Path
) -> None:
    first, _second = strangers
    hosts = {f"edge{number}": {"ansible_host": f"192.0.2.8{number}"} for number in (1, 2)}
    vips = [{"name": "mail", "addresses": ["192.0.2.99/24"], "vrid": VRID}]
    edge = {"hosts": hosts, "vars": {"ha_lb_vips": vips, "keepalived_transport": "multicast"}}
    (tmp_path / "edge.yml").write_text(yaml.safe_dump({"edge": edge}))
    first.configure(StrangerInstance(VRID, 255, "198.51.100.10/24"))
    first.wait_active("198.51.100.10")
    try:
        refusal = stopped("preflight", {}, "-i", str(tmp_path / "edge.yml"))
    finally:
        first.silence()
    assert sorted(refusal.conflicts) == [f"vrid {VRID} ipv4 {first.address}", f"vrid {VRID} ipv4 edge"]

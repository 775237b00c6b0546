# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that cannot be rolled: a simultaneous reload, without an outage and without a split brain."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lab import Lab
from lab.balancers import Balancers
from lab.playbook import Run

pytestmark = pytest.mark.rolling

CONFIG = "/etc/keepalived/keepalived.conf"
QUICK = {"ha_lb_listen_seconds": 1}
V2 = {"keepalived_vrrp_version": 2}
SLOW = {**V2, "keepalived_advert_interval_seconds": 2}
PASSWORD = {**V2, "keepalived_auth_pass": "secret12"}
LISTED = [{"name": "web", "addresses": ["192.168.1.200/24", "192.168.1.210/24"]}]
NUMBERED = [{"name": "web", "addresses": ["192.168.1.200/24"], "vrid": 200}]
RENUMBERED = [{"name": "web", "addresses": ["192.168.1.200/24"], "vrid": 77}]
# On a loaded machine a node is late, and requests in progress at a hand-over are reset
MOST_FAILED = 5
MOST_TWO_MS = 1500.0
MOST_NONE_MS = 100.0
MOST_APART_MS = 2000.0
STEP_SECONDS = 10.0
DEAF = (
    "nft add table inet deaf && nft 'add chain inet deaf input { type filter hook input priority 0; }' && "
    "nft add rule inet deaf input ip protocol 112 drop"
)


class Kind(NamedTuple):
    """A change: the variables before and after it, and the words of its report."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    words: str


KINDS = {
    "version 3 to 2": Kind({}, V2, "VRRP version 3 becomes 2"),
    "version 2 to 3": Kind(V2, {}, "VRRP version 2 becomes 3"),
    "password": Kind(V2, PASSWORD, "the authentication changes"),
    "interval of version 2": Kind(V2, SLOW, "advert interval 1 s becomes 2 s"),
    "VIP list": Kind({}, {"ha_lb_vips": LISTED}, "VIPs 192.168.1.200 becomes 192.168.1.200, 192.168.1.210"),
    "VRID": Kind({}, {"ha_lb_vips": RENUMBERED}, "VRID 200 becomes 77"),
    "unicast to multicast": Kind({}, {"keepalived_transport": "multicast"}, "unicast becomes multicast"),
    "multicast to unicast": Kind({"keepalived_transport": "multicast"}, {}, "becomes unicast"),
}


class Seen(NamedTuple):
    """The effect of a change: ms without a holder and with two, failed requests, and the longest gap in ms."""

    none_ms: float
    two_ms: float
    failed: int
    gap_ms: float
    errors: Mapping[str, int]


def site(lab: Lab, tmp_path: Path, variables: Mapping[str, Any], *options: str) -> Run:
    """Start `site`; the VIPs are set for the balancers, because the inventory has other hosts too."""
    vips = {name: value for name, value in variables.items() if name == "ha_lb_vips"}
    file = tmp_path / "vips.yml"
    file.write_text(json.dumps({"loadbalancers": {"hosts": dict.fromkeys(("lb1", "lb2"), vips)}}))
    rest = {name: value for name, value in variables.items() if name not in vips}
    return Run(lab, "site", {**QUICK, **rest}, "-i", str(file), *options)


def plain(run: Run) -> str:
    return " ".join(run.output.split())


def apart_ms(cluster: Balancers) -> float:
    """Return how many ms apart the nodes have loaded their configuration; all have the clock of this machine."""
    at = [float(cluster.run(node, "date -r /run/ha_lb/keepalived.loaded +%s.%N")) for node in cluster.nodes]
    return (max(at) - min(at)) * 1000


def measured(cluster: Balancers, act: Any) -> Seen:
    with cluster.logged() as log, cluster.traffic(least=1.0, seconds=600.0) as traffic:
        begin = time.time()
        act()
        cluster.wait_whole()
    result = traffic.result
    return Seen(
        log.count_ms(0, since=begin),
        log.count_ms(2, since=begin),
        result["failed"],
        result["longest_gap_ms"],
        result["errors"],
    )


def changed(lab: Lab, cluster: Balancers, tmp_path: Path, variables: Mapping[str, Any]) -> tuple[Run, Seen]:
    """Change the cluster by `site`, under load, and assert that clients were served."""
    cluster.wait_whole()
    run = site(lab, tmp_path, variables)
    # Before that nothing is changed, and a client would only measure the load of the machine
    run.until("PLAY [Stage on all nodes")
    seen = measured(cluster, run.finish)
    assert run.process.returncode == 0, run.output
    assert seen.failed <= MOST_FAILED, seen
    assert seen.two_ms <= MOST_TWO_MS, seen
    assert seen.none_ms <= MOST_NONE_MS, seen
    return run, seen


@pytest.fixture
def home(lab: Lab, cluster: Balancers, tmp_path: Path) -> Iterator[None]:
    """Put the inventory in force again at the end."""
    cluster.wait_whole()
    yield
    # With its VRID, because a VIP keeps the one in use
    run = site(lab, tmp_path, {"ha_lb_vips": NUMBERED}).finish()
    assert run.process.returncode == 0, run.output
    cluster.wait_whole()


def test_there_and_back(lab: Lab, cluster: Balancers, tmp_path: Path, record_property: Any) -> None:
    """Version, password and list of VIPs at once, there and back: reported in advance, and without a split brain."""
    there = {**PASSWORD, "ha_lb_vips": LISTED}
    for variables, words in ((there, "VRRP version 3 becomes 2, VIPs"), ({}, "VRRP version 2 becomes 3, VIPs")):
        run, seen = changed(lab, cluster, tmp_path, variables)
        output = plain(run)
        assert f"web: {words}" in output
        advance = output.partition("PLAY [Stage")[0]
        assert "This cannot be rolled: keepalived on lb1 and lb2 reloads at one moment" in advance
        assert "secret12" not in run.output
        assert apart_ms(cluster) < MOST_APART_MS
        record_property(words, f"{seen}, {apart_ms(cluster):.0f} ms apart")


@pytest.mark.matrix
def test_a_node_that_hears_no_peer_stops_the_roll(lab: Lab, cluster: Balancers, tmp_path: Path, nftables: None) -> None:
    """It is not in FAULT, but hears no peer: it gets its previous configuration back, and the other is left alone."""
    cluster.wait_whole()
    last = cluster.active()
    first = next(node for node in cluster.nodes if node != last)
    run = site(lab, tmp_path, {"keepalived_garp_repeat": 4})
    run.until("PLAY [Put in force, one node at a time")
    cluster.run(first, DEAF)
    try:
        run.until("PLAY [Release the lock")
    finally:
        cluster.run(first, "nft delete table inet deaf")
    run.finish()
    assert run.process.returncode != 0
    output = plain(run)
    assert (
        f"{first} and its peers do not hear each other; see that VRRP (IP protocol 112) comes through between them"
        in output
    )
    assert re.search(rf"{last} +not reached", output), output
    for node in cluster.nodes:
        assert "garp_master_repeat 5" in cluster.run(node, f"cat {CONFIG}")
    cluster.wait_whole()


@pytest.mark.matrix
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_change(lab: Lab, cluster: Balancers, tmp_path: Path, name: str, home: None) -> None:
    """Measure the change by `site`, and then node by node by hand for comparison: pytest -s prints both."""
    kind = KINDS[name]
    if kind.before:
        assert site(lab, tmp_path, kind.before).finish().process.returncode == 0
        cluster.wait_whole()
    before = {node: cluster.run(node, f"cat {CONFIG}") for node in cluster.nodes}
    run, ours = changed(lab, cluster, tmp_path, kind.after)
    assert kind.words in plain(run)
    apart = apart_ms(cluster)
    after = {node: cluster.run(node, f"cat {CONFIG}") for node in cluster.nodes}
    with ThreadPoolExecutor(len(cluster.nodes)) as pool:
        list(pool.map(lambda node: load(cluster, node, before[node]), cluster.nodes))
    cluster.wait_whole()
    rolled = measured(cluster, lambda: roll(cluster, after))
    print(f"\n{name}: ours {ours}, {apart:.0f} ms apart; rolled {rolled}")
    assert ours.two_ms < rolled.two_ms


def load(cluster: Balancers, node: str, text: str) -> None:
    cluster.run(node, f"cat >{CONFIG} <<'END'\n{text}\nEND\nsystemctl reload keepalived")


def roll(cluster: Balancers, texts: Mapping[str, str]) -> None:
    """Load node by node, the holder last, with the time between that a roll takes."""
    last = cluster.active()
    for node in sorted(cluster.nodes, key=lambda each: each == last):
        if node == last:
            time.sleep(STEP_SECONDS)
        load(cluster, node, texts[node])


@pytest.mark.matrix
def test_all_nodes_go_back_if_one_cannot_reload(lab: Lab, cluster: Balancers, tmp_path: Path, home: None) -> None:
    second = "lb2"
    note = "/usr/local/libexec/ha_lb/note-loaded"
    run = site(lab, tmp_path, PASSWORD)
    run.until("PLAY [Put in force at one moment")
    once = f"#!/bin/sh\\n[ -e /tmp/once ] || {{ touch /tmp/once; exit 1; }}\\nexec {note}.real\\n"
    cluster.run(second, f"rm -f /tmp/once; mv {note} {note}.real; printf '{once}' >{note}; chmod 755 {note}")
    try:
        run.finish()
    finally:
        cluster.run(second, f"mv {note}.real {note}")
    assert run.process.returncode != 0
    output = plain(run)
    assert "systemctl reload keepalived failed" in output
    assert "lb1: it went back to the configuration before, because lb2 failed" in output
    for node in cluster.nodes:
        assert "vrrp_version 3" in cluster.run(node, f"cat {CONFIG}")
    cluster.wait_whole()


@pytest.mark.matrix
def test_no_node_reloads_if_one_is_missing(lab: Lab, cluster: Balancers, tmp_path: Path, nftables: None) -> None:
    """Without a reload there is no split brain."""
    cluster.wait_whole()
    node = next(each for each in cluster.nodes if each != cluster.active())
    run = site(lab, tmp_path, PASSWORD)
    run.until("PLAY [Put in force at one moment")
    cluster.run(node, DEAF)
    try:
        run.finish()
    finally:
        cluster.run(node, "nft delete table inet deaf")
    assert run.process.returncode != 0
    assert "so nothing was reloaded" in plain(run)
    for each in cluster.nodes:
        assert "vrrp_version 3" in cluster.run(each, f"cat {CONFIG}")
    cluster.wait_whole()


@pytest.mark.matrix
def test_a_limit_is_refused(lab: Lab, cluster: Balancers, tmp_path: Path) -> None:
    cluster.wait_whole()
    run = site(lab, tmp_path, PASSWORD, "--limit", "localhost,lb1").finish()
    assert run.process.returncode != 0
    assert run.failures == [
        "--limit: web: VRRP version 3 becomes 2. This cannot be rolled, and lb2 would stay as before and be active "
        "too: run it without --limit"
    ]

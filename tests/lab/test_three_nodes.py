# SPDX-License-Identifier: GPL-3.0-or-later
"""Six VIPs on three nodes: whichever nodes are lost, the VIPs move as the proof predicts, in the predicted time."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import Any

import pytest

from lab import Lab
from lab.balancers import Balancers
from lab.playbook import preflight

pytestmark = pytest.mark.three_nodes

NODES = ("lb1", "lb2", "lb3")
PROBE_SECONDS = 0.01
# How much longer than predicted an outage may be on a loaded machine; `make bench` is stricter
LATE_MS = 1000.0


@pytest.fixture(scope="module")
def failures(lab: Lab) -> dict[tuple[str, ...], Any]:
    """The failures of the proof in which nodes are lost."""
    proof = preflight(lab)["proof"]
    assert proof["holds"]
    return {
        tuple(part["node"] for part in each["parts"]): each
        for each in proof["failures"]
        if {part["kind"] for part in each["parts"]} == {"node"}
    }


def addresses(cluster: Balancers) -> dict[str, str]:
    """Return the addresses of the VIPs, by name."""
    return {each["iname"]: each["vips"][0].partition("/")[0] for each in cluster.instances(cluster.nodes[0])}


def misplaced(cluster: Balancers, wanted: dict[str, str]) -> list[str]:
    holders = cluster.holders()
    return [f"{vip} is on {holders[vip]}, not on {node}" for vip, node in wanted.items() if holders[vip] != [node]]


def at_once(act: Any, nodes: Sequence[str]) -> None:
    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(act, nodes))


def test_the_shares_are_even(whole: Balancers) -> None:
    assert Counter(node for (node,) in whole.holders().values()) == dict.fromkeys(NODES, 2)


@pytest.mark.parametrize("lost", [*combinations(NODES, 1), *combinations(NODES, 2)], ids=" and ".join)
def test_the_vips_of_lost_nodes(
    cluster: Balancers, failures: dict[tuple[str, ...], Any], lost: tuple[str, ...]
) -> None:
    cluster.wait_whole()
    failure = failures[lost]
    address = addresses(cluster)
    predicted = {address[move["vip"]]: move["outage_seconds"] * 1000 for move in failure["moves"]}
    wanted = {address[vip]: node for vip, node in failure["holders"].items()}
    try:
        with contextlib.ExitStack() as stack:
            probes = {vip: cluster.traffic(vip, interval=PROBE_SECONDS, least=100 * PROBE_SECONDS) for vip in predicted}
            for probe in probes.values():
                stack.enter_context(probe)
            at_once(cluster.lab.kill, lost)
            cluster.wait(lambda: misplaced(cluster, wanted))
    finally:
        at_once(cluster.power_on, lost)
    shares = Counter(wanted.values())
    assert max(shares.values()) == min(shares.values()) == 6 // (3 - len(lost))
    for vip, most in predicted.items():
        gap = probes[vip].result["longest_gap_ms"]
        assert 0 < gap <= most + LATE_MS, f"{vip}: {gap} ms without service, {most} ms predicted"
    cluster.wait_whole()

# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPv4 and the IPv6 address of one service are always on the same node."""

from __future__ import annotations

import pytest

from lab.balancers import Balancers
from lab.measure import VipLog
from lab.trials import BY_NAME

pytestmark = pytest.mark.dual_stack

FAULTS = ["proxy_killed", "proxy_stopped", "keepalived_stopped", "keepalived_killed", "drained", "network_cut"]
# keepalived adds the two addresses one after the other; on a loaded machine there may be a pause between them
PARTED_MS = 500.0


def parted_ms(log: VipLog) -> float:
    """Return for how many ms in total every family had a holder, but no node held both."""
    held: dict[str, frozenset[str]] = {}
    parted = 0.0
    since: float | None = None
    for sight in sorted(log.sights, key=lambda each: each.at):
        held[sight.node] = sight.held
        both = frozenset(log.vips)
        apart = frozenset().union(*held.values()) == both and both not in held.values()
        if since is not None and not apart:
            parted += sight.at - since
        since = (sight.at if since is None else since) if apart else None
    return (parted + (log.end - since if since is not None else 0.0)) * 1000


def test_one_node_holds_both_families(whole: Balancers) -> None:
    assert len(whole.vips) == 2
    assert len({tuple(nodes) for nodes in whole.holders().values()}) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_both_families_move_together(cluster: Balancers, fault: str) -> None:
    trial = BY_NAME[fault]
    cluster.wait_whole()
    node = cluster.active()
    with cluster.logged() as log:
        try:
            trial.fault(cluster, node)
            trial.until(cluster, node, trial.seconds)
        finally:
            if trial.heal:
                trial.heal(cluster, node)
        cluster.wait_whole()
    assert len(log.taken()) >= 1
    assert parted_ms(log) <= PARTED_MS

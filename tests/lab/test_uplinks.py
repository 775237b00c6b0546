# SPDX-License-Identifier: GPL-3.0-or-later
"""A node that reaches none of its uplinks gives its VIPs to one that does, and keeps them where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from lab.balancers import Balancers
from lab.playbook import Run
from plugins.module_utils.operations.drill.catalogue import BY_NAME
from plugins.module_utils.vrrp.model import Uplink
from plugins.module_utils.vrrp.uplinks import longest_notice, longest_return
from plugins.module_utils.vrrp.weights import UPLINK_WEIGHT

pytestmark = [pytest.mark.rolling, pytest.mark.usefixtures("whole")]

PACE = {"interval": 0.005, "least": 1.0, "seconds": 280.0}
# Requests in progress when a VIP moves are reset; on a loaded machine there may be several
FAILED_PER_MOVE = 5
NOBODY_MS = 20.0  # the nodes say what they hold one after the other
BUSY = 3.0  # seconds; by which a busy machine notices late
DRILL = BY_NAME["uplinks_lost"]


@pytest.fixture
def play(lab: Any) -> Callable[..., Run]:
    return lambda playbook, **variables: Run(lab, playbook, variables).finish()


@pytest.fixture
def uplinks(lab: Any, cluster: Balancers, play: Callable[..., Run]) -> Iterator[list[Uplink]]:
    """Put two uplinks in force, without a VIP that moves, and take them away again."""
    witnesses = [Uplink(lab.nodes[name].address) for name in (cluster.client, cluster.backends[-1])]
    with cluster.logged() as log, cluster.traffic(**PACE) as traffic:
        done = play("site", ha_lb_uplinks=[each.address for each in witnesses])
    assert done.process.returncode == 0, done.output
    assert (traffic.result["failed"], log.taken()) == (0, [])
    yield witnesses
    for node in cluster.nodes:
        cluster.run(node, DRILL.mend, check=False)
    cluster.wait_whole()
    done = play("site")
    assert done.process.returncode == 0, done.output


def lose(cluster: Balancers, node: str, uplinks: list[Uplink]) -> None:
    told = " ".join(f"{each.address}," for each in uplinks)
    cluster.run(node, f"uplinks='{told}'; {DRILL.fault}")


def tracked(cluster: Balancers, node: str, expected: int) -> list[str]:
    said = cluster.run(node, "cat /run/ha_lb/uplink").strip()
    return [] if said == str(expected) else [f"the tracked file of {node} says {said}"]


def test_the_vips_leave_a_node_that_is_cut_off_and_stay_where_all_are(
    cluster: Balancers, play: Callable[..., Run], uplinks: list[Uplink], record_property: Any
) -> None:
    node = cluster.active()
    heir = next(each for each in cluster.nodes if each != node)
    with cluster.logged() as log, cluster.traffic(**PACE) as traffic:
        lose(cluster, node, uplinks)
        cluster.wait_left(node, longest_notice(uplinks) + BUSY)
        assert tracked(cluster, node, UPLINK_WEIGHT) == []
    record_property("cut off", {key: traffic.result[key] for key in ("sent", "failed", "longest_gap_ms", "errors")})
    assert traffic.result["failed"] <= FAILED_PER_MOVE
    assert log.count_ms(0) <= NOBODY_MS
    assert [each.node for each in log.taken()] == [heir]

    with cluster.logged() as log, cluster.traffic(**PACE) as traffic:
        lose(cluster, heir, uplinks)
        cluster.wait(partial(tracked, cluster, heir, UPLINK_WEIGHT), longest_notice(uplinks) + BUSY)
        # The first choice, which is as badly off
        cluster.wait(cluster.displaced)
    assert traffic.result["failed"] <= FAILED_PER_MOVE
    assert log.count_ms(0) <= NOBODY_MS

    with cluster.logged() as log, cluster.traffic(**PACE) as traffic:
        for each in (heir, node):
            cluster.run(each, DRILL.mend)
        for each in (heir, node):
            cluster.wait(partial(tracked, cluster, each, 0), longest_return(uplinks) + BUSY)
    assert (traffic.result["failed"], log.taken()) == (0, [])
    assert cluster.displaced() == []


def test_no_vip_moves_when_the_uplinks_fail_for_all(cluster: Balancers, uplinks: list[Uplink]) -> None:
    with cluster.logged() as log, cluster.traffic(**PACE) as traffic:
        for node in cluster.nodes:
            lose(cluster, node, uplinks)
        for node in cluster.nodes:
            cluster.wait(partial(tracked, cluster, node, UPLINK_WEIGHT), longest_notice(uplinks) + BUSY)
        for node in cluster.nodes:
            cluster.run(node, DRILL.mend)
        for node in cluster.nodes:
            cluster.wait(partial(tracked, cluster, node, 0), longest_return(uplinks) + BUSY)
    assert (traffic.result["failed"], log.taken()) == (0, [])


def test_a_new_uplink_that_no_node_reaches_is_refused(cluster: Balancers, play: Callable[..., Run], lab: Any) -> None:
    nobody = lab.nodes[cluster.client].address.rpartition(".")[0] + ".77"
    refused = play("site", ha_lb_uplinks=[nobody])
    assert refused.process.returncode != 0
    assert f"ha_lb_uplinks: no node reaches {nobody} (" in refused.failures[-1]
    assert cluster.problems() == []

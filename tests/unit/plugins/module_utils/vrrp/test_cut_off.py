# SPDX-License-Identifier: GPL-3.0-or-later
"""When a node that reaches no uplink gives up, alone and with all others at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.vrrp.cut_off import holders_wait, wanted_weight
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.read import read_cluster
from module_utils.vrrp.simulation.incidents import start_all
from module_utils.vrrp.simulation.network import Simulation
from module_utils.vrrp.simulation.routers import routers_of
from module_utils.vrrp.uplinks import uplinks_config
from module_utils.vrrp.weights import UPLINK_WEIGHT
from samples import WEB, many_nodes

ONE, TWO = {"address": "192.0.2.1", "port": None}, {"address": "192.0.2.1", "port": 443}
ASKED = [{**ONE, "interval_seconds": 1.0}, {**TWO, "interval_seconds": 0.5}]
WAIT = 2.0  # the longest interval and the margin


def state(uplink, reached, since=100.0):
    return {**uplink, "reached": reached, "since": since, "why": ""}


@pytest.mark.parametrize(
    ("found", "holds", "now", "expected"),
    [
        ([state(ONE, True), state(TWO, True)], True, 100.0, 0),
        ([state(ONE, False), state(TWO, True)], True, 100.0, 0),  # one is enough
        ([state(ONE, False), state(TWO, True)], False, 100.0, None),
        ([state(ONE, False), state(TWO, True)], False, 100.0 + WAIT, 0),
        ([state(ONE, True, 50.0), state(TWO, True)], False, 100.0, 0),  # since the first of them
        ([state(ONE, False), state(TWO, False)], False, 100.0, UPLINK_WEIGHT),
        ([state(ONE, False), state(TWO, False)], True, 100.0, None),
        ([state(ONE, False), state(TWO, False, 90.0)], True, 100.0 + WAIT - 0.01, None),  # since the last of them
        ([state(ONE, False), state(TWO, False, 90.0)], True, 100.0 + WAIT, UPLINK_WEIGHT),
        ([state(ONE, None), state(TWO, False)], False, 999.0, None),  # not yet known
        ([state(ONE, False)], False, 999.0, None),  # the ear has not read the new configuration
        ([state(ONE, None), state(TWO, True)], True, 100.0, 0),
        (None, True, 100.0, 0),  # nobody asks
        ([], False, 100.0, None),
    ],
)
def test_what_the_tracked_file_must_say(found, holds, now, expected):
    assert wanted_weight(ASKED, found, holds, now) == expected


@pytest.mark.parametrize(
    "found",
    [
        *("", 7, {}, {"a": 1}, [7], [None], ["x"], [[]], [{}]),
        *([{**ONE, "reached": each, "since": 1.0}, state(TWO, False)] for each in ("no", 0, None, [])),
        *([{**ONE, "reached": False, "since": each}, state(TWO, False)] for each in ("1", None, [], {})),
        [{"address": ["192.0.2.1"], "port": None, "reached": False, "since": 1.0}, state(TWO, False)],
        [{"reached": False, "since": 1.0}, state(TWO, False)],
    ],
    ids=str,
)
def test_what_is_no_record_is_not_known(found):
    assert wanted_weight(ASKED, found, False, 999.0) is None


def test_without_uplinks_nobody_is_cut_off():
    assert wanted_weight([], [state(ONE, False)], False, 999.0) == 0


def test_what_a_node_reads_is_what_is_asked():
    asked = uplinks_config([ONE["address"], {**TWO, "interval_seconds": 0.5}])
    assert wanted_weight(asked, [state(ONE, False), state(TWO, False)], False, 100.0) == UPLINK_WEIGHT


CONFIG = uplinks_config(["10.0.9.1"])
TICK = 0.25  # of the guard
NOTICED = st.lists(st.floats(0, 1.5), min_size=2, max_size=4)  # an interval, and the looks of the ear


class Tracking:
    """A cluster in which every node has its tracked file written by what its probes say."""

    def __init__(self, nodes):
        cluster = read_cluster(many_nodes(nodes), [{**WEB, "addresses": ["10.0.0.1/16"]}], uplinks=["10.0.9.1"])
        self.simulation = Simulation(routers_of(cluster, lay_out(cluster)))
        self.reached = dict.fromkeys(self.simulation.hosts, (True, 0.0))
        start_all(self.simulation)
        self.run(10)

    def run(self, seconds):
        end = self.simulation.now + seconds
        while self.simulation.now < end:
            for node, (reached, since) in self.reached.items():
                self._write(node, reached, since)
            self.simulation.run(self.simulation.now + TICK)

    def _write(self, node, reached, since):
        found = [{"address": "10.0.9.1", "port": None, "reached": reached, "since": since}]
        weight = wanted_weight(CONFIG, found, "web" in self.simulation.hosts[node].held, self.simulation.now)
        before = self.simulation.hosts[node].trackers.get("uplink", 0)
        if weight is not None and weight != before:
            self.simulation.track(node, "uplink", weight)

    def notice(self, delays, reached):
        """Let the nodes notice what became of the uplink, every one after its delay."""
        began = self.simulation.now
        waiting = sorted(zip(delays, self.reached, strict=True))
        for delay, node in waiting:
            self.run(max(0.0, began + delay - self.simulation.now))
            self.reached[node] = (reached, self.simulation.now)
        self.run(12)


@given(NOTICED, NOTICED)
def test_no_vip_moves_when_an_uplink_fails_for_all_and_comes_back(lost, found):
    tracking = Tracking(len(lost))
    [holder] = tracking.simulation.holders("web")
    tracking.simulation.changes.clear()
    tracking.notice(lost, False)
    assert {host.trackers["uplink"] for host in tracking.simulation.hosts.values()} == {UPLINK_WEIGHT}
    tracking.notice([*found, *lost][: len(lost)], True)
    assert {host.trackers["uplink"] for host in tracking.simulation.hosts.values()} == {0}
    assert (tracking.simulation.changes, tracking.simulation.holders("web")) == ([], [holder])


@given(st.integers(2, 4))
def test_one_that_is_cut_off_gives_up_to_the_next_and_takes_back(nodes):
    tracking = Tracking(nodes)
    [holder] = tracking.simulation.holders("web")
    tracking.reached[holder] = (False, tracking.simulation.now)
    tracking.run(holders_wait([1.0]) + 1)
    [heir] = tracking.simulation.holders("web")
    assert heir != holder
    tracking.reached[holder] = (True, tracking.simulation.now)
    tracking.run(12)
    assert tracking.simulation.holders("web") == [holder]

# SPDX-License-Identifier: GPL-3.0-or-later
"""25 rounds of random faults, the same every time: the pair is whole after each, and both nodes take over at the end.

`make chaos` plays as many as one likes, on pairs and on three nodes, with haproxy and with nginx.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from lab.balancers import Balancers
from lab.chaos.bound import Timing
from lab.chaos.catalogue import FAULTS
from lab.chaos.run import PREEMPT_DELAY_SECONDS, prepare, told
from lab.chaos.schedule import Nodes, Round, rounds
from lab.chaos.stage import BROKEN, WHOLE, Stage

pytestmark = pytest.mark.chaos

SEED, COUNT = 15, 25
# Those that take long are for `make chaos`
QUICK = [fault for fault in FAULTS if not fault.slow]
PAIR = Nodes(("lb1", "lb2"), ("lb1",), ("web1", "web2"))
ROUNDS = list(islice(rounds(SEED, PAIR, QUICK), COUNT))


@pytest.fixture(scope="module")
def stage(cluster: Balancers) -> Iterator[Stage]:
    prepare(cluster, "haproxy")
    with Stage.ready(cluster, Timing(PREEMPT_DELAY_SECONDS)) as stage:
        assert stage.nodes == PAIR
        yield stage


@pytest.mark.parametrize("one", ROUNDS, ids=[f"{one.number}-{'+'.join(s.fault for s in one.steps)}" for one in ROUNDS])
def test_the_pair_is_whole_after(stage: Stage, one: Round) -> None:
    result = stage.play(one, prove=one is ROUNDS[-1])
    if result.state == BROKEN:
        stage.repair()
    assert result.state == WHOLE, told(result)

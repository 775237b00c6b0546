# SPDX-License-Identifier: GPL-3.0-or-later
"""Every drill (the longer ones are of the matrix): the client hardly notices, and afterwards the cluster is whole.

The bounds hold on a loaded machine; `make bench` measures.
"""

from __future__ import annotations

import pytest

from lab.balancers import Balancers
from lab.drills import DRILLS, Drill, run, violations
from lab.engine import LabError

SHORT = {"proxy_killed", "keepalived_stopped", "keepalived_killed", "network_cut", "fail_back"}


@pytest.mark.parametrize(
    "drill",
    [
        pytest.param(each, id=each.name, marks=pytest.mark.short if each.name in SHORT else pytest.mark.matrix)
        for each in DRILLS
    ],
)
def test_drill(cluster: Balancers, drill: Drill) -> None:
    title = drill.titled(cluster.proxy)
    try:
        outcome = run(cluster, drill, through_heal=True)
    except LabError as error:
        pytest.fail(f"{title}: {error}")
    if broken := violations(outcome, drill.bounds):
        pytest.fail(f"{title}: {'; '.join(broken)}\n{outcome.seen}")

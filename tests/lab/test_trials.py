# SPDX-License-Identifier: GPL-3.0-or-later
"""Every trial (the longer ones are of the matrix): the client hardly notices, and afterwards the cluster is whole.

The bounds hold on a loaded machine; `make bench` measures.
"""

from __future__ import annotations

import pytest

from lab.balancers import Balancers
from lab.engine import LabError
from lab.trials import TRIALS, Trial, run, violations

SHORT = {"proxy_killed", "keepalived_stopped", "keepalived_killed", "network_cut", "fail_back"}


@pytest.mark.parametrize(
    "trial",
    [
        pytest.param(each, id=each.name, marks=pytest.mark.short if each.name in SHORT else pytest.mark.matrix)
        for each in TRIALS
    ],
)
def test_trial(cluster: Balancers, trial: Trial) -> None:
    title = trial.titled(cluster.proxy)
    try:
        result = run(cluster, trial, through_heal=True)
    except LabError as error:
        pytest.fail(f"{title}: {error}")
    if broken := violations(result, trial.bounds):
        pytest.fail(f"{title}: {'; '.join(broken)}\n{result.seen}")

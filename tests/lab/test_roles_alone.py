# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role in somebody's own play, without our playbooks: finds what they have brought about, and changes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.balancers import Balancers
from lab.cluster import Lab
from lab.playbook import Run

pytestmark = pytest.mark.usefixtures("whole")

NODES = "{{ groups['loadbalancers'] | evenkeel.ha_lb.cluster_nodes(hostvars) }}"


def play_of(role: str, **variables: object) -> dict[str, Any]:
    """Return a play that has just this role, with its argument spec and its validation."""
    return {
        "name": f"The role {role} alone",
        "hosts": "loadbalancers",
        "serial": 1,
        "roles": [{"role": f"evenkeel.ha_lb.{role}", "vars": variables}],
    }


@pytest.mark.parametrize(
    ("role", "variables"), [("agents", {}), ("keepalived", {"keepalived_nodes": NODES}), ("haproxy", {})]
)
def test_role_alone(lab: Lab, cluster: Balancers, tmp_path: Path, role: str, variables: dict[str, object]) -> None:
    file = tmp_path / "own.yml"
    file.write_text(yaml.safe_dump([play_of(role, **variables)], sort_keys=False))
    with cluster.logged() as log:
        run = Run(lab, str(file), {}).finish()
    assert run.process.returncode == 0, run.output
    assert "Validating arguments against arg spec" in run.output
    assert re.findall(r"^lb\d .* changed=(\d+) ", run.output, re.MULTILINE) == ["0", "0"], run.output
    assert log.taken() == []


def test_role_alone_refuses_a_wrong_value(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "own.yml"
    file.write_text(yaml.safe_dump([play_of("haproxy", haproxy_stats_enabled=True, haproxy_stats_password="")]))
    run = Run(lab, str(file), {}).finish()
    assert run.process.returncode != 0
    assert run.failures[0] == "haproxy_stats_password: the statistics page has no default user and password"

# SPDX-License-Identifier: GPL-3.0-or-later
"""`site` is killed after one of its tasks: clients notice nothing, and the next run completes the change.

The tasks, and which of them change something, are read from a complete run. Tasks that every host skips, and includes,
are left out: killing a run after them is the same as after the task before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from lab import Lab
from lab.balancers import Balancers
from lab.playbook import Run

pytestmark = pytest.mark.rolling

HEADER = "TASK ["
MOST_FAILED = 5
LONGEST_GAP_MS = 500.0
# The file in place is the loaded one and the staged one, and systemd has loaded the unit files
IN_FORCE = """
sha256sum --check --quiet /run/ha_lb/keepalived.loaded /run/ha_lb/haproxy.loaded &&
cmp /var/lib/ha_lb/keepalived.conf /etc/keepalived/keepalived.conf &&
cmp /var/lib/ha_lb/haproxy.cfg /etc/haproxy/haproxy.cfg &&
! systemctl show --property=NeedDaemonReload keepalived haproxy | grep yes
"""


class Task(NamedTuple):
    """A task of a run: its number among all tasks, and whether it changed something."""

    number: int
    name: str
    changed: bool


def settings() -> Iterator[dict[str, object]]:
    """Yield settings of both daemons, different ones every time."""
    for number in range(1000):
        yield {
            "ha_lb_listen_seconds": 1,
            "haproxy_timeout_server_seconds": 40 + number,
            "keepalived_garp_repeat": 6 + number % 2,
        }


@pytest.fixture(scope="module")
def changes() -> Iterator[dict[str, object]]:
    return settings()


@pytest.fixture(scope="module")
def tasks(lab: Lab, whole: Balancers, changes: Iterator[dict[str, object]]) -> list[Task]:
    """The tasks of a run that changes a setting of both daemons."""
    run = Run(lab, "site", next(changes)).finish()
    assert run.process.returncode == 0, run.output
    parts = run.output.split(HEADER)[1:]
    return [
        Task(number, part.partition("]")[0], bool(re.search("^changed: ", part, re.MULTILINE)))
        for number, part in enumerate(parts, start=1)
        if re.search("^(ok|changed): ", part, re.MULTILINE)
    ]


def killed_after(lab: Lab, task: Task, last: bool, variables: dict[str, object]) -> None:
    """Run `site`, and kill it as soon as the next task starts."""
    run = Run(lab, "site", variables, own_group=True)
    for _ in range(task.number):
        run.until(HEADER)
    run.until("PLAY RECAP" if last else HEADER)
    run.kill()


def survives(lab: Lab, cluster: Balancers, task: Task, last: bool, variables: dict[str, object]) -> list[str]:
    """Kill a run and repeat it; return what went wrong."""
    with cluster.logged() as log, cluster.traffic() as traffic:
        killed_after(lab, task, last, variables)
        again = Run(lab, "site", variables).finish()
    cluster.wait_whole()
    seen = traffic.result
    wrong = [
        *([f"the next run failed:\n{again.output}"] if again.process.returncode else []),
        *([f"requests failed: {seen['errors']}, {seen['outages']}"] if seen["failed"] > MOST_FAILED else []),
        *([f"no answer for {seen['longest_gap_ms']} ms"] if seen["longest_gap_ms"] > LONGEST_GAP_MS else []),
        *([f"two holders for {log.count_ms(2)} ms"] if log.count_ms(2) else []),
    ]
    for node in cluster.nodes:
        output = cluster.run(node, f"{{ {IN_FORCE} }} || echo not in force", check=False).strip()
        wrong += [f"{node}: {output}"] if output else []
    return [f"killed after {task.number}, {task.name}: {each}" for each in wrong]


def test_killed_after_the_last_task_that_changes_something(lab, whole, tasks, changes):
    """The last task that changes something is one that touches a daemon."""
    task = [task for task in tasks if task.changed][-1]
    assert survives(lab, whole, task, task == tasks[-1], next(changes)) == []


@pytest.mark.matrix
def test_killed_after_every_task(lab, whole, tasks, changes):
    wrong = [each for task in tasks for each in survives(lab, whole, task, task == tasks[-1], next(changes))]
    assert not wrong, "\n".join(wrong)

#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_lock
short_description: Lock a node, so that one run at a time changes it
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Holds a lock on a node for one run of C(ansible-playbook). All tasks of that run share it.
  - The lock of a run whose process is gone is void if that run was started on this controller; that of a run on another
    controller is void after 15 minutes without a heartbeat. V(held) on a lock that the run holds is its heartbeat.
options:
  state:
    description: >-
      V(held) takes the lock, or fails with the run that holds it; V(free) fails likewise and takes no lock; V(released)
      gives up the lock if this run holds it.
    type: str
    choices: [held, free, released]
    default: held
  wait_seconds: {description: How long to wait for a lock that another run holds., type: float, default: 0}
  broken: {description: The id of a dead run whose lock is to be removed., type: str, default: ""}
  path: {description: File of the lock., type: path, default: /run/ha_lb/lock}
  node: {description: The name of the node in messages., type: str, default: ""}
  run: {description: This run; set by the action plugin., type: dict}
attributes:
  check_mode: {description: Neither takes nor gives up a lock., support: full}
"""
EXAMPLES = r"""
- name: Lock the node, waiting up to 10 minutes
  evenkeel.ha_lb.cluster_lock:
    wait_seconds: 600
"""
RETURN = r"""
id:
  description: The id of this run.
  type: str
  returned: success
holder:
  description: The run that holds the lock.
  type: dict
  returned: when another run holds it
  contains:
    id: {description: Its id., type: str}
    who: {description: Who started it., type: str}
    playbook: {description: What it runs., type: str}
    began: {description: When it began., type: str}
    space: {description: The machine and container in which its process has its number., type: str}
    pid: {description: The number of its process., type: int}
    started: {description: "When that process was started, in ticks since the boot.", type: str}
"""

import fcntl
import os
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.files import content, replace
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.lock import Held, Run, read, taken, text
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.paths import LOCK
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors


@contextmanager
def alone(directory: Path):
    """Let one process at a time read and write the lock; the kernel releases the flock when the process ends."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def settle(path: Path, state: str, run: Run, node: str, broken: str) -> None:
    """Take, check or give up the lock; raises Held when another run holds it."""
    if state != "held" and not path.exists():
        return
    with alone(path.parent):
        found = read(content(path))
        if state == "released":
            if found and found.run.id == run.id:
                path.unlink()
            return
        lock = taken(found, run, node, time.clock_gettime(time.CLOCK_BOOTTIME), broken)
        if state == "held":
            replace(path, text(lock), "0600", "root")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["held", "free", "released"], "default": "held"},
            "wait_seconds": {"type": "float", "default": 0},
            "broken": {"type": "str", "default": ""},
            "path": {"type": "path", "default": LOCK},
            "node": {"type": "str", "default": ""},
            "run": {"type": "dict"},
        },
        supports_check_mode=True,
    )
    params = module.params
    with domain_errors(module):
        run = Run(**{**params["run"], "pid": int(params["run"]["pid"])})
        try:
            if not module.check_mode:
                settle(Path(params["path"]), params["state"], run, params["node"], params["broken"])
        except Held as held:
            module.fail_json(msg=str(held), holder={"id": held.lock.run.id, **asdict(held.lock.run)})
        module.exit_json(changed=False, id=run.id)


if __name__ == "__main__":
    main()

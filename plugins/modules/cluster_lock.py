#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_lock
short_description: One run at a time changes a node
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Holds a lock on a node for the run of a playbook. It is the same in every task of that run.
  - A run of the same controller whose process is gone has lost its lock; a run of another one, when it gave no sign of
    life for 15 minutes. V(held) on a lock that is held is a sign of life.
options:
  state:
    description: >-
      V(held) takes the lock, or fails and says who has it; V(free) fails like that, and takes none; V(released) gives
      up the lock if it is that of this run.
    type: str
    choices: [held, free, released]
    default: held
  wait_seconds: {description: How long to wait for a lock that another run holds., type: float, default: 0}
  broken: {description: The id of a run that is dead; its lock is taken away., type: str, default: ""}
  path: {description: Where the lock is., type: path, default: /run/ha_lb/lock}
  node: {description: The name of the node in messages., type: str, default: ""}
  run: {description: This run; the controller fills it in., type: dict}
attributes:
  check_mode: {description: Takes no lock and gives none up., support: full}
"""
EXAMPLES = r"""
- name: Nobody else changes the node until the end
  evenkeel.ha_lb.cluster_lock:
    wait_seconds: 600
"""
RETURN = r"""
id:
  description: The id of this run.
  type: str
  returned: success
holder:
  description: The run that has the lock.
  type: dict
  returned: when another one has it
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
    """Let one process at a time look and write; the kernel ends that with the process."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def settle(path: Path, state: str, run: Run, node: str, broken: str) -> None:
    """Bring the wanted state about."""
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

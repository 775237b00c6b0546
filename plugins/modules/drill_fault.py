#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: drill_fault
short_description: Break something on a host that mends itself after some seconds
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Runs the fault in a transient unit of systemd that mends the host when it ends, whatever ends it.
  - For the playbook C(drill), which asks for consent first.
options:
  state:
    description:
      - V(broken) starts the unit and returns before the fault begins. V(watched) returns when the host is mended; if
        the connection to the controller is lost, it mends the host at once. V(mended) mends at once and returns the
        times; on a host without a fault it does nothing.
    type: str
    choices: [broken, watched, mended]
    required: true
  drill: {description: Name of the drill., type: str}
  settings: {description: Variables of the drill's shell., type: dict, default: {}}
  lead_seconds: {description: How long to wait before the fault., type: float, default: 0}
  hold_seconds: {description: How long the fault lasts., type: float, default: 5}
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Kill the proxy
  evenkeel.ha_lb.drill_fault:
    state: broken
    drill: proxy_killed
    settings: {proxy: haproxy}
"""
RETURN = r"""
broken:
  description: When the fault began, in seconds since the epoch; null if it did not.
  type: float
  returned: with state V(mended)
mended:
  description: When mending began, in seconds since the epoch; null if it did not.
  type: float
  returned: with state V(mended)
failed_to_break:
  description: Whether the host could not be broken.
  type: bool
  returned: with state V(mended)
lacks:
  description: Commands that the drill needs and the host does not have; if there are any, nothing is broken.
  type: list
  elements: str
  returned: with state V(broken)
"""

import select
import shutil
import sys
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.schema import unknown_key
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.drill.catalogue import BY_NAME
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.drill.fault import (
    FOLDER,
    UNIT,
    plan_of,
    read_log,
)

POLL_MS = 250


def break_host(module: AnsibleModule, folder: Path) -> None:
    params = module.params
    drill = BY_NAME.get(params["drill"])
    if not drill:
        module.fail_json(msg=unknown_key(params["drill"], BY_NAME, f"no drill {params['drill']!r}"))
    lacks = [name for name in drill.needs if not module.get_bin_path(name)]
    if lacks or module.check_mode:
        module.exit_json(changed=not lacks, lacks=lacks)
    if module.run_command(["systemctl", "is-active", UNIT])[0] == 0:
        module.fail_json(msg=f"another drill is under way here: wait for its end, or systemctl stop {UNIT}")
    plan = plan_of(drill, params["settings"], params["lead_seconds"], params["hold_seconds"])
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, text in plan.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    status, _output, complaint = module.run_command(plan.command)
    if status:
        module.fail_json(msg=f"systemd does not run the drill, and nothing was broken: {complaint.strip()}")
    module.exit_json(changed=True, lacks=[])


def watch(module: AnsibleModule, folder: Path) -> None:
    # With an empty mask, poll() reports only POLLHUP and POLLERR: the SSH connection is gone
    output = select.poll()
    output.register(sys.__stdout__.fileno(), 0)
    while module.run_command(["systemctl", "is-active", UNIT])[0] == 0:
        if output.poll(POLL_MS):
            module.run_command(["systemctl", "stop", UNIT])
    module.exit_json(changed=False)


def mend(module: AnsibleModule, folder: Path) -> None:
    if not module.check_mode:
        module.run_command(["systemctl", "stop", UNIT])
    log = folder / "log"
    times = read_log(log.read_text(encoding="utf-8") if log.exists() else "")
    changed = folder.exists()
    if not module.check_mode:
        shutil.rmtree(folder, ignore_errors=True)
    module.exit_json(changed=changed, broken=times.broken, mended=times.mended, failed_to_break=times.failed)


STATES = {"broken": break_host, "watched": watch, "mended": mend}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": list(STATES), "required": True},
            "drill": {"type": "str"},
            "settings": {"type": "dict", "default": {}},
            "lead_seconds": {"type": "float", "default": 0},
            "hold_seconds": {"type": "float", "default": 5},
        },
        required_if=[("state", "broken", ["drill"])],
        supports_check_mode=True,
    )
    with domain_errors(module):
        STATES[module.params["state"]](module, Path(FOLDER))


if __name__ == "__main__":
    main()

#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vrrp_info
short_description: State, effective priority and held addresses of every VRRP instance on a host
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Asks keepalived for its status (signal C(SIGRTMIN+2)) and the kernel for the addresses. Changes nothing.
options:
  path: {description: Where keepalived writes its status., type: path, default: /run/keepalived/keepalived.json}
  pid_file: {description: Where keepalived writes its process id., type: path, default: /run/keepalived.pid}
  addresses:
    description: VIPs to look for on the host, whatever keepalived says; with or without prefix length.
    type: list
    elements: str
    default: []
  check_port: {description: Port on loopback where the proxy answers to health checks., type: int, default: 8405}
  wait_for:
    description:
      - What to wait for, at most O(wait_seconds); if it does not come, the module fails.
      - V(settled) means that every instance is active, backup or in fault; V(fit), that none is in fault, the proxy
        answers, keepalived has an inotify instance to watch its tracked files, and every instance has heard an advert,
        as a backup, or sent one, as the active. For that it waits two advert intervals longer, if need be.
    type: str
    choices: [nothing, settled, fit]
    default: nothing
  wait_seconds: {description: How long to wait., type: float, default: 20}
  peers_run:
    description:
      - Names of the instances that some peer runs. A backup of another one hears no advert, and is V(fit) without.
      - Empty means all of them.
    type: list
    elements: str
    default: []
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Who holds what
  evenkeel.ha_lb.vrrp_info:
  register: vrrp
"""
RETURN = r"""
running:
  description: Whether keepalived runs.
  type: bool
  returned: success
proxy:
  description: C(ok) when the proxy answers to health checks, else what is wrong.
  type: str
  returned: success
instances:
  description: >-
    C(name), C(vrid), C(interface), C(state), C(priority), C(effective_priority), C(since) (seconds since the epoch),
    C(addresses), C(held) (those that are on the host), C(became_active), C(released), C(advert_interval) (seconds, of
    the active), C(adverts_received), C(adverts_sent).
  type: list
  elements: dict
  returned: success
drain:
  description: >-
    C(value) that is added to the priority (0: in service), C(since) (seconds since the epoch), C(survives_reboot),
    C(by) (the playbook that drained it for a while; empty: people); null on a host that was not set up by us.
  type: dict
  returned: success
units:
  description: Units that have a drop-in of this collection.
  type: list
  elements: str
  returned: success
held:
  description: All VIPs, of the instances and of O(addresses), that are on the host.
  type: list
  elements: str
  returned: success, and when keepalived does not answer
"""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.address import bare
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.drain import DrainFiles
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.errors import HaLbError
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.dump import (
    held_addresses,
    instance_states,
    lacking,
    patience,
    watches_files,
)
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.probe import health

UNITS = Path("/etc/systemd/system")
DRAIN = DrainFiles(Path("/run/ha_lb/drain"), Path("/etc/tmpfiles.d/00-ha_lb-drain.conf"))


def ask_keepalived(module: AnsibleModule) -> Any:
    try:
        return instance_states(Path(module.params["pid_file"]), Path(module.params["path"]))
    except HaLbError as error:
        # A keepalived that stands still keeps its VIPs
        here = held_addresses(module.run_command)
        return module.fail_json(msg=str(error), held=sorted(here.intersection(map(bare, module.params["addresses"]))))


def wait(module: AnsibleModule) -> Any:
    seconds = module.params["wait_seconds"]
    begin = time.monotonic()
    first = None
    while True:
        states = ask_keepalived(module)
        proxy = health(module.params["check_port"])
        drain = DRAIN.read()
        missing = lacking(
            module.params["wait_for"],
            states,
            proxy,
            first,
            drained=drain is not None and drain.value != 0,
            watching=watches_files(Path(module.params["pid_file"])),
            peers_run=module.params["peers_run"],
        )
        if not missing:
            return states, proxy
        waited = time.monotonic() - begin
        if waited > seconds + patience(states):
            module.fail_json(msg=f"after {waited:.0f} s, {missing}")
        first = first or states
        time.sleep(0.1)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "default": "/run/keepalived/keepalived.json"},
            "pid_file": {"type": "path", "default": "/run/keepalived.pid"},
            "addresses": {"type": "list", "elements": "str", "default": []},
            "check_port": {"type": "int", "default": 8405},
            "wait_for": {"type": "str", "choices": ["nothing", "settled", "fit"], "default": "nothing"},
            "wait_seconds": {"type": "float", "default": 20},
            "peers_run": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    params = module.params
    with domain_errors(module):
        states, proxy = wait(module)
        here = held_addresses(module.run_command)
        drain = DRAIN.read()
        for each in states or ():
            each["held"] = [address for address in each["addresses"] if bare(address) in here]
        wanted = {bare(address) for each in states or () for address in each["addresses"]}
        wanted.update(map(bare, params["addresses"]))
        module.exit_json(
            changed=False,
            running=states is not None,
            proxy=proxy,
            instances=states or [],
            held=sorted(wanted & here),
            drain=asdict(drain) if drain else None,
            units=sorted(path.parent.name.partition(".")[0] for path in UNITS.glob("*.service.d/ha_lb.conf")),
        )


if __name__ == "__main__":
    main()

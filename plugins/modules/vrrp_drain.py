#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vrrp_drain
short_description: Drain a node, or bring it back into service, without touching a daemon
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Writes a number that keepalived adds to the priority of this node, and waits until the VIPs have moved.
  - For O(shed_seconds) before the VIPs leave, haproxy asks its clients to open another connection. Before the node is
    brought back, haproxy must have learned the stick tables of its peers.
  - Does not check whether another node can take over; the playbooks C(drain) and C(restore) do.
options:
  value:
    description: The number to add to the priority; 0 ends a drain, -253 puts the node below every peer, -254 is FAULT.
    type: int
    required: true
  addresses:
    description: The VIPs to wait for - until they have left, or, with O(value=0), until they have come.
    type: list
    elements: str
    default: []
  wait_seconds: {description: How long to wait., type: float, default: 20}
  by:
    description: >-
      The playbook that drains the node for a while, so that a later run finds one that was killed; empty for people.
    type: str
    choices: ["", upgrade, remove]
    default: ""
  survives_reboot: {description: Whether the node is still drained after a reboot., type: bool, default: false}
  shed_seconds: {description: How long clients are asked before the VIPs leave., type: float, default: 2}
  admin_socket: {description: The admin socket of haproxy., type: path, default: /run/haproxy/admin.sock}
  path: {description: The file that keepalived tracks., type: path, default: /run/ha_lb/drain}
  at_boot:
    description: The file of tmpfiles.d(5) for O(survives_reboot).
    type: path
    default: /etc/tmpfiles.d/00-ha_lb-drain.conf
attributes:
  check_mode: {description: Returns whether anything would change., support: full}
"""
EXAMPLES = r"""
- name: Drain this node
  evenkeel.ha_lb.vrrp_drain:
    value: -253
    addresses: [192.0.2.10]
"""
RETURN = r"""
value:
  description: The number that is added to the priority now.
  type: int
  returned: success
"""

import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.address import bare
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.engines.haproxy.admin_socket import ask, shed, unlearned
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.drain_file import (
    FOR_A_WHILE,
    Drain,
    DrainFiles,
    set_drain,
)
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.paths import DRAIN, DRAIN_AT_BOOT
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.live.dump import held_addresses
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import roots_rights


def prepare(module: AnsibleModule, admin: Path, held: set) -> None:
    """Before a drain, let haproxy ask clients to reconnect; before a return, wait for the stick tables of its peers."""
    params = module.params
    if params["value"]:
        if held.intersection(map(bare, params["addresses"])):
            shed(admin, True)
            time.sleep(params["shed_seconds"])
        return
    deadline = time.monotonic() + params["wait_seconds"]
    while time.monotonic() < deadline and unlearned(ask(admin, "show peers")):
        time.sleep(0.1)
    names = unlearned(ask(admin, "show peers"))
    if names:
        module.fail_json(
            msg=f"after {params['wait_seconds']:g} s haproxy has not learned the stick tables of peers "
            f"{' and '.join(names)}, and the node stays drained: see that the nodes reach each other on their port"
        )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "value": {"type": "int", "required": True},
            "addresses": {"type": "list", "elements": "str", "default": []},
            "wait_seconds": {"type": "float", "default": 20},
            "by": {"type": "str", "choices": ["", *FOR_A_WHILE], "default": ""},
            "survives_reboot": {"type": "bool", "default": False},
            "shed_seconds": {"type": "float", "default": 2},
            "admin_socket": {"type": "path", "default": "/run/haproxy/admin.sock"},
            "path": {"type": "path", "default": DRAIN},
            "at_boot": {"type": "path", "default": DRAIN_AT_BOOT},
        },
        supports_check_mode=True,
    )
    params = module.params
    files = DrainFiles(Path(params["path"]), Path(params["at_boot"]))
    admin = Path(params["admin_socket"])
    wanted = Drain(params["value"], 0, params["survives_reboot"], params["by"] if params["value"] else "")

    def held() -> set:
        return held_addresses(module.run_command)

    with roots_rights(module):
        if files.read() and not module.check_mode:
            prepare(module, admin, held())
        try:
            changed = set_drain(files, wanted, params["addresses"], held, params["wait_seconds"], dry=module.check_mode)
        finally:
            # The VIPs have moved or stay: clients need not reconnect any more
            if not module.check_mode:
                shed(admin, False)
        module.exit_json(changed=changed, value=params["value"])


if __name__ == "__main__":
    main()

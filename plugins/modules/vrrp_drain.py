#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vrrp_drain
short_description: Take a node out of service, or bring it back, without touching a service
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Writes a number that keepalived adds to the priority of this node, and waits until the VIPs have moved.
  - Does not ask whether another node can take over; the playbooks C(drain) and C(restore) do.
options:
  value:
    description: What is added to the priority; 0 brings the node back, -253 puts it below every peer, -254 is FAULT.
    type: int
    required: true
  addresses:
    description: The VIPs that are to leave, or, with O(value=0), to come. Those that are not waited for stay out of it.
    type: list
    elements: str
    default: []
  wait_seconds: {description: How long to wait., type: float, default: 20}
  survives_reboot: {description: Whether the node is still drained after a reboot., type: bool, default: false}
  path: {description: The file that keepalived tracks., type: path, default: /run/ha_lb/drain}
  at_boot:
    description: Where O(survives_reboot) is written down.
    type: path
    default: /etc/tmpfiles.d/00-ha_lb-drain.conf
attributes:
  check_mode: {description: Says whether anything would change., support: full}
"""
EXAMPLES = r"""
- name: Take this node out of service
  evenkeel.ha_lb.vrrp_drain:
    value: -253
    addresses: [192.0.2.10]
"""
RETURN = r"""
value:
  description: What is added to the priority now.
  type: int
  returned: success
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.drain import Drain, DrainFiles, set_drain
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.dump import held_addresses
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "value": {"type": "int", "required": True},
            "addresses": {"type": "list", "elements": "str", "default": []},
            "wait_seconds": {"type": "float", "default": 20},
            "survives_reboot": {"type": "bool", "default": False},
            "path": {"type": "path", "default": "/run/ha_lb/drain"},
            "at_boot": {"type": "path", "default": "/etc/tmpfiles.d/00-ha_lb-drain.conf"},
        },
        supports_check_mode=True,
    )
    params = module.params
    files = DrainFiles(Path(params["path"]), Path(params["at_boot"]))
    wanted = Drain(params["value"], 0, params["survives_reboot"])
    with domain_errors(module):
        changed = set_drain(
            files,
            wanted,
            params["addresses"],
            lambda: held_addresses(module.run_command),
            params["wait_seconds"],
            module.check_mode,
        )
        module.exit_json(changed=changed, value=params["value"])


if __name__ == "__main__":
    main()

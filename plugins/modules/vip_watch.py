#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vip_watch
short_description: Record when a host holds which VIP
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Listens to the kernel's changes of addresses for some seconds. Needs C(ip) of iproute2. Changes nothing.
options:
  addresses: {description: 'The VIPs, with or without prefix length.', type: list, elements: str, required: true}
  seconds: {description: 'How long to listen, from 1 to 600.', type: float, required: true}
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Record for a minute when the host holds the VIP
  evenkeel.ha_lb.vip_watch:
    addresses: [192.0.2.10]
    seconds: 60
"""
RETURN = r"""
sights:
  description: One for the beginning and one for every change.
  type: list
  elements: dict
  returned: success
  contains:
    at: {description: "When, in seconds since the epoch.", type: float}
    held: {description: The addresses that the host had., type: list, elements: str}
until:
  description: When it ended, in seconds since the epoch.
  type: float
  returned: success
"""

import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.address import bare
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.drill.holding import watch


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "addresses": {"type": "list", "elements": "str", "required": True},
            "seconds": {"type": "float", "required": True},
        },
        supports_check_mode=True,
    )
    seconds = module.params["seconds"]
    if not 1 <= seconds <= 600:
        module.fail_json(msg=f"seconds: {seconds:g} is not a number of seconds from 1 to 600")
    sights: list[dict[str, Any]] = []
    with domain_errors(module):
        watch(set(map(bare, module.params["addresses"])), sights.append, seconds)
    module.exit_json(changed=False, sights=sights, until=time.time())


if __name__ == "__main__":
    main()

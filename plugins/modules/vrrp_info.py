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
notes: [Where Ansible pipelines, C(/usr/bin/python3) of the host runs it without the wrapper of a module.]
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
  returned: success, and when what is waited for does not come, or keepalived does not answer
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.live.look import OPTIONS, look


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    answer = look(module.params)
    if answer.pop("failed", False):
        module.fail_json(**answer)
    module.exit_json(**answer)


if __name__ == "__main__":
    main()

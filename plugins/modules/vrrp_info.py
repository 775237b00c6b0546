#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vrrp_info
short_description: Get state, effective priority and held addresses of every VRRP instance on a host
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Asks keepalived for its status (signal C(SIGRTMIN+2)) and the kernel for the addresses. Changes nothing.
options:
  path: {description: Where keepalived writes its status., type: path, default: /run/keepalived/keepalived.json}
  pid_file: {description: Where keepalived writes its process id., type: path, default: /run/keepalived.pid}
  addresses:
    description: VIPs to look for in the kernel, besides those of keepalived; with or without prefix length.
    type: list
    elements: str
    default: []
  check_port:
    description: Port on loopback where the proxy answers to health checks; V(0), if there is no proxy.
    type: int
    default: 8405
  wait_for:
    description:
      - What to wait for, at most O(wait_seconds); after that, the module fails.
      - V(settled) means that every instance is active, backup or in fault. V(fit) means that none is in fault, the
        proxy answers, keepalived has an inotify instance to watch its tracked files, and every instance has received an
        advert as a backup, or sent one as active; for that it waits up to two advert intervals longer.
    type: str
    choices: [nothing, settled, fit]
    default: nothing
  wait_seconds: {description: How long to wait., type: float, default: 20}
  peers_run:
    description:
      - Names of the instances that at least one peer runs. A backup of any other instance is V(fit) without an advert.
      - An empty list stands for all of them.
    type: list
    elements: str
    default: []
attributes:
  check_mode: {description: Changes nothing., support: full}
notes: ["With Ansible's pipelining, the host's C(/usr/bin/python3) runs it without a module's wrapper."]
"""
EXAMPLES = r"""
- name: Get the VRRP instances
  evenkeel.ha_lb.vrrp_info:
  register: vrrp
"""
RETURN = r"""
running:
  description: Whether keepalived runs.
  type: bool
  returned: success
proxy:
  description: C(ok) if the proxy answers to health checks, C(none) if there is none, else what is wrong.
  type: str
  returned: success
instances:
  description: The instances that it runs.
  type: list
  elements: dict
  returned: success
  contains:
    name: {description: Its name., type: str}
    vrid: {description: Its VRID., type: int}
    interface: {description: Its interface., type: str}
    state: {description: Its state., type: str}
    priority: {description: Its priority as it is configured., type: int}
    effective_priority: {description: Its priority now., type: int}
    since: {description: "Since when it is in this state, in seconds since the epoch.", type: float}
    addresses: {description: "Its addresses, with prefix lengths.", type: list, elements: str}
    held: {description: Those that the kernel has., type: list, elements: str}
    became_active: {description: How often it became active., type: int}
    released: {description: How often it gave up., type: int}
    preempt: {description: Whether it takes over from a lower priority., type: bool}
    preempt_delay: {description: "How long it waits before it does, in seconds.", type: float}
    calm_seconds: {description: "For how long neither its state nor a tracked file has changed.", type: float}
    advert_interval: {description: "The advert interval of the active router, in seconds.", type: float}
    adverts_received: {description: How many adverts it has received., type: int}
    adverts_sent: {description: How many adverts it has sent., type: int}
drain:
  description: Whether the node is drained; null on a host without this collection.
  type: dict
  returned: success
  contains:
    value: {description: "What is added to the priority; 0 in service.", type: int}
    since: {description: "Since when, in seconds since the epoch.", type: float}
    survives_reboot: {description: Whether it is drained after a reboot too., type: bool}
    by: {description: "The playbook that drained it for a while; empty for people.", type: str}
units:
  description: Units that have a drop-in of this collection.
  type: list
  elements: str
  returned: success
held:
  description: All VIPs, of the instances and of O(addresses), that the kernel has.
  type: list
  elements: str
  returned: success, and on failure after O(wait_seconds) or without an answer of keepalived
guard:
  description: What the guard of the node says; it is the agent that looks at keepalived and mends it.
  type: dict
  returned: success, and on failure where the node was looked at
  contains:
    installed: {description: Whether the node has one., type: bool}
    age_seconds: {description: "How old its last sign of life is; null where none runs.", type: float}
    unfit:
      description: The instances that could not take over.
      type: list
      elements: dict
      contains:
        name: {description: Its name., type: str}
        why: {description: A clause., type: str}
    node_unfit: {description: Why none could; empty if nothing is wrong., type: str}
    acts:
      description: What it has done since the node was booted, the last of all at the end.
      type: list
      elements: dict
      contains:
        time: {description: "When, in seconds since the epoch.", type: float}
        age_seconds: {description: How long ago., type: float}
        cause: {description: What was wrong., type: str}
        did: {description: What it did., type: str}
ear:
  description: What the ear of the node says; it is the agent that listens to VRRP, CARP and the owners of VIPs.
  type: dict
  returned: success, and on failure where the node was looked at
  contains:
    installed: {description: Whether the node has one., type: bool}
    age_seconds: {description: "How old its last sign of life is; null where none runs.", type: float}
    listened_seconds: {description: "For how long it has listened; null where none runs.", type: float}
    findings:
      description: What it has heard that must not be.
      type: list
      elements: dict
      contains:
        name: {description: The instance., type: str}
        kind: {description: "C(stranger), C(second_holder), C(foreign_owner) or C(peer_unheard).", type: str}
        message: {description: A sentence., type: str}
        since: {description: "Since when, in seconds since the epoch.", type: float}
    unreached:
      description: The uplinks that the node does not reach.
      type: list
      elements: dict
      contains:
        address: {description: Its address., type: str}
        port: {description: "Its TCP port; null for ICMP.", type: int}
        why: {description: What is wrong., type: str}
        for_seconds: {description: For how long., type: float}
drift:
  description: Files that a unit of this collection should have loaded, and has not.
  type: list
  elements: dict
  returned: success, and on failure where the node was looked at
  contains:
    unit: {description: The unit., type: str}
    path: {description: The file., type: str}
    kind:
      description: >-
        C(loaded) if it has loaded something else than what lies there, C(staged) if what lies there is not what was
        staged last.
      type: str
locked:
  description: Whether a run has the lock of the node, and has given a sign of life.
  type: bool
  returned: success, and on failure where the node was looked at
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

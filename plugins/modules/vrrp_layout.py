#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vrrp_layout
short_description: Lay out virtual addresses over nodes
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Gives every VIP a VRID and an order of nodes, with first choices spread evenly, and every node a priority. Adding a
    node or a VIP at the end of its list changes no VRID and no order of those that were there. Changes nothing.
options:
  nodes:
    description: The nodes, a list of C({name, addresses, ansible_host}).
    type: raw
    required: true
  vips:
    description: The virtual addresses, as C(ha_lb_vips).
    type: raw
    required: true
  vrrp_version: {description: Version of the protocol., type: int, choices: [2, 3], default: 3}
  transport: {description: How adverts travel., type: str, choices: [unicast, multicast], default: unicast}
  advert_interval_seconds: {description: Time between adverts; 0.1 by default and 1 for version 2., type: float}
  down_timer_adverts: {description: Adverts that may be missed., type: int, default: 3}
  sync_groups:
    description: Groups of VIPs that never part, a list of C({name, vips}).
    type: raw
    default: []
  node:
    description: The node whose own view is wanted in RV(instances). Needs O(interfaces).
    type: str
  interfaces:
    description: The interfaces of O(node), as the filter P(evenkeel.ha_lb.interfaces#filter) gives them.
    type: list
    elements: dict
    default: []
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Lay out two VIPs over two nodes
  evenkeel.ha_lb.vrrp_layout:
    nodes:
      - {name: lb1, addresses: [192.0.2.11]}
      - {name: lb2, addresses: [192.0.2.12]}
    vips:
      - {name: web, addresses: [192.0.2.10/24]}
      - {name: api, addresses: [192.0.2.20/24]}
"""
RETURN = r"""
layout:
  description: >-
    C(instances), a list of C({name, vip, family, vrid, priorities, order, addresses, peers, sync_group, interface}),
    and C(sync_groups), the members of each.
  type: dict
  returned: success
takeover_seconds:
  description: Time in which the slowest backup takes over from a node that falls silent.
  type: float
  returned: success
instances:
  description: The instances as O(node) configures them.
  type: list
  elements: dict
  returned: when O(node) is given
findings:
  description: What is wrong, each with C(path) and C(message).
  type: list
  elements: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.layout_result import layout_result
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "nodes": {"type": "raw", "required": True},
            "vips": {"type": "raw", "required": True},
            "vrrp_version": {"type": "int", "choices": [2, 3], "default": 3},
            "transport": {"type": "str", "choices": ["unicast", "multicast"], "default": "unicast"},
            "advert_interval_seconds": {"type": "float"},
            "down_timer_adverts": {"type": "int", "default": 3},
            "sync_groups": {"type": "raw", "default": []},
            "node": {"type": "str"},
            "interfaces": {"type": "list", "elements": "dict", "default": []},
        },
        supports_check_mode=True,
    )
    with domain_errors(module):
        module.exit_json(changed=False, **layout_result(**module.params))


if __name__ == "__main__":
    main()
